"""What webhooks cost the facts that they tell: without an endpoint, and with one, beside the same facts untold.

`python -m benchmarks.webhook_events` measures draws, the points of 5,000 orders and 200,000 members who enter a
segment, in a database of its own. The ways take turns, and what is compared is the quicker quarter of each: what else
the machine does burdens it least.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

if __name__ == "__main__":
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["LOCAL_HTTP"] = "1"
    django.setup()

from django.db import connection, transaction
from django.utils import timezone
from pyroaring import BitMap

from benchmarks.report import Figure
from benchmarks.shop import HotPool
from members import ingest
from members.models import Member, Order
from members.rows import OrderRow
from operations import webhook_kinds
from operations.models import WebhookEndpoint
from rewards import earning
from rewards.drawing import SCALE, draw_statement, draw_values
from rewards.models import EarningRule, Unit
from segmentation import packages

TRIGGERS = {
    "rewards_draw": ["draw_told"],
    "rewards_award": ["award_granted_told", "award_moved_told"],
    "rewards_entry": ["entry_told"],
    "members_levelchange": ["level_change_told"],
}
WAYS = UNTOLD, NOBODY, ONE = "untold", "nobody listens", "one endpoint"
ROUNDS = 6
DRAWS = 250
# The first draws of a round plan their statements anew, after the triggers were touched.
WARMING = 30
ORDERS = 5_000
ENTERING = 200_000


def measure(pool: HotPool) -> list[Figure]:
    return [*_of_draws(pool), *_of_orders(), *_of_a_segment()]


def _of_draws(pool: HotPool) -> list[Figure]:
    taken: dict[str, list[float]] = {UNTOLD: [], NOBODY: [], ONE: []}
    for number in range(ROUNDS):
        # Whoever draws for the same members later draws on rows that were moved more often.
        for way in (*WAYS[number % 3 :], *WAYS[: number % 3]):
            with _listening(way):
                taken[way].extend(_draw(pool, number))
    quick = {way: statistics.quantiles(times, n=4)[0] * 1_000 for way, times in taken.items()}
    return [
        Figure("a draw, nobody listens", quick[NOBODY], quick[UNTOLD], 1.05, "lower", "ms"),
        Figure("a draw, one endpoint is told of everything", quick[ONE], quick[UNTOLD], None, "lower", "ms"),
    ]


def _draw(pool: HotPool, seed: int) -> Iterator[float]:
    with connection.cursor() as cursor:
        for number in range(DRAWS):
            values = draw_values(
                pool.member_ids[(seed * DRAWS + number) % len(pool.member_ids)],
                scope=pool.scope,
                version_id=pool.version_id,
                request_key=str(uuid4()),
                # Every third wins points, and moves an account.
                roll=(number * 7919 * 31) % SCALE,
                now=timezone.now(),
            )
            started = time.perf_counter()
            cursor.execute(draw_statement(), values)
            cursor.fetchone()
            if number >= WARMING:
                yield time.perf_counter() - started


def _of_orders() -> list[Figure]:
    """5,000 orders of as many members brought in, and the points for them posted."""
    unit = Unit.objects.get(slug="points")
    starts = timezone.now() - timedelta(days=9)
    EarningRule.objects.create(slug="bench", name="bench", unit=unit, rate=Decimal(1), starts_at=starts)
    taken: dict[str, list[float]] = {UNTOLD: [], NOBODY: [], ONE: []}
    for _ in range(3):
        for way, times in taken.items():
            with _listening(way):
                times.append(_bring_in_orders())
    rate = {way: ORDERS / min(times) for way, times in taken.items()}
    return [
        Figure(
            f"{ORDERS:,} orders and their points, nobody listens", rate[NOBODY], rate[UNTOLD], 0.95, "higher", "1/s"
        ),
        Figure("the same, one endpoint", rate[ONE], rate[UNTOLD], None, "higher", "1/s"),
    ]


def _bring_in_orders() -> float:
    now = timezone.now()
    uids = list(Member.objects.order_by("id").values_list("uid", flat=True)[:ORDERS])
    batch = uuid4().hex
    rows = [
        OrderRow(f"{batch}-{number}", uids[number % len(uids)], now, Decimal(20 + number % 80))
        for number in range(ORDERS)
    ]
    return _timed(lambda: _ingest_and_settle(rows, batch))


def _ingest_and_settle(rows: list[OrderRow], batch: str) -> None:
    now = timezone.now()
    ingest.ingest_orders(rows, now=now)
    ids = list(Order.objects.filter(order_id__startswith=batch).order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), 500):
        earning.settle_slice(ids[start : start + 500], now=now)


def _of_a_segment() -> list[Figure]:
    """A first version of 200,000 members: all of them enter."""
    members = BitMap(Member.objects.order_by("id").values_list("id", flat=True)[:ENTERING])
    seconds = {}
    for way in (NOBODY, ONE):
        with _listening(way):
            seconds[way] = _timed(lambda: _publish(members))
    label = f"{len(members):,} members enter a segment"
    return [
        Figure(f"{label}, nobody listens", seconds[NOBODY], None, None, "lower", "s"),
        Figure(f"{label}, one endpoint", seconds[ONE], None, None, "lower", "s"),
    ]


def _publish(members: BitMap) -> None:
    slug = uuid4().hex
    packages.make(slug, slug, packages.Content(members, {"how": "upload"}), by=None, now=timezone.now())


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    with transaction.atomic():
        work()
    return time.perf_counter() - started


@contextmanager
def _listening(way: str) -> Iterator[None]:
    """Take the triggers away, leave them with nobody to tell, or give them one endpoint that is told of every kind."""
    if way == UNTOLD:
        _switch_triggers("DISABLE")
    elif way == ONE:
        names = [kind.name for kind in webhook_kinds.all_kinds()]
        made = {"url": "https://bench.example/", "sealed_secret": "s", "created_at": timezone.now()}
        WebhookEndpoint.objects.create(name="bench", events=names, **made)
    yield
    _switch_triggers("ENABLE")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE operations_webhookendpoint, operations_webhookevent CASCADE")


def _switch_triggers(to: str) -> None:
    with connection.cursor() as cursor:
        for table, names in TRIGGERS.items():
            for name in names:
                cursor.execute(f"ALTER TABLE {table} {to} TRIGGER {name}")


def main() -> int:
    from django.core.management import call_command

    from benchmarks import database, report, shop
    from members import locking

    database.create_empty()
    call_command("migrate", verbosity=0)
    shop.generate_facts(6_000, 6_000)
    pool = shop.make_hot_pool(now=timezone.localtime())
    with transaction.atomic():
        locking.create_missing([f"w-{number:06d}" for number in range(ENTERING)], now=timezone.now())
    database.settle()
    sys.stdout.write(report.table(measure(pool)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
