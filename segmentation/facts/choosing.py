"""The facts of fewer members, and facts put together. Numpy over `segmentation.facts.tables`; no queries."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy
from pyroaring import BitMap, FrozenBitMap

from segmentation.columns import ids_of
from segmentation.facts.tables import Column, Events, Items, Orders, People, Table, Words, rows_of

KINDS: Mapping[str, type[Table]] = {"orders": Orders, "items": Items, "events": Events, "people": People}
# Rows that are sorted at once, about 200 bytes each.
ROWS = 2_000_000
# The words of all tables, as {"orders": {"channels": …}, …}.
AllWords = Mapping[str, Mapping[str, Words]]


class Facts(Protocol):
    """The facts of the same members."""

    @property
    def orders(self) -> Orders: ...
    @property
    def items(self) -> Items: ...
    @property
    def events(self) -> Events: ...
    @property
    def people(self) -> People: ...


@dataclass(frozen=True)
class Whole:
    """Facts at hand."""

    orders: Orders
    items: Items
    events: Events
    people: People


class Chosen:
    """The facts of those members for whom `wanted`, asked of a column of ids, says yes."""

    def __init__(self, facts: Facts, wanted: Callable[[Column], Column]):
        self._facts, self._wanted = facts, wanted

    @cached_property
    def orders(self) -> Orders:
        return rows_of(self._facts.orders, self._of_orders)

    @cached_property
    def items(self) -> Items:
        lines = numpy.flatnonzero(self._of_orders[self._facts.items.order])
        places = numpy.cumsum(self._of_orders) - 1
        return rows_of(self._facts.items, lines).with_columns(order=places[self._facts.items.order[lines]])

    @cached_property
    def events(self) -> Events:
        return self._some(self._facts.events)

    @cached_property
    def people(self) -> People:
        return self._some(self._facts.people)

    @cached_property
    def _of_orders(self) -> Column:
        return self._wanted(self._facts.orders.member)

    def _some(self, table: Any) -> Any:
        return rows_of(table, self._wanted(table.member))


def without(facts: Facts, members: BitMap | FrozenBitMap) -> Chosen:
    """Return the facts without those of some members."""
    gone = ids_of(members)
    return Chosen(facts, lambda member: ~numpy.isin(member, gone))


def between(facts: Facts, low: int, high: int) -> Chosen:
    """Return the facts of the members from `low` until before `high`."""
    return Chosen(facts, lambda member: (member >= low) & (member < high))


class Joined:
    """Facts of different members put together, in the order of members, their codes into common `words`."""

    def __init__(self, sources: Sequence[Facts], words: AllWords):
        self._sources, self.words = sources, words

    @cached_property
    def orders(self) -> Orders:
        return self._sorted("orders", self._order_of_orders)

    @cached_property
    def items(self) -> Items:
        row_now = numpy.empty_like(self._order_of_orders)
        row_now[self._order_of_orders] = numpy.arange(row_now.size)
        starts = numpy.cumsum([0, *(source.orders.member.size for source in self._sources)])
        order = [source.items.order + start for source, start in zip(self._sources, starts, strict=False)]
        now = row_now[numpy.concatenate(order)]
        by_order = numpy.argsort(now, kind="stable")
        return self._sorted("items", by_order).with_columns(order=now[by_order])

    @cached_property
    def events(self) -> Events:
        return self._sorted("events", self._by_member("events"))

    @cached_property
    def people(self) -> People:
        return self._sorted("people", self._by_member("people"))

    @cached_property
    def _order_of_orders(self) -> Column:
        return self._by_member("orders")

    def _by_member(self, kind: str) -> Column:
        member = [getattr(source, kind).member for source in self._sources]
        return numpy.argsort(numpy.concatenate(member), kind="stable")

    def _sorted(self, kind: str, rows: Column) -> Any:
        tables = [getattr(source, kind) for source in self._sources]
        table, words = KINDS[kind], self.words[kind]

        def read(name: str) -> Any:
            if name in words:
                return words[name]
            columns = [getattr(each, name) for each in tables]
            if name in table.texts:
                of = table.texts[name]
                columns = [
                    recoded(column, getattr(each, of), words[of]) for column, each in zip(columns, tables, strict=True)
                ]
            return numpy.concatenate(columns)[rows]

        return table.lazily(read)


def recoded(codes: Column, words: Words, into: Words) -> Column:
    """Return the codes of the same texts in other words, which have them all."""
    if words is into:
        return codes
    # The code of no text, -1, is the last place.
    return numpy.array([*(into.code_of(text) for text in words.texts), -1], dtype=numpy.int64)[codes]


def all_words(sources: Sequence[Facts]) -> AllWords:
    """Return words that have every text of the sources."""
    return {
        kind: {
            of: Words(tuple(sorted({text for each in sources for text in getattr(getattr(each, kind), of).texts})))
            for of in table.texts.values()
        }
        for kind, table in KINDS.items()
    }


def cuts(members: Sequence[Column], low: int, high: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of members from `low` until before `high`, each of at most ROWS rows of all columns, or of one."""
    rows = sum(numpy.bincount(each - low, minlength=high - low) for each in members)
    before: Any = numpy.concatenate(([0], numpy.cumsum(rows)))
    first = low
    while low < high:
        cut = first + int(numpy.searchsorted(before, before[low - first] + ROWS, side="right")) - 1
        cut = min(max(cut, low + 1), high)
        yield low, cut
        low = cut
