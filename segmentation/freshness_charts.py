"""What the admin shows of a segment's runs: how far one is, how fresh the members are, how the size went."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from operations.charts import Columns, Meter, Upright, share
from segmentation import freshness, scheduling
from segmentation.models import Segment, SegmentRun

SHOWN_HOURS = 12


def draw(segment: Segment, *, now: datetime) -> dict[str, Any]:
    """Return what templates/admin/segmentation/run.html shows."""
    runs = segment.runs.exclude(state=SegmentRun.State.RUNNING)
    running = segment.runs.filter(state=SegmentRun.State.RUNNING).first()
    plan = scheduling.plan_of(segment)
    return {
        "segment": segment,
        "run": runs.first(),
        "running": running,
        "meter": meter(running) if running else None,
        "failures": freshness.failures_in_a_row(segment.pk),
        "is_late": any(each.pk == segment.pk for each in freshness.late(now=now)),
        "today": today(segment, now=now),
        "growth": growth(segment),
        "next_run": segment.next_run_at or (plan and plan.next_after(now)),
        "follows": segment.follows and segment.kind == Segment.Kind.RULE,
    }


def meter(run: SegmentRun) -> Meter:
    told = _("%(done)s of %(all)s clauses answered") % {"done": run.clauses_done, "all": run.clauses or "?"}
    return Meter(_("progress"), share(run.clauses_done, run.clauses), told)


def today(segment: Segment, *, now: datetime) -> dict[str, int]:
    """Return how many entered and left since midnight; one who came and went counts in both."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    runs = segment.runs.filter(state=SegmentRun.State.DONE, started_at__gte=midnight)
    sums = runs.aggregate(entered=Sum("entered"), left=Sum("left"))
    return {key: value or 0 for key, value in sums.items()}


def growth(segment: Segment) -> Columns | None:
    """Draw the size at the end of each hour that had runs, the oldest first; None for fewer than two."""
    hours = _by_hour(segment.runs.filter(state=SegmentRun.State.DONE).order_by("-id")[: freshness.KEPT_RUNS])
    shown = list(hours.items())[:SHOWN_HOURS][::-1]
    if len(shown) < 2:
        return None
    most = max(runs[0].size or 0 for _hour, runs in shown)
    columns = tuple(_upright(hour, runs, most) for hour, runs in shown)
    return Columns(
        _("Members by hour, after the last run in it"), _("members"), pgettext("members", "entered and left"), columns
    )


def _by_hour(runs: Iterable[SegmentRun]) -> dict[datetime, list[SegmentRun]]:
    found: dict[datetime, list[SegmentRun]] = {}
    for run in runs:
        hour = timezone.localtime(run.started_at).replace(minute=0, second=0, microsecond=0)
        found.setdefault(hour, []).append(run)
    return found


def _upright(hour: datetime, runs: list[SegmentRun], most: int) -> Upright:
    size, entered, left = runs[0].size or 0, sum(run.entered or 0 for run in runs), sum(run.left or 0 for run in runs)
    moved = f"+{intcomma(entered)} −{intcomma(left)}"
    day = date_format(hour, "MONTH_DAY_FORMAT")
    return Upright(date_format(hour, "H:i"), share(size, most), str(intcomma(size)), moved, day)
