"""Draws on one hot pool over HTTP, against the same statement from plain database clients."""

import multiprocessing
import secrets
import time
from typing import Any
from uuid import uuid4

import psycopg
from django.db import connection
from django.utils import timezone

from benchmarks import load
from benchmarks.report import Figure
from benchmarks.shop import Client, HotPool
from rewards.drawing import DRAW, SCALE


def measure(port: int, client: Client, pool: HotPool, *, clients: int, seconds: float) -> list[Figure]:
    over_http = load.drive(port, _draw_request(client, pool), clients=clients, seconds=seconds)
    if over_http.failures:
        raise RuntimeError(f"{over_http.failures} of {over_http.requests} draws were refused")
    direct = _drive_directly(pool, clients=clients, seconds=seconds)
    bound = load.drive(port, _empty_request(client), clients=clients, seconds=seconds)
    return [
        Figure("draws on one hot pool over HTTP", over_http.per_second, direct, 0.5, "higher", "draws/s"),
        Figure("the same, against an empty view", over_http.per_second, bound.per_second, None, "higher", "1/s"),
        Figure("an empty view, against the draw alone", bound.per_second, direct, None, "higher", "1/s"),
        Figure("draw over HTTP, 99th percentile", over_http.p99_ms, None, None, "lower", "ms"),
    ]


def _draw_request(client: Client, pool: HotPool) -> load.RequestMaker:
    def make(client_number: int, number: int) -> bytes:
        uid = pool.uids[(client_number * 7919 + number) % len(pool.uids)]
        headers = client.headers | {"Idempotency-Key": str(uuid4())}
        return load.request(
            "POST", f"/api/v1/campaigns/{pool.campaign}/members/{uid}/draws/", headers=headers, body=b"{}"
        )

    return make


def _empty_request(client: Client) -> load.RequestMaker:
    """What HTTP alone costs: the floor's view, with an answer as small as a draw's."""
    return lambda _client, _number: load.request("GET", "/bench/floor/120/", headers=client.headers)


def _drive_directly(pool: HotPool, *, clients: int, seconds: float) -> float:
    settings = connection.get_connection_params()
    parameters = {name: settings[name] for name in ("host", "port", "user", "password", "dbname") if settings.get(name)}
    context = multiprocessing.get_context("fork")
    counts: multiprocessing.SimpleQueue[int] = context.SimpleQueue()
    workers = [
        context.Process(target=_client, args=(counts, parameters, pool, number, seconds)) for number in range(clients)
    ]
    for worker in workers:
        worker.start()
    drawn = sum(counts.get() for _ in workers)
    for worker in workers:
        worker.join()
    return drawn / seconds


def _client(counts: Any, parameters: dict[str, Any], pool: HotPool, number: int, seconds: float) -> None:
    drawn = 0
    with psycopg.connect(**parameters, autocommit=True, prepare_threshold=0) as database:
        ends_at = time.perf_counter() + seconds
        while time.perf_counter() < ends_at:
            member_id = pool.member_ids[(number * 7919 + drawn) % len(pool.member_ids)]
            roll = secrets.randbelow(SCALE)
            arguments = [member_id, pool.scope, pool.version_id, str(uuid4()), roll, timezone.now()]
            database.execute(DRAW, arguments).fetchone()
            drawn += 1
    counts.put(drawn)
