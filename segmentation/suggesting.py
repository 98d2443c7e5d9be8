"""Values to choose from while a rule is written: names that exist, and texts that the facts have.

The texts of a large table are those of a sample of its blocks, so that the answer takes the same short time for a shop
of any size. Whatever is not offered can be typed all the same.
"""

import time
from collections.abc import Iterable
from functools import lru_cache

from django.db import connection

from segmentation import sources
from segmentation.naming import load_names

OFFERED = 30
SAMPLED_ROWS = 50_000
# Seconds for which a sample serves.
KEPT = 60
LONGEST = 200
# What is asked for → (table, column).
COLUMNS = {
    "orders.category": ("members_orderitem", "category"),
    "orders.sku": ("members_orderitem", "sku"),
    "orders.channel": ("members_order", "channel"),
    "orders.payment_method": ("members_order", "payment_method"),
    "events.type": ("members_event", "type"),
    "events.item": ("members_event", "item"),
    "events.category": ("members_event", "category"),
    "events.keyword": ("members_event", "keyword"),
    "profile.region": ("members_member", "region"),
}


def suggest(of: str, text: str) -> list[tuple[str, str]]:
    """Return (value, words) of up to OFFERED values in which `text` occurs.

    `of` is a kind of name ("tag.city"), or a column of facts ("orders.category"). Nothing is known of anything else.
    """
    names = load_names()
    if of in COLUMNS:
        _family, _dot, key = of.partition(".")
        seen = _texts(of, int(time.monotonic() // KEPT))
        return _matching(((each, names.of(key, each)) for each in seen), text)
    known = sources.catalogue().names.get(of, frozenset())
    return _matching(sorted(((key, names.of(of, key)) for key in known), key=lambda each: each[1]), text)


def _matching(candidates: Iterable[tuple[str, str]], text: str) -> list[tuple[str, str]]:
    """Keep those in which `text` occurs, those that begin with it first."""
    wanted = text.strip().casefold()[:LONGEST]
    found = [each for each in candidates if any(wanted in part.casefold() for part in each)]
    found.sort(key=lambda each: not any(part.casefold().startswith(wanted) for part in each))
    return found[:OFFERED]


@lru_cache(maxsize=2 * len(COLUMNS))
def _texts(of: str, _period: int) -> tuple[str, ...]:
    """Return the texts of a sample of the column, the commonest first."""
    table, column = COLUMNS[of]
    with connection.cursor() as cursor:
        # Before a table is first analysed its size is told as -1.
        cursor.execute(
            "SELECT COALESCE(sum(GREATEST(reltuples, 0)), 0) FROM pg_class WHERE relkind = 'r' AND oid IN"
            " (SELECT relid FROM pg_partition_tree(%s::regclass) UNION SELECT %s::regclass)",
            [table, table],
        )
        share = min(100.0, 100 * SAMPLED_ROWS / max(cursor.fetchone()[0], 1))
        cursor.execute(
            f"SELECT {column} FROM {table} TABLESAMPLE SYSTEM (%s) REPEATABLE (1) WHERE {column} <> ''"  # noqa: S608
            " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 5000",
            [share],
        )
        return tuple(text for (text,) in cursor.fetchall())
