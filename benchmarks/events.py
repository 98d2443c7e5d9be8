"""Behaviour events in, by the API's view and by `import_data`, beside a bare COPY of the same rows.

`python -m benchmarks.events` measures them alone, with 20,000 members; the database is kept for the next time.
"""

import argparse
import csv
import gc
import json
import random
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    from benchmarks import alone

    OPTIONS = alone.options_of(__doc__)

from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client as InProcessClient
from django.utils import timezone

from benchmarks.report import Figure
from members.event_rows import EVENT_COLUMNS

ROWS = 5_000
CALLS = 20
AIM = 0.4
_COPY = "COPY members_event (event_id, member_id, type, occurred_at, item, category, keyword, properties) FROM STDIN"


def measure(headers: dict[str, str], *, now: datetime) -> list[Figure]:
    """Bring in as many new events three ways. The floor writes the same table, with its keys and its foreign key."""
    members = dict(_members())
    caller = InProcessClient(headers=headers, SERVER_NAME="127.0.0.1")
    # The first call of a process reads the campaigns that events may move.
    _post(caller, json.dumps(_batch(members, 3 * CALLS, now=now)))
    batches = [_batch(members, number, now=now) for number in range(3 * CALLS)]
    # A server holds no such heap of rows for the collector to walk through at every call.
    gc.collect()
    gc.freeze()
    post_seconds = copy_seconds = 0.0
    # In turns, so that whatever else the machine does falls on both.
    for posted, copied in zip(batches[:CALLS], batches[CALLS : 2 * CALLS], strict=True):
        post_seconds += _seconds(_post, caller, json.dumps(posted))
        copy_seconds += _seconds(_copy, _lines(copied, members))
    floor = CALLS * ROWS / copy_seconds
    import_seconds = _import(batches[2 * CALLS :])
    gc.unfreeze()
    return [
        Figure("events by the API, 5,000 a call", CALLS * ROWS / post_seconds, floor, AIM, "higher", "/s"),
        Figure("events by import_data", CALLS * ROWS / import_seconds, floor, None, "higher", "/s"),
    ]


def _members() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT uid, id FROM members_member")
        return cursor.fetchall()


def _batch(members: dict[str, int], number: int, *, now: datetime) -> list[dict[str, object]]:
    chance = random.Random(number)
    uids = chance.choices(list(members), k=ROWS)
    return [
        {
            "event_id": f"bench-{number}-{row}",
            "uid": uid,
            "type": chance.choice(["view", "view", "view", "cart", "search", "favourite"]),
            "occurred_at": (now - timedelta(seconds=chance.randrange(30 * 86_400))).isoformat(timespec="milliseconds"),
            "item": f"SKU-{chance.randrange(500)}",
            "category": chance.choice(["milk", "tea", "snacks", "books"]),
            "keyword": "",
            "properties": {"page": "home", "seconds": chance.randrange(90)},
        }
        for row, uid in enumerate(uids)
    ]


def _seconds(write: Callable[..., None], *given: Any) -> float:
    begun = time.perf_counter()
    write(*given)
    return time.perf_counter() - begun


def _post(client: InProcessClient, body: str) -> None:
    answer = client.post("/api/v1/events/bulk/", body, content_type="application/json")
    if answer.json().get("created") != ROWS:
        raise RuntimeError(f"not all events were taken: {answer.content[:300]!r}")


def _lines(batch: list[dict[str, object]], members: dict[str, int]) -> str:
    return "".join(
        f"{row['event_id']}\t{members[str(row['uid'])]}\t{row['type']}\t{row['occurred_at']}\t{row['item']}\t"
        f"{row['category']}\t{row['keyword']}\t{json.dumps(row['properties'])}\n"
        for row in batch
    )


@transaction.atomic
def _copy(lines: str) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write(lines)


def _import(batches: list[list[dict[str, object]]]) -> float:
    """Write the batches to a file, import it, and return how many seconds the import took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, EVENT_COLUMNS)
            writer.writeheader()
            for batch in batches:
                writer.writerows({**row, "properties": json.dumps(row["properties"])} for row in batch)
        return _seconds(call_command, "import_data", "events", path)


def _alone(options: argparse.Namespace) -> list[Figure]:
    from benchmarks import shop

    alone.prepare(options.members)
    with connection.cursor() as cursor:
        # Those of the last time.
        cursor.execute("TRUNCATE members_event, members_touch, operations_job")
    return measure(shop.make_client().headers, now=timezone.localtime())


if __name__ == "__main__":
    alone.report(_alone(OPTIONS), OPTIONS.json)
