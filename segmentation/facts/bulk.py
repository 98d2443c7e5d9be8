"""All facts of all members, from PostgreSQL onto a shelf: every table is read once, in the order of its pages.

Rows are put aside by ranges of members and then sorted range by range, so that memory is bounded whatever a member
has; reading member by member would fetch each page many times. Slices of pages are statements of their own: a row that
is moved meanwhile may be read twice or not at all, and its writer has touched its member (`members.touches`).
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy
from django.db import connection

from segmentation.facts import choosing, reading
from segmentation.facts.reading import EVENTS, LINES, ORDERS, PEOPLE, Columns, Query
from segmentation.facts.shelf import Writing
from segmentation.facts.spool import Spool
from segmentation.facts.tables import Column, Words

# A page has at most about 290 rows: a slice 2.4 million, usually a quarter of a million.
PAGES = 8192
MEMBER_BITS = 17
ID_BITS = 22

Told = Callable[[str], None]


def build(writing: Writing, work: Path, zone: ZoneInfo, told: Told) -> None:
    """Fill the shelf; `work` is an empty directory for what is put aside."""
    bulk = _Bulk(work, zone, told)
    bulk.read()
    for low, part in bulk.parts():
        writing.add(part, low)
    writing.finish(bulk.words)


class _Bulk:
    def __init__(self, work: Path, zone: ZoneInfo, told: Told):
        self._zone, self._told = zone, told
        self._orders = _spool(work / "orders", ORDERS, "member", MEMBER_BITS)
        self._items = _spool(work / "items", LINES, "member", MEMBER_BITS, member="i8")
        self._events = _spool(work / "events", EVENTS, "member", MEMBER_BITS)
        self._people = _spool(work / "people", PEOPLE, "member", MEMBER_BITS)
        self._members = _MembersOfOrders(work / "ids")
        self.words: dict[str, dict[str, Words]] = {}

    def read(self) -> None:
        for columns in self._slices("people", PEOPLE, ["members_member"]):
            self._people.add(columns)
        for columns in self._slices("orders", ORDERS, ["members_order"]):
            self._orders.add(columns)
            self._members.add(columns["id"], columns["member"])
        for columns in self._slices("items", LINES, ["members_orderitem"]):
            member = self._members.of(columns["order_id"])
            there = member >= 0
            self._items.add({name: column[there] for name, column in (columns | {"member": member}).items()})
        for columns in self._slices("events", EVENTS, event_partitions()):
            self._events.add(columns)

    def parts(self) -> Iterator[tuple[int, choosing.Facts]]:
        """Yield the facts by ranges of members, each with the lowest id that it can have, ascending."""
        spools = (self._people, self._orders, self._items, self._events)
        numbers = sorted({number for spool in spools for number in spool.ranges()})
        for done, number in enumerate(numbers, start=1):
            self._told(f"sorting {done}/{len(numbers)}")
            taken = [spool.take(number) for spool in spools]
            members = [rows["member"] for rows in taken]
            for low, high in choosing.cuts(members, number << MEMBER_BITS, (number + 1) << MEMBER_BITS):
                yield low, self._part(*(_between(rows, low, high) for rows in taken))
            for spool in spools:
                spool.drop(number)

    def _part(self, people: Columns, orders: Columns, items: Columns, events: Columns) -> choosing.Facts:
        words = self.words
        ids, sorted_orders = reading.orders_of(orders, words["orders"], self._zone)
        items.pop("member")
        return choosing.Whole(
            orders=sorted_orders,
            items=reading.items_of(items, words["items"], ids),
            events=reading.events_of(events, words["events"], self._zone),
            people=reading.people_of(people, words["people"]),
        )

    def _slices(self, kind: str, query: Query, tables: list[str]) -> Iterator[Columns]:
        """Yield the columns of the tables slice by slice, with their words in temporary tables."""
        everything = " UNION ALL ".join(query.sql.format(condition="true", table=table) for table in tables)
        named = {text: f"facts_{kind}_{text}" for text in query.texts}
        self.words[kind] = {query.texts[text]: _keep_words(everything, text, named[text]) for text in named}
        for table in tables:
            pages = _pages(table if "{table}" in query.sql else _TABLES[query.row])
            for low in range(0, pages, PAGES):
                self._told(f"{kind} {100 * low // pages} %")
                condition = f"{query.row}.ctid >= '({low},0)'::tid AND {query.row}.ctid < '({low + PAGES},0)'::tid"
                yield reading.read_coded(query, query.sql.format(condition=condition, table=table), (), named)


_TABLES = {"m": "members_member", "o": "members_order", "i": "members_orderitem"}


class _MembersOfOrders:
    """Whose order it is, by its id: kept on the disk by ranges of ids, each sorted when it is asked for."""

    def __init__(self, directory: Path):
        self._spool = Spool(directory, [("id", "i8"), ("member", "i8")], "id", ID_BITS)
        self._sorted = lru_cache(maxsize=4)(self._sort)

    def add(self, ids: Column, member: Column) -> None:
        self._spool.add({"id": ids, "member": member})

    def of(self, ids: Column) -> Column:
        """Return the member of each order; -1 for an order that is not there."""
        found = numpy.full(ids.size, -1, dtype=numpy.int64)
        ranges = ids >> ID_BITS
        for number in numpy.unique(ranges).tolist():
            known, member = self._sorted(number)
            rows = numpy.flatnonzero(ranges == number)
            places: Column = numpy.minimum(numpy.searchsorted(known, ids[rows]), max(known.size - 1, 0))
            if known.size:
                found[rows] = numpy.where(known[places] == ids[rows], member[places], -1)
        return found

    def _sort(self, number: int) -> tuple[Column, Column]:
        rows = self._spool.take(number)
        order = numpy.argsort(rows["id"], kind="stable")
        return rows["id"][order], rows["member"][order]


def event_partitions() -> list[str]:
    """Return the tables that events are in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relid::regclass::text FROM pg_partition_tree('members_event') WHERE isleaf ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def _spool(directory: Path, query: Query, key: str, bits: int, **also: str) -> Spool:
    types = dict.fromkeys(query.numbers, "i8") | dict.fromkeys(query.texts, "i4") | also
    return Spool(directory, list(types.items()), key, bits)


def _keep_words(sql: str, text: str, table: str) -> Words:
    """Read the distinct texts once, and leave them in a temporary table with their codes."""
    words = reading.read_words(sql, (), text)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(
            f"CREATE TEMP TABLE {table} ON COMMIT DROP AS SELECT * FROM unnest(%s::text[])"  # noqa: S608
            " WITH ORDINALITY AS words(text, code)",
            [list(words.texts)],
        )
        cursor.execute(f"ANALYZE {table}")
    return words


def _pages(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int", [table])
        return int(cursor.fetchone()[0])


def _between(rows: numpy.ndarray, low: int, high: int) -> dict[str, Any]:
    wanted = (rows["member"] >= low) & (rows["member"] < high)
    return {name: rows[name][wanted].astype(numpy.int64) for name in rows.dtype.names or ()}
