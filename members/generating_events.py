"""Believable behaviour events in bulk, with the hours and weekdays of a shop's visitors."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

import numpy as np
from numpy.random import Generator

from members.event_rows import EventRow
from members.ingest_events import write_history

TYPES = ("view", "click", "search", "favourite", "cart", "share", "login")
TYPE_WEIGHTS = (0.50, 0.14, 0.11, 0.07, 0.10, 0.02, 0.06)
# Out of each hour of the day, from midnight on: the way to work, lunch, the long evening.
HOUR_WEIGHTS = (7, 4, 2, 1, 1, 2, 8, 20, 30, 28, 27, 29, 45, 36, 26, 25, 26, 32, 42, 55, 72, 80, 62, 30)
# From Monday on.
WEEKDAY_WEIGHTS = (0.86, 0.84, 0.87, 0.90, 1.05, 1.28, 1.20)
PAGES = ("home", "list", "item", "campaign")
DAYS = 730
ITEMS_A_CATEGORY = 40
BATCH = 50_000


def generate(
    chance: Generator, count: int, *, members: dict[str, int], categories: Sequence[str], now: datetime
) -> None:
    """Write `count` events of the last two years, of few members much and of most a little. `now` is a local time."""
    rows = _rows(chance, count, list(members), categories, now)
    while batch := list(islice(rows, BATCH)):
        write_history(batch, members=members)


def moments(chance: Generator, count: int, *, days: int, now: datetime) -> Iterator[datetime]:
    """Yield times within the `days` before the day of `now`, by weekday and hour; in UTC. `now` is a local time."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    ago = np.arange(1, days + 1)
    weights = np.take(WEEKDAY_WEIGHTS, (midnight.weekday() - ago) % 7)
    # A shop grows: of the last days there are three times as many as of the first.
    weights = weights * (1 + 2 * (1 - ago / days))
    picked = chance.choice(ago, size=count, p=weights / weights.sum())
    hours = chance.choice(24, size=count, p=np.array(HOUR_WEIGHTS) / sum(HOUR_WEIGHTS))
    seconds = chance.integers(0, 3_600, count)
    for day, hour, second in zip(picked.tolist(), hours.tolist(), seconds.tolist(), strict=True):
        local = (midnight - timedelta(days=day)).replace(hour=hour, minute=second // 60, second=second % 60)
        yield local.astimezone(UTC)


def _rows(
    chance: Generator, count: int, uids: list[str], categories: Sequence[str], now: datetime
) -> Iterator[EventRow]:
    interest = chance.pareto(1.3, len(uids)) + 0.2
    whose = chance.choice(len(uids), size=count, p=interest / interest.sum())
    kinds = chance.choice(len(TYPES), size=count, p=TYPE_WEIGHTS)
    wanted = chance.integers(0, len(categories), count)
    # Few items draw most of the looks.
    items = np.minimum(chance.geometric(0.12, count), ITEMS_A_CATEGORY)
    pages = chance.integers(0, len(PAGES), count)
    columns = (each.tolist() for each in (whose, kinds, wanted, items, pages))
    times = moments(chance, count, days=DAYS, now=now)
    for number, (who, kind, category, item, page, at) in enumerate(zip(*columns, times, strict=True)):
        yield _row(f"g-{number:010d}", uids[who], TYPES[kind], at, categories[category], item, PAGES[page])


def _row(event_id: str, uid: str, kind: str, at: datetime, category: str, item: int, page: str) -> EventRow:  # noqa: PLR0913, PLR0917 - the columns
    if kind == "login":
        return EventRow(event_id, uid, kind, at)
    if kind == "search":
        return EventRow(event_id, uid, kind, at, category=category, keyword=category)
    return EventRow(event_id, uid, kind, at, f"{category}-{item}", category, properties=f'{{"page":"{page}"}}')
