"""Segments that follow new facts: only the members touched since a segment's version are looked at again.

Whoever enters or leaves a segment is touched for the segments that read it, and these come after it, so that one pass
is enough. Nothing is lost: a version's `as_of` is a state taken before its facts were read, and what committed after
that state is looked at in the next pass.
"""

import time
from datetime import datetime, timedelta
from graphlib import CycleError

import structlog
from django.db import OperationalError, connection, transaction
from pyroaring import BitMap

from members import touches
from operations import jobs
from segmentation import evaluation, member_sets, world
from segmentation.counting import read_rule
from segmentation.definitions import in_order
from segmentation.locking import is_free, is_next
from segmentation.models import Segment, SegmentRun
from segmentation.publishing import FOLLOW, prune, publish, request_once

# More touched members than these are not fewer than all of them: reading everyone's facts is as quick.
MOST = 100_000
# Seconds after which a pass leaves the rest to the next job: workers have a time limit.
ENOUGH = 20
# A version that nothing has touched for so long is told to be as of now, since touches are kept for a day only.
QUIET = timedelta(hours=1)

log = structlog.get_logger(__name__)


def wants() -> set[str]:
    """Return the families of facts that some segment follows now. Asked in each transaction that writes facts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT unnest(families) FROM segmentation_segment WHERE follows AND as_of <> ''")
        return {family for (family,) in cursor.fetchall()}


@transaction.atomic
def follow(*, now: datetime) -> list[SegmentRun]:
    """Bring every segment that follows up to date; returns the runs of those whose members changed, or that failed.

    Many such jobs may wait: the first does all of it, and the others find nothing to do.
    """
    if not is_next("follow"):
        return []
    state, clock = touches.state(), time.monotonic()
    if not _is_any_behind(state, now):
        return []
    runs = []
    for segment in _ordered(_followers()):
        if time.monotonic() - clock > ENOUGH:
            jobs.enqueue(FOLLOW, key=f"{FOLLOW}:rest:{now.isoformat()}")
            break
        if run := _bring_up_to_date(segment, state, now=now):
            runs.append(run)
    return runs


def _followers() -> list[Segment]:
    return list(Segment.objects.filter(kind=Segment.Kind.RULE, follows=True).exclude(as_of=""))


def _is_any_behind(state: str, now: datetime) -> bool:
    """Tell whether there is any work; what nothing has touched for long is told to be as of `state`."""
    behind, quiet = False, []
    known: dict[tuple[str, tuple[str, ...]], list[int] | None] = {}
    for segment in _followers():
        asked = (segment.as_of, tuple(segment.families))
        if asked not in known:
            known[asked] = touches.touched_since(*asked)
        if known[asked] != []:
            behind = True
        elif segment.refreshed_at is None or segment.refreshed_at < now - QUIET:
            quiet.append(segment)
    for segment in quiet:
        # Whoever has published meanwhile knows better.
        Segment.objects.filter(pk=segment.pk, as_of=segment.as_of).update(as_of=state, refreshed_at=now)
    return behind


def _ordered(segments: list[Segment]) -> list[Segment]:
    try:
        return in_order(segments)
    except CycleError as error:
        log.error("segment.cycle", segments=error.args[1])
        return segments


def _bring_up_to_date(segment: Segment, state: str, *, now: datetime) -> SegmentRun | None:
    """Look at the touched members of one segment; None where nobody came or went.

    A segment that is being computed whole is left alone: that run asks for this job again when it ends.
    """
    if touches.touched_since(segment.as_of, segment.families) == [] or not is_free("segment", segment.pk):
        return None
    segment.refresh_from_db()
    touched = touches.touched_since(segment.as_of, segment.families) if segment.as_of else None
    if touched is None or len(touched) > MOST:
        _ask_for_all(segment, now=now)
        return None
    try:
        with transaction.atomic():
            return _look_again(segment, touched, state, now=now)
    except OperationalError:
        raise
    except Exception as error:  # whatever a source may raise is the run's error, and the others go on
        log.warning("segment.follow_failed", segment=segment.slug, error=str(error), exc_info=True)
        segment.refresh_from_db()
        _ask_for_all(segment, now=now)
        return _failed(segment, error, now=now)


def _look_again(segment: Segment, touched: list[int], state: str, *, now: datetime) -> SegmentRun | None:
    clock = time.monotonic()
    rule_json = segment.rule
    rule = read_rule(rule_json)
    held = evaluation.members_of(rule, world.only(touched, now=now))
    serving = member_sets.load(segment.members_id) if segment.members_id else BitMap()
    published = publish(segment, serving - BitMap(touched) | held, asked=(rule_json, rule), as_of=state, now=now)
    if not published.changed:
        return None
    run = SegmentRun.objects.create(
        segment=segment,
        kind=SegmentRun.Kind.TOUCHED,
        state=SegmentRun.State.DONE,
        started_at=now,
        finished_at=now + timedelta(seconds=time.monotonic() - clock),
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
