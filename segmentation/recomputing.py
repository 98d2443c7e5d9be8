"""Segments computed anew. The last good version serves until the new one is whole, and on if that one fails."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import OperationalError, transaction
from pyroaring import BitMap

from members import touches
from operations import jobs
from segmentation import evaluation, freshness, member_sets, rules, run_board, world
from segmentation.counting import read_rule
from segmentation.locking import take_turn
from segmentation.models import Segment, SegmentRun
from segmentation.publishing import FOLLOW, KEPT_VERSIONS, prune, publish, request_recompute
from segmentation.rule_errors import RuleError
from segmentation.run_board import RunBoard
from segmentation.sources import SourceError

__all__ = ["KEPT_VERSIONS", "RunFailed", "entered_and_left", "recompute", "recompute_or_raise", "request_recompute"]

# Told after each clause: (answered, in all).
Watch = Callable[[int, int], None]

log = structlog.get_logger(__name__)


class RunFailed(Exception):
    """A run failed and is written down; whoever carries it tries again later."""


@transaction.atomic
def recompute(segment: Segment, *, now: datetime, watch: Watch | None = None) -> SegmentRun:
    """Compute the segment's members and publish them by moving one pointer, or record why that failed.

    1. Recomputations of one segment take turns, and each reads the rule and the pointer after its turn has come.
    2. A fault in the rule or in a source undoes the savepoint, not the record of the run.
    3. Trouble with the database itself, and the end of the worker, are recorded and raised.
    """
    take_turn("segment", segment.pk)
    segment.refresh_from_db()
    run_board.end_lost(segment.pk, now=now)
    clock = time.monotonic()
    with run_board.opened(segment, now=now) as board:
        try:
            with transaction.atomic():
                _compute(segment, board, now=now, watch=watch)
                board.run.finished_at = now + timedelta(seconds=time.monotonic() - clock)
                board.run.save()
                prune(segment)
                # Members touched while this run was at work were passed over by those who follow.
                jobs.enqueue(FOLLOW, key=f"{FOLLOW}:run:{board.run.pk}")
        except BaseException as error:
            board.failed(_told(error), at=now + timedelta(seconds=time.monotonic() - clock))
            if isinstance(error, OperationalError) or not isinstance(error, Exception):
                raise
            segment.refresh_from_db()
            board.run.refresh_from_db()
            _alert(segment, error)
    return board.run


def recompute_or_raise(segment: Segment, *, now: datetime) -> SegmentRun:
    """Recompute the segment. Raises RunFailed, so that the job is tried again, later each time."""
    run = recompute(segment, now=now)
    if run.state == SegmentRun.State.FAILED:
        raise RunFailed(run.error)
    return run


def entered_and_left(before_id: int | None, after_id: int) -> tuple[BitMap, BitMap]:
    """Return who came into the set `after_id` and who left since `before_id`."""
    before = member_sets.load(before_id) if before_id else BitMap()
    after = member_sets.load(after_id)
    return after - before, before - after


def _compute(segment: Segment, board: RunBoard, *, now: datetime, watch: Watch | None) -> None:
    rule_json = segment.rule
    rule = read_rule(rule_json)
    clauses = sum(1 for _ in rules.leaves(rule))
    board.has_clauses(clauses)

    def answered() -> None:
        board.answered()
        if watch:
            watch(board.run.clauses_done, clauses)

    # What commits after this state was perhaps not read, and is looked at again.
    as_of = touches.state()
    everyone = world.everyone(now=now)
    members = evaluation.members_of(rule, everyone, answered)
    published = publish(segment, members, asked=(rule_json, rule), as_of=as_of, now=now)
    run = board.run
    run.state, run.looked_at = SegmentRun.State.DONE, len(everyone.members)
    run.before_id, run.members_id = published.before, segment.members_id
    run.size, run.entered, run.left = published.size, published.entered, published.left


def _alert(segment: Segment, error: Exception) -> None:
    """Log the failure: foreseen ones as warnings, until so many in a row that waiting has not helped."""
    foreseen = isinstance(error, RuleError | SourceError)
    failures = freshness.failures_in_a_row(segment.pk)
    tell = log.error if failures >= freshness.ALERT_AFTER else log.warning
    tell("segment.recompute_failed", segment=segment.slug, failures=failures, error=str(error), exc_info=not foreseen)


def _told(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:2000]
