"""Facts as columns of numpy. Pure: no Django, no queries.

Times are microseconds since 2000-01-01 UTC (as PostgreSQL sends them), days are days since 2000-01-01 on the site's
clocks, money is in hundredths. Texts are codes into the table's own words.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, Self, TypeVar

import numpy

Column = numpy.ndarray


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one column; a code is a place in `texts`."""

    texts: tuple[str, ...]

    def among(self, codes: Column, wanted: Collection[str]) -> Column:
        """Return, for each code, whether its text is one of `wanted`."""
        known = frozenset(wanted)
        # The code of no text, -1, is the last place.
        return numpy.array([*(text in known for text in self.texts), False])[codes]


@dataclass(frozen=True, slots=True)
class Orders:
    """Paid orders, sorted by member, then time. `net` and `quantity` are what refunds left."""

    member: Column
    paid_at: Column
    day: Column
    net: Column
    quantity: Column
    channel: Column
    payment_method: Column
    channels: Words
    payment_methods: Words


@dataclass(frozen=True, slots=True)
class Items:
    """Lines of paid orders of which something is left. `order` is the row of the order, ascending."""

    order: Column
    category: Column
    sku: Column
    net: Column
    quantity: Column
    categories: Words
    skus: Words


@dataclass(frozen=True, slots=True)
class Events:
    """Behaviour events, sorted by member, then time."""

    member: Column
    occurred_at: Column
    day: Column
    type: Column
    item: Column
    category: Column
    keyword: Column
    types: Words
    items: Words
    categories: Words
    keywords: Words


@dataclass(frozen=True, slots=True)
class People:
    """Members that were not erased, sorted by id. `birthday` and `joined_at` are UNKNOWN where they are missing."""

    member: Column
    level: Column
    gender: Column
    region: Column
    birthday: Column
    joined_at: Column
    levels: Words
    genders: Words
    regions: Words


UNKNOWN = numpy.iinfo(numpy.int64).min


@dataclass(frozen=True, slots=True)
class Groups:
    """Runs of equal members in a sorted column: `ids` of the members, and where each one's rows start and end."""

    ids: Column
    starts: Column
    ends: Column

    @classmethod
    def of(cls, member: Column) -> Self:
        changes = numpy.flatnonzero(member[1:] != member[:-1]) + 1
        starts = numpy.concatenate(([0], changes)) if member.size else changes
        ends = numpy.concatenate((changes, [member.size])) if member.size else changes
        return cls(member[starts], starts, ends)


Table = TypeVar("Table", Orders, Events, People)


def rows_of(table: Table, rows: Column) -> Table:
    """Return the table with only `rows`, given by mask or by place."""
    columns: dict[str, Any] = {field.name: getattr(table, field.name) for field in fields(table)}
    chosen: dict[str, Any] = {name: each if isinstance(each, Words) else each[rows] for name, each in columns.items()}
    return type(table)(**chosen)
