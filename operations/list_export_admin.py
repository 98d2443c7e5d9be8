"""Exports of lists: what is being written, what is ready. Each is fetched by the one who asked for it, and no other."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET
from unfold.decorators import display

from operations import audit, list_exports
from operations.audit_display import kind_name
from operations.exported_admin import CONTENT_TYPES
from operations.models import ListExport
from operations.read_only_admin import ReadOnlyAdmin

STATE_COLOURS = {"running": "info", "done": "success", "sent": "success", "failed": "danger", "stopped": "warning"}


@admin.register(ListExport)
class ListExportAdmin(ReadOnlyAdmin):
    list_display = ["shown_list", "format", "shown_state", "done", "asked_by", "created_at", "finished_at"]
    list_filter = ["state", "format"]
    list_select_related = ["asked_by"]
    search_fields = ["list_label__startswith", "asked_by__username__exact"]
    search_help_text = gettext_lazy("The beginning of a list's name, such as members.member, or who asked for it")
    ordering = ["-id"]

    class Media:
        css = {"all": ["members/imports.css"]}

    def get_urls(self) -> list[URLPattern]:
        own = {"progress": require_GET(self.progress_now), "file": require_GET(self.download), "stop": self.stop}
        return [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"operations_listexport_{name}")
            for name, view in own.items()
        ] + super().get_urls()

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListExport]:
        """All of them for administrators, each one's own for everybody else."""
        exports = super().get_queryset(request)
        return exports if request.user.is_superuser else exports.filter(asked_by=request.user.pk)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Who may export sees what became of it.
        return request.user.has_perm(list_exports.TO_EXPORT) or super().has_view_permission(request, obj)

    @display(description=pgettext_lazy("of rows", "list"), ordering="list_label")
    def shown_list(self, export: ListExport) -> str:
        return kind_name(export.list_label)

    @display(description=gettext_lazy("state"), label=STATE_COLOURS)
    def shown_state(self, export: ListExport) -> tuple[str, str]:
        return export.state, export.get_state_display()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        export = self.get_object(request, object_id)
        if export is None:
            raise Http404
        if not self.has_view_permission(request, export):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | self._shown(request, export)
        context |= {"title": _("Export"), "subtitle": kind_name(export.list_label), "opts": self.opts}
        context |= {"media": self.media, "list_page": reverse("admin:operations_listexport_changelist")}
        return TemplateResponse(request, "admin/operations/list_export.html", context)

    def progress_now(self, request: HttpRequest, pk: int) -> HttpResponse:
        export = self._own(request, pk)
        return TemplateResponse(request, "admin/operations/list_export_progress.html", self._shown(request, export))

    def stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        export = self._own(request, pk)
        if request.method == "POST" and not list_exports.stop(export, by=request.user, now=timezone.now()):
            self.message_user(request, _("The export has ended already."), messages.WARNING)
        return HttpResponseRedirect(reverse("admin:operations_listexport_change", args=[pk]))

    def download(self, request: HttpRequest, pk: int) -> FileResponse:
        """Send the file to the one who asked for it, if they may still see the list. On record, each time."""
        export = self._own(request, pk)
        if export.asked_by_id != request.user.pk or export.asked_by is None:
            raise PermissionDenied
        try:
            list_exports.asked_anew(export, export.asked_by)
        except LookupError:
            raise Http404 from None
        if export.state != ListExport.State.DONE:
            raise Http404
        audit.record("list_export.downloaded", export, by=request.user, now=timezone.now())
        name = f"{export.list_label.replace('.', '-')}-{export.pk}.{export.format}"
        answer = FileResponse(
            export.file.open("rb"), as_attachment=True, filename=name, content_type=CONTENT_TYPES[export.format]
        )
        answer.headers["Cache-Control"] = "private, no-store"
        return answer

    def _own(self, request: HttpRequest, pk: int) -> ListExport:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request).select_related("asked_by"), pk=pk)

    def _shown(self, request: HttpRequest, export: ListExport) -> dict[str, Any]:
        return {
            "export": export,
            "list_name": kind_name(export.list_label),
            "may_download": export.asked_by_id == request.user.pk and export.state == ListExport.State.DONE,
        }
