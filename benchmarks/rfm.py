"""Scoring everyone by RFM: against hand-written SQL over the orders, and against what others take in memory."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median

from benchmarks.report import Figure

ROUNDS = 3
WINDOW = 365
PEERS = Path(".venv-bench/bin/python")
# Each with the aim of the ratio of our time to theirs.
AIMS = {"pandas": 1.0, "pymc-marketing": 0.15, "chdb": 2.6}

# What one would write by hand without member sets: scores by ntile, a row for each member and class.
AS_ROWS = """
WITH facts AS (
    SELECT member_id,
           %(at)s::date - (max(paid_at) AT TIME ZONE 'Asia/Shanghai')::date AS recency,
           count(*) AS frequency,
           sum(amount - refunded_amount) AS monetary
    FROM members_order
    WHERE status = 'paid' AND paid_at < %(end)s AND (%(start)s::timestamptz IS NULL OR paid_at >= %(start)s)
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
ORDERS = "SELECT member_id, paid_at, amount - refunded_amount AS net FROM members_order WHERE status = 'paid'"


def create_table() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_rfm")
        cursor.execute("CREATE TABLE bench_rfm (member_id bigint PRIMARY KEY, r int, f int, m int, class int)")


def as_rows(at: date, zone: object, window_days: int | None = None) -> None:
    """Score by hand, over the orders up to the end of the day `at`."""
    from django.db import connection

    end = datetime.combine(at + timedelta(days=1), datetime.min.time(), tzinfo=zone)  # type: ignore[arg-type]
    start = end - timedelta(days=window_days) if window_days else None
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_rfm")
        cursor.execute(AS_ROWS, {"at": at, "end": end, "start": start})


def measure_apart() -> list[Figure]:
    """Measure in a process of its own, so that nothing that was kept before helps or hinders."""
    printed = subprocess.run([sys.executable, "-m", "benchmarks.rfm"], check=True, stdout=subprocess.PIPE, text=True)
    return [Figure(**row) for row in json.loads(printed.stdout)]


def measure(*, now: datetime) -> list[Figure]:
    from segmentation.models import RfmModel

    at = now.date()
    whole, _ = RfmModel.objects.get_or_create(slug="default", defaults={"name": "default"})
    year, _ = RfmModel.objects.get_or_create(slug="bench-year", defaults={"name": "year", "window_days": WINDOW})
    create_table()
    ours, windowed, by_hand = [], [], []
    for _round in range(ROUNDS):
        by_hand.append(_seconds(lambda: as_rows(at, now.tzinfo)))
        ours.append(_seconds(lambda: _as_sets(whole, at, now)))
    windowed = [_seconds(lambda: _as_sets(year, at, now)) for _round in range(2)]
    by_hand_windowed = _seconds(lambda: as_rows(at, now.tzinfo, WINDOW))
    value = median(ours)
    figures = [
        Figure("RFM of everyone, against SQL by hand", value, median(by_hand), 0.15, "lower", "seconds"),
        Figure(f"RFM of {WINDOW} days, against SQL by hand", min(windowed), by_hand_windowed, 0.15, "lower", "seconds"),
    ]
    return figures + [
        Figure(f"RFM of everyone, against {name}", value, taken, AIMS[name], "lower", "seconds")
        for name, taken in _peers().items()
    ]


def _as_sets(model: object, at: date, now: datetime) -> None:
    from segmentation import rfm

    rfm.recompute(model, at=at, now=now)  # type: ignore[arg-type]


def _peers() -> dict[str, float]:
    """Return the seconds that each of the others takes, one process each; nothing where they are not installed."""
    if not PEERS.exists():
        sys.stderr.write("RFM against pandas, pymc-marketing and chdb: skipped, `make bench-peers` installs them\n")
        return {}
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.npz"
        _save_orders(path)
        for name in AIMS:
            asked = [str(PEERS), "-m", "benchmarks.rfm_peers", str(path), name]
            printed = subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True)
            found.update(json.loads(printed.stdout))
    return found


def _save_orders(path: Path) -> None:
    import numpy

    from segmentation.columns import read_columns

    packed = ("int8send(member_id)", "timestamptz_send(paid_at)", "int8send((net * 100)::bigint)")
    member, paid_at, cents = read_columns(packed, ORDERS, ())
    numpy.savez(path, member=member, paid_at=paid_at, cents=cents)


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django
    from django.utils import timezone

    django.setup()
    json.dump([asdict(figure) for figure in measure(now=timezone.localtime())], sys.stdout)
