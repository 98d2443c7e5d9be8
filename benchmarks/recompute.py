"""Recomputing RFM and one segment, against hand-written SQL that writes their members as rows."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from statistics import median
from typing import TYPE_CHECKING

from django.db import connection, transaction

from benchmarks import rfm
from benchmarks.report import Figure

if TYPE_CHECKING:
    from segmentation.models import RfmModel, Segment

ROUNDS = 3
RULE = {
    "version": 1,
    "combinator": "and",
    "rules": [
        {"field": "level", "operator": "in", "value": ["growth", "paid"]},
        {"field": "orders.count", "operator": ">=", "value": 3, "window": {"last_days": 90}},
        {"field": "rfm.default.class", "operator": "in", "value": ["important_value", "important_develop"]},
    ],
}

SEGMENT_AS_ROWS = """
INSERT INTO bench_segment (member_id)
SELECT members_member.id
FROM members_member
JOIN members_level ON members_level.id = members_member.level_id
JOIN bench_rfm ON bench_rfm.member_id = members_member.id
WHERE members_level.slug IN ('growth', 'paid')
  AND bench_rfm.class IN (7, 5)
  AND (SELECT count(*) FROM members_order
       WHERE member_id = members_member.id AND status = 'paid'
         AND paid_at >= %(now)s::timestamptz - interval '90 days' AND paid_at <= %(now)s) >= 3
"""


def measure_apart() -> list[Figure]:
    """Measure in a process of its own, so that its peak memory is that of the recomputing alone."""
    printed = subprocess.run([sys.executable, "-m", "benchmarks.recompute"], check=True, capture_output=True, text=True)
    return [Figure(**row) for row in json.loads(printed.stdout)]


def measure(*, now: datetime) -> list[Figure]:
    from segmentation.models import RfmModel, Segment

    at = now.date()
    model, _ = RfmModel.objects.get_or_create(slug="default", defaults={"name": "default"})
    segment, _ = Segment.objects.get_or_create(slug="bench", defaults={"name": "bench", "rule": RULE})
    _create_tables()
    ours, by_hand = [], []
    for _round in range(ROUNDS):
        by_hand.append(_seconds(lambda: _as_rows(at, now)))
        ours.append(_seconds(lambda: _as_sets(model, segment, at, now)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Figure("recompute RFM and one segment", median(ours), median(by_hand), 0.25, "lower", "seconds"),
        Figure("peak memory of the recomputing process", peak, None, None, "lower", "MB"),
    ]


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _as_sets(model: "RfmModel", segment: "Segment", at: date, now: datetime) -> None:
    from segmentation import recomputing
    from segmentation import rfm as scoring

    scoring.recompute(model, at=at, now=now)
    recomputing.recompute(segment, now=now)


def _create_tables() -> None:
    rfm.create_table()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_segment")
        cursor.execute("CREATE TABLE bench_segment (member_id bigint PRIMARY KEY)")


@transaction.atomic
def _as_rows(at: date, now: datetime) -> None:
    rfm.as_rows(at, now.tzinfo)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_segment")
        cursor.execute(SEGMENT_AS_ROWS, {"now": now})


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django
    from django.utils import timezone

    django.setup()
    json.dump([asdict(figure) for figure in measure(now=timezone.localtime())], sys.stdout)
