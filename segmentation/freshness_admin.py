"""The part of a segment's admin that shows how fresh it is, and asks when it is computed."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from segmentation import freshness_charts, scheduling
from segmentation.models import Segment, SegmentRun
from segmentation.schedule_form import SCHEDULE_FIELDS

STATE_COLOURS = {"done": "success", "running": "info", "failed": "danger"}


class HasFreshness:
    """Mixed into the admin of segments."""

    def get_fieldsets(self, request: HttpRequest, obj: Segment | None = None) -> Any:
        given = super().get_fieldsets(request, obj)  # type: ignore[misc]
        follows, *times = SCHEDULE_FIELDS
        return [*given, (_("Recomputing"), {"fields": [follows, tuple(times)]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Segment]:
        runs = SegmentRun.objects.filter(segment=OuterRef("pk")).order_by("-id")
        ended = runs.exclude(state=SegmentRun.State.RUNNING)
        return (
            super()
            .get_queryset(request)  # type: ignore[misc]
            .annotate(last_run_state=Subquery(runs.values("state")[:1]), last_end=Subquery(ended.values("state")[:1]))
        )

    @display(description=_("last run"), label=STATE_COLOURS)
    def last_state(self, segment: Any) -> tuple[str, Any] | None:
        """The state of the last run; one that runs after a failure still shows the failure."""
        state = segment.last_end if segment.last_end == SegmentRun.State.FAILED else segment.last_run_state
        return (state, SegmentRun.State(state).label) if state else None

    @display(description=_("next run"), ordering="next_run_at")
    def next_run(self, segment: Segment) -> Any:
        return segment.next_run_at

    def save_model(self, request: HttpRequest, obj: Segment, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)  # type: ignore[misc]
        obj.refresh_from_db(fields=["as_of", "rule"])
        plan, now = scheduling.plan_of(obj), timezone.now()
        obj.next_run_at = plan.next_after(now) if plan else None
        obj.save(update_fields=["next_run_at"])

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        segment = self.get_object(request, object_id)  # type: ignore[attr-defined]
        shown = freshness_charts.draw(segment, now=timezone.now()) if segment else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | shown)  # type: ignore[misc]
