"""A file of orders brought in by `import_data`, against a plain COPY into the same table and the roll-up by hand."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction

from benchmarks.report import Figure

DAYS = 730
CHANNELS = ("app", "miniprogram", "web", "store")
PAYMENT_METHODS = ("wechat", "alipay", "card")
PEAK_MB = 300

# In the order of the ids and of the dates, as a shop's own export comes; whose order is whose is random.
COPY = """
    COPY members_order (order_id, member_id, paid_at, amount, refunded_amount, currency, quantity, channel,
                        payment_method, status) FROM STDIN
"""
# What one would write by hand to make the totals of an empty shop.
ROLL_UP = """
    INSERT INTO members_membermetrics (member_id, orders, amount, quantity, first_paid_at, last_paid_at)
    SELECT member_id, count(*), sum(amount - refunded_amount), sum(quantity), min(paid_at), max(paid_at)
    FROM members_order WHERE status = 'paid' GROUP BY member_id;
    INSERT INTO members_dailytotal (member_id, day, kind, category, count, quantity, amount)
    SELECT member_id, (paid_at AT TIME ZONE 'Asia/Shanghai')::date, 'order', '', count(*), sum(quantity),
           sum(amount - refunded_amount)
    FROM members_order WHERE status = 'paid' GROUP BY 1, 2;
"""
FACTS = "members_order, members_orderitem, members_activity, members_membermetrics, members_dailytotal"

Row = tuple[str, int, str, str, int, str, str]


def measure_apart(members: int, orders: int) -> list[Figure]:
    """Measure in a process of its own. Needs a database without members, and leaves it so."""
    command = [sys.executable, "-m", "benchmarks.bulk_ingest", str(members), str(orders)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [Figure(**row) for row in json.loads(printed.stdout)]


def measure(*, members: int, orders: int, now: datetime) -> list[Figure]:
    from members import locking

    locking.create_missing([f"b-{number:06d}" for number in range(members)], now=now)
    _empty()
    floor = orders / _by_hand(members, orders, now)
    _empty()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.csv"
        _write_file(file, members, orders, now)
        seconds, peak = _by_import(file)
    _check(orders)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE members_member CASCADE")
    return [
        Figure("bulk ingest of orders by import_data", orders / seconds, floor, 0.5, "higher", "rows/s"),
        Figure("peak memory of the importing process", peak, PEAK_MB, 1.0, "lower", "MB"),
    ]


def _empty() -> None:
    """Begin with empty tables that no autovacuum or checkpoint of earlier work disturbs."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {FACTS} RESTART IDENTITY CASCADE")
        cursor.execute("DELETE FROM operations_job")
        cursor.execute("DELETE FROM django_q_ormq")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _by_hand(members: int, orders: int, now: datetime) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM members_member")
        first = cursor.fetchone()[0]
    lines = [
        f"{order_id}\t{first + member}\t{paid_at}\t{amount}\t0\tCNY\t{quantity}\t{channel}\t{method}\tpaid\n"
        for order_id, member, paid_at, amount, quantity, channel, method in _rows(members, orders, now)
    ]
    batches = ["".join(lines[start : start + 10_000]) for start in range(0, orders, 10_000)]
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        with cursor.copy(COPY) as copy:
            for batch in batches:
                copy.write(batch)
        cursor.execute(ROLL_UP)
    return time.perf_counter() - started


def _by_import(file: Path) -> tuple[float, float]:
    """Return the seconds of the import, a process of its own, and the most memory it held, in MB."""
    command = [sys.executable, "-m", "benchmarks.bulk_ingest", str(file)]
    started = time.perf_counter()
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return time.perf_counter() - started, float(printed.stdout.split()[-1])


def _import(file: Path) -> None:
    call_command("import_data", "orders", file)
    # What getrusage() tells begins with the memory of the process that started this one.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    sys.stdout.write(f"{int(peak.split()[1]) / 1024}\n")


def _check(orders: int) -> None:
    """A fast import that left something out would be no import."""
    with connection.cursor() as cursor:
        for table in ("members_order", "members_activity"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0] == orders, table
        for column, table in (("orders", "members_membermetrics"), ("count", "members_dailytotal")):
            cursor.execute(f"SELECT sum({column}) FROM {table}")
            assert cursor.fetchone()[0] == orders, table


def _write_file(file: Path, members: int, orders: int, now: datetime) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write("order_id,uid,paid_at,amount,currency,quantity,channel,payment_method,status\n")
        for order_id, member, paid_at, amount, quantity, channel, method in _rows(members, orders, now):
            out.write(f"{order_id},b-{member:06d},{paid_at},{amount},CNY,{quantity},{channel},{method},paid\n")


def _rows(members: int, orders: int, now: datetime) -> Iterator[Row]:
    chance = random.Random(1)
    for number in range(orders):
        age = timedelta(seconds=round((orders - number) * DAYS * 86_400 / orders) + 60)
        cents = chance.randrange(100, 100_000)
        yield (
            f"b-{number:09d}",
            chance.randrange(members),
            (now.astimezone(UTC) - age).isoformat(timespec="seconds"),
            f"{cents // 100}.{cents % 100:02d}",
            chance.randint(1, 5),
            chance.choice(CHANNELS),
            chance.choice(PAYMENT_METHODS),
        )


def main() -> None:
    if len(sys.argv) == 2:
        _import(Path(sys.argv[1]))
        return
    members, orders = map(int, sys.argv[1:])
    figures = measure(members=members, orders=orders, now=datetime.now(UTC))
    json.dump([asdict(figure) for figure in figures], sys.stdout)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    import django

    django.setup()
    main()
