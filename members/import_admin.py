"""Importing files in the admin: upload, look at it, start, watch, fetch what was refused."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from unfold.decorators import action, display

from members import import_files, import_screens, importing, imports
from members.csv_checks import ENCODINGS
from members.csv_files import SEPARATORS, CsvFile, FileError
from members.import_forms import ReadingForm, UploadForm, kinds_for, may_import
from members.models import ImportRun
from operations import audit
from operations.read_only_admin import ReadOnlyAdmin

STATE_COLOURS = {"uploaded": "info", "running": "primary", "done": "success", "failed": "danger"}


class ImportButton:
    """Puts a button over the list of what a kind of import brings in."""

    import_kind = ""
    actions_list = ["import_file"]

    def has_import_file_permission(self, request: HttpRequest) -> bool:
        return may_import(request.user, self.import_kind) if self.import_kind else bool(kinds_for(request.user))

    @action(description=gettext_lazy("Import"), icon="upload", permissions=["import_file"], url_path="import-file")
    def import_file(self, request: HttpRequest) -> HttpResponse:
        query = f"?kind={self.import_kind}" if self.import_kind else ""
        return redirect(reverse("admin:members_importrun_upload") + query)


class KindFilter(admin.SimpleListFilter):
    title = gettext_lazy("kind of facts")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, imports.title_of(kind)) for kind in imports.kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ImportRun]) -> QuerySet[ImportRun]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(ImportRun)
class ImportRunAdmin(ImportButton, ReadOnlyAdmin):
    list_display = [
        "name", "shown_kind", "shown_state", "progress", "shown_rows", "shown_rejected", "uploaded_by", "created_at"
    ]  # fmt: skip
    list_filter = ["state", KindFilter]
    list_select_related = ["uploaded_by"]
    search_fields = ["name__startswith"]
    search_help_text = gettext_lazy("The beginning of the file name")
    ordering = ["-id"]

    class Media:
        css = {"all": ["members/imports.css"]}

    def has_view_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:
        return super().has_view_permission(request, obj) or request.user.has_perm("members.start_importrun")

    @display(description=gettext_lazy("kind of facts"), ordering="kind")
    def shown_kind(self, run: ImportRun) -> str:
        return imports.title_of(run.kind)

    @display(description=gettext_lazy("state"), ordering="state", label=STATE_COLOURS)
    def shown_state(self, run: ImportRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description=gettext_lazy("rows read"), ordering="rows_read")
    def shown_rows(self, run: ImportRun) -> str:
        return intcomma(run.rows_read)

    @display(description=gettext_lazy("rejected"), ordering="rejected")
    def shown_rejected(self, run: ImportRun) -> str:
        return intcomma(run.rejected)

    @display(description=gettext_lazy("progress"))
    def progress(self, run: ImportRun) -> SafeString:
        return render_to_string("admin/members/import_bar.html", {"run": run})

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"members_importrun_{name}")

        own = [
            page("upload/", self.upload, "upload"),
            page("template/<slug:kind>/", require_GET(self.template_file), "template"),
            page("<int:pk>/check/", self.check_columns, "check"),
            page("<int:pk>/progress/", require_GET(self.progress_now), "progress"),
            page("<int:pk>/rejects/", require_GET(self.rejects), "rejects"),
            page("<int:pk>/cancel/", require_POST(self.cancel), "cancel"),
            page("<int:pk>/resume/", require_POST(self.resume), "resume"),
        ]
        return own + super().get_urls()

    def upload(self, request: HttpRequest) -> HttpResponse:
        if not kinds_for(request.user):
            raise PermissionDenied
        posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = UploadForm(*posted, initial={"kind": request.GET.get("kind")}, user=request.user)
        if form.is_valid():
            given = form.cleaned_data
            try:
                run = importing.upload(given["kind"], given["file"], by=request.user, now=timezone.now())
                return redirect("admin:members_importrun_check", run.pk)
            except FileError as error:
                form.add_error("file", str(error))
        return self._page(request, "upload", _("Import a file"), form=form, guides=import_screens.guides(request.user))

    def template_file(self, request: HttpRequest, kind: str) -> HttpResponse:
        if not may_import(request.user, kind):
            raise PermissionDenied
        return _as_download(
            HttpResponse(import_files.template_as_csv(imports.importer_of(kind), now=timezone.now())), f"{kind}.csv"
        )

    def check_columns(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show how the file is read; `start` in the form starts it, anything else shows it anew."""
        run = self._run_for(request, pk)
        if run.state != ImportRun.State.UPLOADED or not run.is_kept:
            return redirect("admin:members_importrun_change", run.pk)
        try:
            return self._check_columns(request, run)
        except FileError as gone:
            # The file is no more on the disk that web and workers share.
            self.message_user(request, str(gone), messages.ERROR)
            return redirect("admin:members_importrun_changelist")

    def _check_columns(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        file, fault = _file_as_asked(run, request)
        form = _reading_form(run, file, request)
        if "start" in request.POST and not fault and not form.fault():
            try:
                importing.start(run, form.reading(), by=request.user, now=timezone.now())
                return redirect("admin:members_importrun_change", run.pk)
            except FileError as error:
                fault = str(error)
            except importing.NotPossible:
                return redirect("admin:members_importrun_change", run.pk)
        shown = import_screens.check_screen(run, file, form, now=timezone.now())
        said = {"fault": fault, "tried": "start" in request.POST, "note": import_screens.reading_note(run)}
        return self._page(request, "check", _("Check the file"), run=run, form=form, file=file, **said, **shown)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        run = self.get_object(request, object_id)
        if run is None:
            raise Http404
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        if run.state == ImportRun.State.UPLOADED and run.is_kept and may_import(request.user, run.kind):
            return redirect("admin:members_importrun_check", run.pk)
        shown = import_screens.run_screen(run, request.user, now=timezone.now())
        return self._page(request, "run", _("Import"), **shown)

    def progress_now(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the part of the page that changes while workers are at it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(ImportRun.objects.select_related("uploaded_by"), pk=pk)
        shown = import_screens.run_screen(run, request.user, now=timezone.now())
        return TemplateResponse(request, "admin/members/import_progress.html", shown)

    def rejects(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        run = self._run_for(request, pk)
        if not run.is_kept:
            raise Http404
        try:
            titles = importing.open_file(run).titles
        except FileError as gone:
            raise Http404(str(gone)) from None
        audit.record("import_run.rejects_downloaded", run, by=request.user, now=timezone.now())
        name = f"{run.name.rpartition('.')[0] or run.name}-{_('rejected rows')}.csv"
        return _as_download(StreamingHttpResponse(import_files.rejects_as_csv(run, titles)), name)

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._change(request, pk, importing.cancel, _("The import is cancelled."))

    def resume(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._change(request, pk, importing.resume, _("The import goes on where it stopped."))

    def _change(self, request: HttpRequest, pk: int, change: Callable[..., None], said: str) -> HttpResponse:
        run = self._run_for(request, pk)
        try:
            change(run, by=request.user, now=timezone.now())
            self.message_user(request, said, messages.SUCCESS)
        except importing.NotPossible:
            self.message_user(request, _("That is not possible any more."), messages.ERROR)
        return redirect("admin:members_importrun_change", run.pk)

    def _run_for(self, request: HttpRequest, pk: int) -> ImportRun:
        run = get_object_or_404(ImportRun, pk=pk)
        if not may_import(request.user, run.kind):
            raise PermissionDenied
        return run

    def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> TemplateResponse:
        run = context.get("run")
        shared = self.admin_site.each_context(request) | {
            "title": title,
            "subtitle": str(run) if run else None,
            "opts": self.opts,
            "media": self.media,
            "list_page": reverse("admin:members_importrun_changelist"),
        }
        return TemplateResponse(request, f"admin/members/import_{name}.html", shared | context)


def _file_as_asked(run: ImportRun, request: HttpRequest) -> tuple[CsvFile, str]:
    """Return the file read as the form asks, or else as before together with what is wrong with that."""
    encoding, separator = request.POST.get("encoding", ""), request.POST.get("separator", "")
    if encoding in ENCODINGS and separator in SEPARATORS:
        try:
            importing.check_encoding(run, encoding)
            return importing.open_file(run, encoding=encoding, separator=separator), ""
        except FileError as error:
            return importing.open_file(run), str(error)
    return importing.open_file(run), ""


def _reading_form(run: ImportRun, file: CsvFile, request: HttpRequest) -> ReadingForm:
    """Bind what was posted if it was chosen for the columns that the file now has; else guess."""
    importer = imports.importer_of(run.kind)
    read_as = f"{file.encoding} {file.separator}"
    if request.POST.get("read_as") == read_as:
        return ReadingForm(file, importer, request.POST)
    initial = {"encoding": file.encoding, "separator": file.separator}
    return ReadingForm(file, importer, initial=initial)


def _as_download(response: Any, name: str) -> Any:
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response
