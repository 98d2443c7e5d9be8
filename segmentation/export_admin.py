"""Files of a segment's members: ask for one, watch it being written, fetch it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from operations import audit
from operations.read_only_admin import ReadOnlyAdmin
from segmentation import exports
from segmentation.models import MemberExport, Segment
from segmentation.own_pages import STYLES, OwnPages, existing, require
from segmentation.uid_list_admin import as_csv

TO_EXPORT = "segmentation.export_segment"
STATE_COLOURS = {"running": "primary", "done": "success", "failed": "danger"}


class ExportForm(forms.Form):
    segment = forms.ModelChoiceField(
        Segment.objects.filter(members__isnull=False),
        label=gettext_lazy("Segment or package"),
        widget=UnfoldAdminSelectWidget,
    )
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns beside the uid"),
        choices=[("name", gettext_lazy("Name")), ("level", gettext_lazy("Level"))],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


class ExportsMembers(ModelAdmin):
    """Inherit from this to give an admin of segments the button."""

    def has_export_members_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm(TO_EXPORT)

    @action(
        description=gettext_lazy("Export members"), url_path="export", icon="download", permissions=["export_members"]
    )
    def export_members(self, request: HttpRequest, object_id: int) -> HttpResponse:
        segment = existing(self, request, object_id)
        return redirect(f"{reverse('admin:segmentation_memberexport_new')}?segment={segment.pk}")


@admin.register(MemberExport)
class MemberExportAdmin(OwnPages, ReadOnlyAdmin):
    list_display = ["segment_name", "shown_state", "progress", "size", "asked_by", "created_at", "finished_at"]
    search_fields = ["segment_name", "asked_by"]
    list_filter = ["state"]
    actions_list = ["begin"]

    class Media:
        css = STYLES

    def has_begin_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(TO_EXPORT)

    @action(description=gettext_lazy("Export members"), icon="download", permissions=["begin"], url_path="begin")
    def begin(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:segmentation_memberexport_new")

    @display(description=gettext_lazy("state"), ordering="state", label=STATE_COLOURS)
    def shown_state(self, export: MemberExport) -> tuple[str, str]:
        return export.state, export.get_state_display()

    @display(description=gettext_lazy("progress"))
    def progress(self, export: MemberExport) -> SafeString:
        return render_to_string("admin/members/import_bar.html", {"run": export})

    def get_urls(self) -> list[URLPattern]:
        return [
            self.route("new/", self.new, "new"),
            self.route("<int:pk>/progress/", require_GET(self.progress_now), "progress"),
            self.route("<int:pk>/file/", require_GET(self.download), "file"),
            *super().get_urls(),
        ]

    def new(self, request: HttpRequest) -> HttpResponse:
        require(request, TO_EXPORT)
        form = ExportForm(request.POST or None, initial={"segment": request.GET.get("segment")})
        if form.is_valid():
            given = form.cleaned_data
            now = timezone.now()
            export = exports.request_export(given["segment"], given["columns"], by=request.user, now=now)
            return redirect("admin:segmentation_memberexport_change", export.pk)
        return self.page(request, "export_new", _("Export members"), form=form)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        export = self.get_object(request, object_id)
        if export is None:
            raise Http404
        require(request, "segmentation.view_memberexport")
        return self.page(request, "export", str(export.segment_name), **self._shown(request, export))

    def progress_now(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "segmentation.view_memberexport")
        return self.page(request, "export_progress", "", **self._shown(request, get_object_or_404(MemberExport, pk=pk)))

    def download(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        require(request, TO_EXPORT, "segmentation.view_memberexport")
        export = get_object_or_404(MemberExport, pk=pk, state=MemberExport.State.DONE)
        audit.record("member_export.downloaded", export, by=request.user, now=timezone.now())
        return as_csv(FileResponse(export.file.open("rb")), f"{export.segment_name}.csv")  # type: ignore[arg-type]

    def _shown(self, request: HttpRequest, export: MemberExport) -> dict[str, Any]:
        return {"export": export, "may_download": request.user.has_perm(TO_EXPORT)}
