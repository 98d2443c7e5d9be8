"""When segments are computed whole: by their own schedule, or each hour where the time alone moves members."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from cronsim import CronSim, CronSimError
from django.db import transaction

from operations import jobs
from segmentation import rules
from segmentation.dependencies import moves_with_time
from segmentation.models import Segment
from segmentation.publishing import RECOMPUTE
from segmentation.rule_errors import RuleError
from segmentation.world import site_zone

# Without a schedule of its own, a segment that moves with time is right within so many minutes.
MOVING_MINUTES = 60
LEAST_MINUTES, MOST_MINUTES = 5, 7 * 24 * 60
CRON_FIELDS = 5


class BadCron(ValueError):
    """The text is no cron expression of five fields, or names no time that ever comes."""


@dataclass(frozen=True, slots=True)
class Every:
    """Each so many minutes, counted from a midnight, so that 60 is each full hour."""

    minutes: int

    def next_after(self, moment: datetime) -> datetime:
        return self.last_before(moment) + timedelta(minutes=self.minutes)

    def last_before(self, moment: datetime) -> datetime:
        """Return the latest time that is not after `moment`."""
        start = datetime(2000, 1, 1, tzinfo=site_zone())
        step = timedelta(minutes=self.minutes)
        return start + (moment - start) // step * step


@dataclass(frozen=True, slots=True)
class Cron:
    """By the site's clocks, as Debian's cron: an hour that is left out or comes twice runs once."""

    expression: str

    def next_after(self, moment: datetime) -> datetime:
        return next(CronSim(self.expression, moment.astimezone(site_zone())))

    def last_before(self, moment: datetime) -> datetime:
        """Return the latest time that is not after `moment`."""
        later = moment.astimezone(site_zone()) + timedelta(seconds=1)
        return next(CronSim(self.expression, later, reverse=True))


def check_cron(expression: str, *, now: datetime) -> None:
    """Raise BadCron unless the expression names times that come, at least `LEAST_MINUTES` apart in the next day."""
    if len(expression.split()) != CRON_FIELDS:
        raise BadCron("Wrong number of fields")
    try:
        times = CronSim(expression, now.astimezone(site_zone()))
        first = next(times)
        soon = list(takewhile(lambda each: each < first + timedelta(minutes=LEAST_MINUTES), times))
    except (CronSimError, StopIteration) as error:
        raise BadCron(str(error) or "Never") from error
    if soon:
        raise BadCron("Too often")


def plan_of(segment: Segment) -> Every | Cron | None:
    """Return when the segment is computed whole; None where only facts move it and it follows them.

    One that has no good version of its rule is tried each hour, so that it is never given up in silence.
    """
    if segment.kind != Segment.Kind.RULE:
        return None
    if segment.cron:
        return Cron(segment.cron)
    if segment.every_minutes:
        return Every(segment.every_minutes)
    return Every(MOVING_MINUTES) if not segment.as_of or _moves(segment) else None


@transaction.atomic
def scan(*, now: datetime) -> int:
    """Ask for the segments whose time has come, and set down the next time of each; returns how many were asked for.

    A time that was missed is made up for once, however many were missed.
    """
    asked = 0
    segments = Segment.objects.filter(kind=Segment.Kind.RULE).order_by("pk")
    for segment in segments.select_for_update(skip_locked=True, no_key=True):
        intended = segment.next_run_at
        if intended is not None and intended > now:
            continue
        plan = plan_of(segment)
        if intended is not None and plan is not None:
            key = f"segment:{segment.pk}:due:{intended.isoformat()}"
            jobs.enqueue(RECOMPUTE, key=key, arguments={"segment_id": segment.pk})
            asked += 1
        following = plan.next_after(now) if plan else None
        if following != intended:
            Segment.objects.filter(pk=segment.pk).update(next_run_at=following)
    return asked


def _moves(segment: Segment) -> bool:
    try:
        return moves_with_time(rules.parse(segment.rule))
    except RuleError:
        return True
