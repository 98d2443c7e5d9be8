"""Draws on one hot pool: over HTTP, from plain database clients, written by the ORM, and with a stock in slices.

`python -m benchmarks.draws` measures them alone, in a database of its own with 2,000 members.
"""

import multiprocessing
import os
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

if __name__ == "__main__":
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["LOCAL_HTTP"] = "1"
    django.setup()

import psycopg
from django.db import connection
from django.utils import timezone

from benchmarks import load
from benchmarks.report import Figure
from benchmarks.shop import Client, HotPool, make_pool
from rewards.drawing import SCALE, draw_statement, draw_values
from rewards.models import PrizeStock
from rewards.pools import publish_pool

BUSY = 16
SLICES = 4


def measure(port: int, client: Client, pool: HotPool, *, clients: int, seconds: float) -> list[Figure]:
    over_http = _drive(port, _draw_request(client, pool, "draws"), clients, seconds)
    busy = _drive(port, _draw_request(client, pool, "draws"), BUSY, seconds)
    by_orm = _drive(port, _draw_request(client, pool, "draws-by-orm"), clients, seconds)
    direct = _directly(pool, _roll, clients=clients, seconds=seconds)
    bound = load.drive(port, _empty_request(client), clients=clients, seconds=seconds)
    return [
        Figure("draws on one hot pool over HTTP", over_http.per_second, direct, None, "higher", "draws/s"),
        Figure("the same, against the ORM with row locks", over_http.per_second, by_orm.per_second, 3, "higher", "1/s"),
        Figure("the same, against an empty view", over_http.per_second, bound.per_second, None, "higher", "1/s"),
        Figure("an empty view, against the draw alone", bound.per_second, direct, None, "higher", "1/s"),
        Figure(f"draws over HTTP, {BUSY} connections", busy.per_second, direct, 0.5, "higher", "draws/s"),
        Figure(f"its 99th percentile, against its median, {BUSY}", busy.p99_ms, busy.median_ms, 20, "lower", "ms"),
        *_of_slices(pool, seconds=seconds),
    ]


def _of_slices(pool: HotPool, *, seconds: float) -> list[Figure]:
    """Every draw wins the same prize: its stock in one row, and in four; the floor is the prize without a stock."""
    bare = _directly(_without_stock(pool), _winning_roll, clients=BUSY, seconds=seconds)
    figures = []
    for slices, aim in ((1, None), (SLICES, 0.6)):
        _slice_stock(pool, slices)
        won = _directly(pool, _winning_roll, clients=BUSY, seconds=seconds)
        figures.append(Figure(f"all win one prize, stock in {slices}, {BUSY}", won, bare, aim, "higher", "1/s"))
    return figures


def _without_stock(pool: HotPool) -> HotPool:
    draft = make_pool("free-pool", stock=None)
    version = publish_pool(draft, by=None, now=timezone.now())
    return replace(pool, version_id=version.pk)


def _slice_stock(pool: HotPool, slices: int) -> None:
    stock = PrizeStock.objects.filter(pool__versions=pool.version_id).order_by("slice")
    first = stock[0]
    for number in range(stock.count(), slices):
        PrizeStock.objects.create(pool=first.pool, key=first.key, slice=number, stock=first.stock)


def _drive(port: int, make: load.RequestMaker, clients: int, seconds: float) -> load.Load:
    driven = load.drive(port, make, clients=clients, seconds=seconds)
    if driven.failures:
        raise RuntimeError(f"{driven.failures} of {driven.requests} draws were refused")
    return driven


def _draw_request(client: Client, pool: HotPool, how: str) -> load.RequestMaker:
    def make(client_number: int, number: int) -> bytes:
        uid = pool.uids[(client_number * 7919 + number) % len(pool.uids)]
        headers = client.headers | {"Idempotency-Key": str(uuid4())}
        path = f"/api/v1/campaigns/{pool.campaign}/members/{uid}/{how}/"
        return load.request("POST", path, headers=headers, body=b"{}")

    return make


def _empty_request(client: Client) -> load.RequestMaker:
    """What HTTP alone costs: the floor's view, with an answer as small as a draw's."""
    return lambda _client, _number: load.request("GET", "/bench/floor/120/", headers=client.headers)


def _roll() -> int:
    return secrets.randbelow(SCALE)


def _winning_roll() -> int:
    return 0


def _directly(pool: HotPool, roll: Callable[[], int], *, clients: int, seconds: float) -> float:
    """Return how many a second plain clients draw."""
    settings = connection.get_connection_params()
    parameters = {name: settings[name] for name in ("host", "port", "user", "password", "dbname") if settings.get(name)}
    context = multiprocessing.get_context("fork")
    counts: multiprocessing.SimpleQueue[int] = context.SimpleQueue()
    workers = [
        context.Process(target=_client, args=(counts, parameters, pool, roll, number, seconds))
        for number in range(clients)
    ]
    for worker in workers:
        worker.start()
    drawn = sum(counts.get() for _ in workers)
    for worker in workers:
        worker.join()
    return drawn / seconds


def _client(  # noqa: PLR0913, PLR0917 what a process is given
    counts: Any,
    parameters: dict[str, Any],
    pool: HotPool,
    roll: Callable[[], int],
    number: int,
    seconds: float,
) -> None:
    drawn = 0
    with psycopg.connect(**parameters, autocommit=True, prepare_threshold=0) as database:
        ends_at = time.perf_counter() + seconds
        while time.perf_counter() < ends_at:
            member_id = pool.member_ids[(number * 7919 + drawn) % len(pool.member_ids)]
            values = draw_values(
                member_id,
                scope=pool.scope,
                version_id=pool.version_id,
                request_key=str(uuid4()),
                roll=roll(),
                now=timezone.now(),
            )
            database.execute(draw_statement(), values).fetchone()
            drawn += 1
    counts.put(drawn)


def main() -> int:
    from django.core.management import call_command

    from benchmarks import database, report, server, shop

    database.create_empty()
    call_command("migrate", verbosity=0)
    shop.generate_facts(2_000, 10_000)
    pool = shop.make_hot_pool(now=timezone.localtime())
    client = shop.make_client()
    database.settle()
    with server.running() as (port, _pid):
        figures = measure(port, client, pool, clients=4, seconds=float(os.environ.get("SECONDS_EACH", "6")))
    sys.stdout.write(report.table(figures) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
