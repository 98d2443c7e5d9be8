"""Posting on one hot account, against the same clients that move a bare balance and write a bare entry.

The floor is what a ledger cannot do without: an UPDATE that refuses to go below zero, and an INSERT with a unique key,
into copies of the same tables with the same indexes and constraints. It looks no key up, settles no debt and keeps no
lots. It is taken twice: as one transaction of two statements, and as one statement.
"""

import multiprocessing
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
from django.db import connection
from django.utils import timezone

from benchmarks import database
from benchmarks.report import Figure
from members.models import Member
from rewards import ledger
from rewards.models import Unit

Post = Callable[[Any], None]

TABLES = """
DROP TABLE IF EXISTS bench_entry, bench_account;
CREATE TABLE bench_account (LIKE rewards_account INCLUDING ALL);
CREATE TABLE bench_entry (LIKE rewards_entry INCLUDING ALL);
ALTER TABLE bench_entry ADD FOREIGN KEY (account_id) REFERENCES bench_account DEFERRABLE INITIALLY DEFERRED;
"""
MOVE = "UPDATE bench_account SET balance = balance + %s WHERE id = %s AND balance + %s >= 0 RETURNING balance"
ENTER = """
INSERT INTO bench_entry (account_id, kind, amount, to_balance, to_earned, balance_after, key, reason, posted_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, 'bench', %s)
"""
MOVE_AND_ENTER = """
WITH moved AS (
    UPDATE bench_account SET balance = balance + %s WHERE id = %s AND balance + %s >= 0 RETURNING id, balance
)
INSERT INTO bench_entry (account_id, kind, amount, to_balance, to_earned, balance_after, key, reason, posted_at)
SELECT id, %s, %s, %s, %s, balance, %s, 'bench', %s FROM moved
"""
POST = "SELECT id, balance_after FROM rewards_post(%s, %s, %s, %s, 'bench', %s)"
START = 10**9


# Each way takes its turn in each round, so that what else the machine does in the meantime burdens all alike.
ROUNDS = 4


def measure(*, clients: int, seconds: float) -> list[Figure]:
    member_id, account_id = _hot_account()
    ways = {
        "two statements": _two_statements(account_id),
        "one statement": _one_statement(account_id),
        "earned, never expires": _function(member_id, "hot", 1),
        "earned, a lot each": _function(member_id, "hot-lots", 1),
        "spent from lots": _function(member_id, "hot-lots", -3),
    }
    figures = []
    for count in (1, clients):
        rates = dict.fromkeys(ways, 0.0)
        for _round in range(ROUNDS):
            database.settle()
            for way, post in ways.items():
                rates[way] += _rate(post, count, seconds / ROUNDS) / ROUNDS
        figures += _compared(rates, _clients(count))
    from_python = _from_python(member_id, seconds)
    return [*figures, Figure("ledger.post_entry from Python", from_python, None, None, "higher", "1/s")]


def _compared(rates: dict[str, float], clients: str) -> list[Figure]:
    two, one = rates.pop("two statements"), rates.pop("one statement")
    against_two = [Figure(f"{way}, {clients}", rate, two, 0.5, "higher", "1/s") for way, rate in rates.items()]
    against_one = [
        Figure(f"{way}, {clients}, against one", rate, one, None, "higher", "1/s") for way, rate in rates.items()
    ]
    return against_two + against_one


def _clients(count: int) -> str:
    return "1 client" if count == 1 else f"{count} clients"


def _hot_account() -> tuple[int, int]:
    """Make a member with much in a unit that never expires and in one that does, and the floor's tables."""
    now = timezone.now()
    member = Member.objects.create(uid="hot")
    Unit.objects.create(slug="hot", name="hot")
    Unit.objects.create(slug="hot-lots", name="hot-lots", expiry="days", expires_after=365)
    for unit in ("hot", "hot-lots"):
        ledger.post_entry(member.pk, unit, amount=START, key=f"start:{unit}", reason="bench", now=now)
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        cursor.execute("INSERT INTO bench_account SELECT * FROM rewards_account WHERE member_id = %s", [member.pk])
        cursor.execute("SELECT min(id) FROM bench_account")
        return member.pk, cursor.fetchone()[0]


def _two_statements(account_id: int) -> Post:
    def post(client: Any) -> None:
        with client.transaction():
            (balance,) = client.execute(MOVE, [1, account_id, 1]).fetchone()
            client.execute(ENTER, [account_id, "earn", 1, 1, 1, balance, str(uuid4()), timezone.now()])

    return post


def _one_statement(account_id: int) -> Post:
    def post(client: Any) -> None:
        client.execute(MOVE_AND_ENTER, [1, account_id, 1, "earn", 1, 1, 1, str(uuid4()), timezone.now()])

    return post


def _function(member_id: int, unit: str, amount: int) -> Post:
    def post(client: Any) -> None:
        client.execute(POST, [member_id, unit, amount, str(uuid4()), timezone.now()]).fetchone()

    return post


def _rate(post: Post, clients: int, seconds: float) -> float:
    """Post from so many clients, each in a process and on a connection of its own; return how many a second."""
    settings = connection.get_connection_params()
    parameters = {name: settings[name] for name in ("host", "port", "user", "password", "dbname") if settings.get(name)}
    context = multiprocessing.get_context("fork")
    counts: multiprocessing.SimpleQueue[int] = context.SimpleQueue()
    workers = [context.Process(target=_client, args=(counts, parameters, post, seconds)) for _number in range(clients)]
    for worker in workers:
        worker.start()
    posted = sum(counts.get() for _ in workers)
    for worker in workers:
        worker.join()
    return posted / seconds


def _client(counts: Any, parameters: dict[str, Any], post: Post, seconds: float) -> None:
    posted = 0
    with psycopg.connect(**parameters, autocommit=True, prepare_threshold=0) as client:
        ends_at = time.perf_counter() + seconds
        while time.perf_counter() < ends_at:
            post(client)
            posted += 1
    counts.put(posted)


def _from_python(member_id: int, seconds: float) -> float:
    posted = 0
    ends_at = time.perf_counter() + seconds
    while time.perf_counter() < ends_at:
        ledger.post_entry(member_id, "hot", amount=1, key=str(uuid4()), reason="bench", now=timezone.now())
        posted += 1
    return posted / seconds
