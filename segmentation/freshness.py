"""How fresh segments are, and which of them want an operator's eye."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from segmentation import scheduling
from segmentation.models import Segment, SegmentRun

# Failed runs in a row after which waiting has not helped: as many as a job has attempts.
ALERT_AFTER = 5
# A run may wait for a worker and take its time before the segment counts as late.
GRACE = timedelta(minutes=15)
# Rows kept of each segment's runs.
KEPT_RUNS = 200

_FORGET = """
    DELETE FROM segmentation_segmentrun WHERE id IN (
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY segment_id ORDER BY id DESC) AS place
            FROM segmentation_segmentrun
        ) numbered WHERE place > %s
    )
"""


def failures_in_a_row(segment_id: int) -> int:
    """Return how many runs have failed since the last one that was done."""
    runs = SegmentRun.objects.filter(segment=segment_id)
    last_good = runs.filter(state=SegmentRun.State.DONE).values_list("pk", flat=True).first()
    return runs.filter(state=SegmentRun.State.FAILED, pk__gt=last_good or 0).count()


def failing() -> QuerySet[Segment]:
    """Return the segments whose last finished run failed; their last good version goes on serving."""
    ended = SegmentRun.objects.filter(segment=OuterRef("pk")).exclude(state=SegmentRun.State.RUNNING)
    last = ended.order_by("-id").values("state")[:1]
    return Segment.objects.annotate(last_end=Subquery(last)).filter(last_end=SegmentRun.State.FAILED)


def late(*, now: datetime) -> Iterator[Segment]:
    """Yield the segments whose time came and that were not even tried: their last whole run is older than that."""
    whole = SegmentRun.objects.filter(segment=OuterRef("pk"), kind=SegmentRun.Kind.FULL)
    tried = Segment.objects.annotate(last_try=Subquery(whole.order_by("-id").values("started_at")[:1]))
    for segment in tried.filter(kind=Segment.Kind.RULE, next_run_at__isnull=False, last_try__isnull=False):
        plan = scheduling.plan_of(segment)
        if plan is not None and segment.last_try < plan.last_before(now - GRACE):
            yield segment


def forget_runs() -> int:
    """Delete all but the newest runs of each segment; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [KEPT_RUNS])
        return cursor.rowcount
