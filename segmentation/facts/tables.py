"""Facts as columns of numpy. Pure: no Django, no queries.

Times are microseconds since 2000-01-01 UTC (as PostgreSQL sends them), days are days since 2000-01-01 on the site's
clocks, money is in hundredths. Texts are codes into the table's own words.

Columns are of signed integers, of as few bytes as a store found enough (`segmentation.facts.shelf`): a measure widens
what it adds up. A column is read when it is first asked for, so a measure that needs one of seven pays for one.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy

Column = numpy.ndarray
# Up to so many wanted texts, each is compared by itself: a tenth of the time of looking each code up.
FEW = 6


@dataclass(frozen=True)
class Words:
    """The texts of one column; a code is a place in `texts`, and -1 is the code of no text."""

    texts: tuple[str, ...]

    def among(self, codes: Column, wanted: Collection[str]) -> Column:
        """Return, for each code, whether its text is one of `wanted`."""
        places = [self._places[text] for text in set(wanted) if text in self._places]
        if len(places) > FEW:
            # The code of no text is the last place.
            chosen = numpy.zeros(len(self.texts) + 1, dtype=bool)
            chosen[places] = True
            return chosen[codes]
        found = numpy.zeros(codes.size, dtype=bool)
        for place in places:
            found |= codes == place
        return found

    @cached_property
    def _places(self) -> dict[str, int]:
        return {text: place for place, text in enumerate(self.texts)}


@dataclass(frozen=True)
class Table:
    """Columns over the same rows, and the words of those that hold texts."""

    @classmethod
    def lazily(cls, read: Callable[[str], Any]) -> Self:
        """Return a table that calls `read` with the name of a column, or of words, when it is first asked for."""
        table = object.__new__(cls)
        object.__setattr__(table, "_read", read)
        return table

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Reached only for what is not there yet.
            if name not in self.__dataclass_fields__ or "_read" not in self.__dict__:
                raise AttributeError(name)
            found = self.__dict__["_read"](name)
            object.__setattr__(self, name, found)
            return found

    def with_columns(self, **columns: Column) -> Self:
        """Return the table with some columns replaced."""
        return type(self).lazily(lambda name: columns[name] if name in columns else getattr(self, name))


@dataclass(frozen=True)
class Orders(Table):
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


@dataclass(frozen=True)
class Items(Table):
    """Lines of paid orders of which something is left. `order` is the row of the order, ascending."""

    order: Column
    category: Column
    sku: Column
    net: Column
    quantity: Column
    categories: Words
    skus: Words


@dataclass(frozen=True)
class Events(Table):
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


@dataclass(frozen=True)
class People(Table):
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


Some = TypeVar("Some", bound=Table)


def rows_of(table: Some, rows: Column) -> Some:
    """Return the table with only `rows`, given by mask or by place."""
    if rows.dtype == bool:
        rows = numpy.flatnonzero(rows)

    def chosen(name: str) -> Any:
        column = getattr(table, name)
        return column if isinstance(column, Words) else column[rows]

    return type(table).lazily(chosen)


def names_of(table: type[Table]) -> tuple[list[str], list[str]]:
    """Return the names of a table's columns, and of its words."""
    names = {field.name: field.type for field in fields(table)}
    return [name for name, kind in names.items() if kind is Column], [
        name for name, kind in names.items() if kind is Words
    ]
