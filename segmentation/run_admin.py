"""Runs of segments: watched while they work, and asked afterwards who came and who went."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET
from unfold.decorators import display

from members.models import Member
from operations.read_only_admin import ReadOnlyAdmin
from segmentation import freshness_charts
from segmentation.freshness_admin import STATE_COLOURS
from segmentation.models import SegmentRun
from segmentation.published_admin import STYLES
from segmentation.recomputing import entered_and_left

PAGE = 100


@admin.register(SegmentRun)
class SegmentRunAdmin(ReadOnlyAdmin):
    list_display = ["segment", "state_label", "kind", "started_at", "how_long", "size", "came", "went", "looked_at"]
    search_fields = ["segment__name", "segment__slug"]
    list_filter = ["state", "kind", "segment"]
    list_select_related = ["segment"]
    change_form_before_template = "admin/segmentation/run_page.html"
    fieldsets = [(None, {"fields": ["segment", "kind", "started_at", "finished_at"]})]

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[SegmentRun]:
        return super().get_queryset(request).select_related("segment")

    def get_urls(self) -> list[URLPattern]:
        progress = self.admin_site.admin_view(require_GET(self.progress_now))
        return [
            path("<int:pk>/progress/", progress, name="segmentation_segmentrun_progress"),
            *super().get_urls(),
        ]

    def progress_now(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The run as it stands, fetched each second while it works."""
        run = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, run):
            return HttpResponse(status=403)
        return render(request, "admin/segmentation/run_progress.html", shown(run))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        run = self.get_object(request, object_id)
        if run is None:
            return super().change_view(request, object_id, form_url, extra_context)
        context = shown(run) | {"moves": list(moves(run, request)), "title": run_title(run)}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | context)

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_label(self, run: SegmentRun) -> tuple[str, str]:
        told = run.get_state_display()
        if run.state == SegmentRun.State.RUNNING:
            told = f"{told} {run.clauses_done}/{run.clauses or '?'}"
        return run.state, told

    @display(description=_("seconds"))
    def how_long(self, run: SegmentRun) -> str:
        return "–" if run.seconds is None else f"{run.seconds:.2f}"

    @display(description=pgettext_lazy("members", "entered"), ordering="entered")
    def came(self, run: SegmentRun) -> str:
        return "–" if run.entered is None else f"+{run.entered}"

    @display(description=pgettext_lazy("members", "left"), ordering="left")
    def went(self, run: SegmentRun) -> str:
        return "–" if run.left is None else f"−{run.left}"


def run_title(run: SegmentRun) -> str:
    return f"{run.segment} · {date_format(timezone.localtime(run.started_at), 'SHORT_DATETIME_FORMAT')}"


def shown(run: SegmentRun) -> dict[str, Any]:
    """Return what templates/admin/segmentation/run_progress.html shows."""
    is_running = run.state == SegmentRun.State.RUNNING
    return {"shown_run": run, "meter": freshness_charts.meter(run) if is_running else None}


def moves(run: SegmentRun, request: HttpRequest) -> Iterable[dict[str, Any]]:
    """Yield who entered and who left, a page each; nothing where the sets are pruned."""
    if run.members_id is None or (run.before_id is None and run.entered != run.size):
        return
    titles = (pgettext_lazy("members", "Entered"), pgettext_lazy("members", "Left"))
    for key, title, ids in zip(
        ("entered", "left"), titles, entered_and_left(run.before_id, run.members_id), strict=True
    ):
        page = Paginator(list(ids), PAGE).get_page(request.GET.get(key))
        yield {"key": key, "title": title, "page": page, "members": _members(page)}


def _members(page: Page) -> list[Member]:
    return list(Member.objects.filter(pk__in=page.object_list).order_by("pk").only("uid", "erased_at"))
