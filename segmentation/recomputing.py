"""Segments computed anew. The last good version serves until the new one is whole, and on if that one fails."""

import time
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from django.db import OperationalError, transaction
from django.db.models import ProtectedError
from pyroaring import BitMap

from operations import jobs
from segmentation import evaluation, member_sets, world
from segmentation.counting import read_rule
from segmentation.definitions import readers_of
from segmentation.locking import take_turn
from segmentation.models import MemberSet, Segment, SegmentRun
from segmentation.rule_errors import RuleError
from segmentation.sources import SourceError

# Runs whose member sets are kept; who entered and left between any two of them can still be told.
KEPT_VERSIONS = 5

log = structlog.get_logger(__name__)


def request_recompute(segment: Segment, *, now: datetime) -> None:
    """Ask a worker to recompute the segment. Call it inside the transaction that changes what it reads."""
    jobs.enqueue(
        "segmentation.jobs.recompute",
        key=f"segment:{segment.pk}:{now.isoformat()}",
        arguments={"segment_id": segment.pk},
    )


@transaction.atomic
def recompute(segment: Segment, *, now: datetime) -> SegmentRun:
    """Compute the segment's members and publish them by moving one pointer, or record why that failed.

    1. Recomputations of one segment take turns, and each reads the rule and the pointer after its turn has come.
    2. A fault in the rule or in a source undoes the savepoint, not the record of the run.
    3. Trouble with the database itself is raised: the job is tried again.
    """
    take_turn("segment", segment.pk)
    segment.refresh_from_db()
    clock = time.monotonic()
    try:
        with transaction.atomic():
            members = evaluation.members_of(read_rule(segment.rule), world.everyone(now=now))
            run = _publish(segment, members, now)
    except OperationalError:
        raise
    except Exception as error:  # whatever a source may raise is the run's error, shown to the operator
        foreseen = isinstance(error, RuleError | SourceError)
        log.warning("segment.recompute_failed", segment=segment.slug, error=str(error), exc_info=not foreseen)
        segment.refresh_from_db()
        run = SegmentRun(segment=segment, state=SegmentRun.State.FAILED, started_at=now, error=_told(error))
    run.finished_at = now + timedelta(seconds=time.monotonic() - clock)
    run.save()
    _prune(segment)
    return run


def recompute_with_readers(segment: Segment, *, now: datetime) -> SegmentRun:
    """Recompute the segment, and where its members changed, ask for the segments that read it."""
    run = recompute(segment, now=now)
    if run.entered or run.left:
        for reader in readers_of(("segment", segment.slug)):
            request_recompute(reader, now=now)
    return run


def entered_and_left(before_id: int | None, after_id: int) -> tuple[BitMap, BitMap]:
    """Return who came into the set `after_id` and who left since `before_id`."""
    before = member_sets.load(before_id) if before_id else BitMap()
    after = member_sets.load(after_id)
    return after - before, before - after


def _publish(segment: Segment, members: BitMap, now: datetime) -> SegmentRun:
    before = member_sets.load(segment.members_id) if segment.members_id else BitMap()
    entered, left = len(members - before), len(before - members)
    if segment.members_id is None or entered or left:
        segment.members = member_sets.store(members)
    segment.refreshed_at = now
    segment.save(update_fields=["members", "refreshed_at"])
    return SegmentRun(
        segment=segment,
        state=SegmentRun.State.DONE,
        started_at=now,
        members_id=segment.members_id,
        size=len(members),
        entered=entered,
        left=left,
    )


def _told(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:2000]


def _prune(segment: Segment) -> None:
    """Delete the member sets of older runs. One that something else holds on to stays."""
    versions = list(
        segment.runs.filter(members__isnull=False)
        .values_list("members_id", flat=True)
        .order_by("-members_id")
        .distinct()
    )
    for old in versions[KEPT_VERSIONS:]:
        with suppress(ProtectedError):
            MemberSet.objects.filter(pk=old).delete()
