"""The button and the page by which a list is taken along as a file."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminRadioSelectWidget

from operations import list_exports, list_files
from operations.estimated_counts import rounded
from operations.list_columns import exported_columns, titles
from operations.models import ListExport

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class FormatForm(forms.Form):
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=ListExport.Format.choices,
        initial=ListExport.Format.XLSX,
        widget=UnfoldAdminRadioSelectWidget,
    )


class ExportedAdmin(ModelAdmin):
    """What the list shows, all pages of it, as a file. `export_display` names other columns than the list has."""

    export_display: Sequence[str] | None = None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        return [
            path("list-export/", view, name=f"{self.opts.app_label}_{self.opts.model_name}_list_export"),
            *super().get_urls(),
        ]

    def export_rows(self, rows: list[Any]) -> list[Any]:
        """Return the rows with whatever their columns need, asked for once for all of them."""
        return rows

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may = list_exports.may_export(request, self)
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_list_export") if may else None
        return super().changelist_view(request, (extra_context or {}) | {"export_address": address})

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Say what will be in the file and ask for the format; then send the file, or have it written."""
        if not list_exports.may_export(request, self):
            raise PermissionDenied
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        # A template of a cell may need what the list's own view prepares.
        self.prepare_export(request)
        try:
            shown = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(f"{back}?e=1")
        form = FormatForm(request.POST or None)
        if form.is_valid():
            return self._export(request, shown, form)
        names = exported_columns(self, request)
        context = self.admin_site.each_context(request) | {
            "title": _("Export"),
            "subtitle": str(self.opts.verbose_name_plural),
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "columns": titles(self, names),
            "count": rounded(shown.result_count) if shown.paginator.is_estimate else shown.result_count,
            "estimated": shown.paginator.is_estimate,
            "at_once": self._at_once(shown),
            "most_xlsx": list_files.MOST_XLSX_ROWS,
            "narrowed": bool(shown.query or shown.has_active_filters),
            "back": f"{back}?{request.GET.urlencode()}",
        }
        return TemplateResponse(request, "admin/operations/export_list.html", context)

    def prepare_export(self, request: HttpRequest) -> None:
        """Make ready what the columns of the list read from the admin itself."""

    @staticmethod
    def _at_once(shown: Any) -> bool:
        return not shown.paginator.is_estimate and shown.result_count <= list_exports.AT_ONCE

    def _export(self, request: HttpRequest, shown: Any, form: FormatForm) -> HttpResponse:
        given, now = form.cleaned_data["format"], timezone.now()
        # One more than may be: the list may have grown since it was counted, and no file is cut without a word.
        most = list_exports.AT_ONCE
        rows = list_exports.part(self, shown.queryset, after="", most=most + 1) if self._at_once(shown) else []
        if not self._at_once(shown) or len(rows) > most:
            if given == ListExport.Format.XLSX and shown.paginator.counted > list_files.MOST_XLSX_ROWS:
                self.message_user(request, list_exports.too_long_for_excel(), messages.ERROR)
                return HttpResponseRedirect(request.get_full_path())
            running = ListExport.State.RUNNING
            export = list_exports.begin(
                self, request, format=given, expected=shown.result_count, state=running, now=now
            )
            return HttpResponseRedirect(reverse("admin:operations_listexport_change", args=[export.pk]))
        content = list_exports.written_at_once(self, request, format=given, rows=rows)
        list_exports.begin(self, request, format=given, expected=len(rows), state=ListExport.State.SENT, now=now)
        return as_file(content, f"{self.opts.model_name}-{timezone.localtime(now):%Y%m%d-%H%M}", given)


def as_file(content: Any, name: str, format: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=CONTENT_TYPES[format])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
