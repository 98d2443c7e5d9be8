"""Where a run is written down while its effect is not yet committed, so that others see how far it is.

The effect of a recomputation is one transaction, and so is the job that carries it. The run's row is therefore written
on a connection of its own, which commits at once: RUNNING before the work, the clauses answered during it, and FAILED
with the error although the effect is rolled back. DONE alone belongs to the effect.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from segmentation.locking import is_free
from segmentation.models import Segment, SegmentRun

# Seconds between two notes of progress.
PAUSE = 0.25
LOST = "The worker was lost in the middle of this run."

# A segment that the caller's own transaction has made is not seen here: no row.
_BEGIN = """
    INSERT INTO segmentation_segmentrun (segment_id, kind, state, started_at, clauses_done, clauses, error)
    SELECT id, 'full', 'running', %s, 0, 0, '' FROM segmentation_segment WHERE id = %s RETURNING id
"""


class RunBoard:
    """The row of one run. `run` knows what was written on it."""

    def __init__(self, run: SegmentRun, writer: BaseDatabaseWrapper):
        self.run = run
        self._writer = writer
        self._written = 0.0

    def has_clauses(self, clauses: int) -> None:
        """Note of how many clauses the rule is."""
        self._write(clauses=clauses)

    def answered(self) -> None:
        """Note that one more clause is answered; not every time, since many take less than a millisecond."""
        self.run.clauses_done += 1
        if time.monotonic() - self._written > PAUSE:
            self._write(clauses_done=self.run.clauses_done)
            self._written = time.monotonic()

    def failed(self, error: str, *, at: datetime) -> None:
        self._write(state=SegmentRun.State.FAILED, error=error, finished_at=at)

    def _write(self, **values: Any) -> None:
        for column, value in values.items():
            setattr(self.run, column, value)
        columns = ", ".join(f"{column} = %s" for column in values)
        with self._writer.cursor() as cursor:
            cursor.execute(
                f"UPDATE segmentation_segmentrun SET {columns} WHERE id = %s",  # noqa: S608
                [*values.values(), self.run.pk],
            )


@contextmanager
def opened(segment: Segment, *, now: datetime) -> Iterator[RunBoard]:
    """Write down that a run begins; gives the board for its progress."""
    other = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with other.cursor() as cursor:
            # Should the caller itself hold the segment's row, the two connections would wait for each other.
            cursor.execute("SET lock_timeout = '2s'")
            cursor.execute(_BEGIN, [now, segment.pk])
            row = cursor.fetchone()
        if row:
            run = SegmentRun(pk=row[0], segment=segment, state=SegmentRun.State.RUNNING, started_at=now)
            run._state.adding = False
            yield RunBoard(run, other)
        else:
            run = SegmentRun.objects.create(segment=segment, state=SegmentRun.State.RUNNING, started_at=now)
            yield RunBoard(run, connection)
    finally:
        other.close()


def end_lost(segment_id: int, *, now: datetime) -> int:
    """Mark runs that nobody works on as failed. The caller holds the segment's turn, so none of them is alive."""
    lost = SegmentRun.objects.filter(segment=segment_id, state=SegmentRun.State.RUNNING)
    return lost.update(state=SegmentRun.State.FAILED, error=LOST, finished_at=now)


@transaction.atomic
def sweep(*, now: datetime) -> int:
    """Mark the runs whose worker was killed as failed; return how many. A living one holds its segment's turn."""
    running = SegmentRun.objects.filter(state=SegmentRun.State.RUNNING).values_list("segment", flat=True)
    return sum(end_lost(each, now=now) for each in set(running) if is_free("segment", each))
