"""Segments that follow new facts: only the members touched since a segment's version are looked at again.

Whoever enters or leaves a segment is touched for the segments that read it, and these come after it, so that one pass
is enough. Nothing is lost: a version's `as_of` is a state taken before its facts were read, and what committed after
that state is looked at in the next pass.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from graphlib import CycleError
from typing import Any

import structlog
from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled
from pyroaring import BitMap

from members import touches
from operations import jobs
from segmentation import evaluation, member_sets, tagging_by_rule, world
from segmentation.counting import read_rule
from segmentation.definitions import in_order
from segmentation.locking import is_free, is_next
from segmentation.models import Segment, SegmentRun
from segmentation.publishing import FOLLOW, prune, publish, request_once
from segmentation.world import World

# More touched members than these are not fewer than all of them: reading everyone's facts is as quick.
MOST = 50_000
# So long a query may take, and so long a look at one segment before its next query, until the whole run is the better
# way: workers have a time limit of a minute.
LONGEST = timedelta(seconds=15)
# Seconds after which a pass leaves the rest to the next job.
ENOUGH = 20
# A version that nothing has touched for so long is told to be as of now, since touches are kept for a day only.
QUIET = timedelta(hours=1)

log = structlog.get_logger(__name__)


# The families of facts that some segment, or some tag by rule, follows now (`members.touches`).
WANTS = """
    SELECT unnest(families) FROM segmentation_segment WHERE follows AND as_of <> ''
    UNION SELECT unnest(rule_families) FROM segmentation_tag WHERE rule_as_of <> ''
"""


class TooLong(Exception):
    """The look at the touched members takes longer than it may."""


class Pass:
    """One look at what was touched. Segments for which the same members were touched share their facts, read once."""

    def __init__(self, *, now: datetime):
        # What commits after this state was perhaps not read, and is looked at in the next pass.
        self.state = touches.state()
        self.now = now
        self._clock = time.monotonic()
        self._worlds: dict[frozenset[int], World] = {}

    @property
    def is_long(self) -> bool:
        return time.monotonic() - self._clock > ENOUGH

    def world_of(self, touched: list[int]) -> World:
        few = frozenset(touched)
        if few not in self._worlds:
            self._worlds[few] = world.only(few, now=self.now)
        return self._worlds[few]


@transaction.atomic
def follow(*, now: datetime) -> list[SegmentRun]:
    """Bring every segment that follows up to date; returns the runs of those whose members changed, or that failed.

    Many such jobs may wait: the first does all of it, and the others find nothing to do.
    """
    if not is_next("follow"):
        return []
    tagging_by_rule.ask_to_follow(now=now)
    _limit_statements()
    current = Pass(now=now)
    if not _is_any_behind(current):
        return []
    runs = []
    for segment in _ordered(_followers()):
        if current.is_long:
            jobs.enqueue(FOLLOW, key=f"{FOLLOW}:rest:{now.isoformat()}")
            break
        if run := _bring_up_to_date(segment, current):
            runs.append(run)
    return runs


def _limit_statements() -> None:
    with connection.cursor() as cursor:
        milliseconds = str(LONGEST // timedelta(milliseconds=1))
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [milliseconds])


def _followers() -> list[Segment]:
    return list(Segment.objects.filter(kind=Segment.Kind.RULE, follows=True).exclude(as_of=""))


def _is_any_behind(current: Pass) -> bool:
    """Tell whether there is any work; what nothing has touched for long is told to be as of now."""
    behind, quiet = False, []
    known: dict[tuple[str, tuple[str, ...]], list[int] | None] = {}
    for segment in _followers():
        asked = (segment.as_of, tuple(segment.families))
        if asked not in known:
            known[asked] = touches.touched_since(*asked)
        if known[asked] != []:
            behind = True
        elif segment.refreshed_at is None or segment.refreshed_at < current.now - QUIET:
            quiet.append(segment)
    for segment in quiet:
        # Whoever has published meanwhile knows better.
        known_as = Segment.objects.filter(pk=segment.pk, as_of=segment.as_of)
        known_as.update(as_of=current.state, refreshed_at=current.now)
    return behind


def _ordered(segments: list[Segment]) -> list[Segment]:
    try:
        return in_order(segments)
    except CycleError as error:
        log.error("segment.cycle", segments=error.args[1])
        return segments


def _bring_up_to_date(segment: Segment, current: Pass) -> SegmentRun | None:
    """Look at the touched members of one segment; None where nobody came or went.

    A segment that is being computed whole is left alone: that run asks for this job again when it ends.
    """
    if touches.touched_since(segment.as_of, segment.families) == [] or not is_free("segment", segment.pk):
        return None
    segment.refresh_from_db()
    touched = touches.touched_since(segment.as_of, segment.families) if segment.as_of else None
    if touched is None or len(touched) > MOST:
        _ask_for_all(segment, now=current.now)
        return None
    try:
        with transaction.atomic(), _in_time():
            return _look_again(segment, touched, current)
    except (OperationalError, TooLong) as error:
        if not isinstance(error, TooLong) and not isinstance(error.__cause__, QueryCanceled):
            raise
        log.warning("segment.follow_too_long", segment=segment.slug, touched=len(touched))
        segment.refresh_from_db()
        _ask_for_all(segment, now=current.now)
        return None
    except Exception as error:  # whatever a source may raise is the run's error, and the others go on
        log.warning("segment.follow_failed", segment=segment.slug, error=str(error), exc_info=True)
        segment.refresh_from_db()
        _ask_for_all(segment, now=current.now)
        return _failed(segment, error, now=current.now)


@contextmanager
def _in_time() -> Iterator[None]:
    """Raise TooLong before a query of the block that begins later than it may."""
    begun = time.monotonic()

    def in_time(execute: Callable[..., Any], *asked: Any) -> Any:
        if time.monotonic() - begun > LONGEST.total_seconds():
            raise TooLong
        return execute(*asked)

    with connection.execute_wrapper(in_time):
        yield


def _look_again(segment: Segment, touched: list[int], current: Pass) -> SegmentRun | None:
    clock = time.monotonic()
    rule_json = segment.rule
    rule = read_rule(rule_json)
    held = evaluation.members_of(rule, current.world_of(touched))
    serving = member_sets.load(segment.members_id) if segment.members_id else BitMap()
    members = serving - BitMap(touched) | held
    published = publish(segment, members, asked=(rule_json, rule), as_of=current.state, now=current.now)
    if not published.changed:
        return None
    run = SegmentRun.objects.create(
        segment=segment,
        kind=SegmentRun.Kind.TOUCHED,
        state=SegmentRun.State.DONE,
        started_at=current.now,
        finished_at=current.now + timedelta(seconds=time.monotonic() - clock),
        looked_at=len(touched),
        before_id=published.before,
        members_id=segment.members_id,
        size=published.size,
        entered=published.entered,
        left=published.left,
    )
    prune(segment)
    return run


def _ask_for_all(segment: Segment, *, now: datetime) -> None:
    """Have the segment computed whole; until then there is nothing to follow."""
    Segment.objects.filter(pk=segment.pk).update(as_of="")
    request_once(segment, now=now)


def _failed(segment: Segment, error: Exception, *, now: datetime) -> SegmentRun:
    return SegmentRun.objects.create(
        segment=segment,
        kind=SegmentRun.Kind.TOUCHED,
        state=SegmentRun.State.FAILED,
        started_at=now,
        finished_at=now,
        error=(str(error) or type(error).__name__)[:2000],
    )
