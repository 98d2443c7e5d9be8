"""Recomputing RFM and one segment, against hand-written SQL that writes their members as rows."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from django.db import connection, transaction

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

# What one would write by hand without member sets: scores by ntile, a row for each member and class.
RFM_AS_ROWS = """
WITH facts AS (
    SELECT member_id,
           %(at)s::date - (max(paid_at) AT TIME ZONE 'Asia/Shanghai')::date AS recency,
           count(*) AS frequency,
           sum(amount - refunded_amount) AS monetary
    FROM members_order
    WHERE status = 'paid' AND paid_at < %(end)s
    GROUP BY member_id
), scored AS (
    SELECT member_id,
           6 - ntile(5) OVER (ORDER BY recency) AS r,
           ntile(5) OVER (ORDER BY frequency) AS f,
           ntile(5) OVER (ORDER BY monetary) AS m
    FROM facts
), means AS (SELECT avg(r) AS r, avg(f) AS f, avg(m) AS m FROM scored)
INSERT INTO bench_rfm (member_id, r, f, m, class)
SELECT member_id, scored.r, scored.f, scored.m,
       (scored.r > means.r)::int * 4 + (scored.f > means.f)::int * 2 + (scored.m > means.m)::int
FROM scored CROSS JOIN means
"""
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
    from segmentation import recomputing, rfm

    rfm.recompute(model, at=at, now=now)
    recomputing.recompute(segment, now=now)


def _create_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_rfm, bench_segment")
        cursor.execute(
            "CREATE TABLE bench_rfm (member_id bigint PRIMARY KEY, r int, f int, m int, class int);"
            "CREATE TABLE bench_segment (member_id bigint PRIMARY KEY)"
        )


@transaction.atomic
def _as_rows(at: date, now: datetime) -> None:
    end = datetime.combine(at + timedelta(days=1), datetime.min.time(), tzinfo=now.tzinfo)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_rfm, bench_segment")
        cursor.execute(RFM_AS_ROWS, {"at": at, "end": end})
        cursor.execute(SEGMENT_AS_ROWS, {"now": now})


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django
    from django.utils import timezone

    django.setup()
    json.dump([asdict(figure) for figure in measure(now=timezone.localtime())], sys.stdout)
