"""Facts up to a moment, which is when something is asked. Pure: numpy over the columns of facts."""

from dataclasses import dataclass

import numpy

from segmentation.facts.tables import Column, Events, Groups, Items, Orders, Words, rows_of

# Before and after every moment, and far enough from the ends that days can be added.
NEVER = -(2**62)
NOT_YET = 2**62
# In microseconds, as moments are: days of rules' windows are 24 hours.
DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Bought:
    """Orders by member and time, and the lines of which something is left; `order` is the row of a line's order."""

    member: Column
    paid_at: Column
    day: Column
    net: Column
    order: Column
    category: Column
    categories: Words


def bought_by(orders: Orders, items: Items, moment: int) -> Bought:
    """Return what was bought up to `moment`. Lines without a category stay, with that of no text."""
    kept = orders.paid_at <= moment
    columns = (orders.member, orders.paid_at, orders.day, orders.net)
    if kept.all():
        return Bought(*columns, items.order, items.category, items.categories)
    lines = kept[items.order]
    place = numpy.cumsum(kept) - 1
    return Bought(
        *(column[kept] for column in columns), place[items.order[lines]], items.category[lines], items.categories
    )


def done_by(events: Events, types: tuple[str, ...], moment: int) -> Events:
    """Return the events of these types up to `moment`."""
    return rows_of(events, events.types.among(events.type, types) & (events.occurred_at <= moment))


def with_later(ids: Column, orders: Orders, events: Events, moment: int) -> Column:
    """Return those of `ids` about whom there are facts that are younger than `moment`: an order of tomorrow, say."""
    later = (orders.member[orders.paid_at > moment], events.member[events.occurred_at > moment])
    return numpy.intersect1d(ids, numpy.concatenate(later))


def places(ids: Column, groups: Groups) -> tuple[Column, Column]:
    """Return which groups belong to one of `ids` (ascending), as a mask, and the places of these among `ids`."""
    if not ids.size:
        return numpy.zeros(groups.ids.size, dtype=bool), numpy.zeros(0, dtype=numpy.int64)
    found = numpy.minimum(numpy.searchsorted(ids, groups.ids), ids.size - 1)
    there = ids[found] == groups.ids
    return there, found[there]


def spread(ids: Column, groups: Groups, values: Column, nothing: int) -> Column:
    """Return a column over `ids` with the values of the groups, and `nothing` for whoever has none."""
    there, rows = places(ids, groups)
    column = numpy.full(ids.size, nothing, dtype=numpy.int64)
    column[rows] = values[there]
    return column


def runs_of_categories(bought: Bought, lines: Column) -> tuple[Column, Column, Column]:
    """Return these lines (places, ascending) by category, member and time: as (category, order row, starts a run).

    A run is one member's lines of one category. Codes of 16 bits are sorted by radix, ten times faster than others.
    """
    codes = bought.category[lines]
    small = codes.astype(numpy.int16) if len(bought.categories.texts) < 2**15 else codes
    by_category = numpy.argsort(small, kind="stable")
    category, order = codes[by_category], bought.order[lines][by_category]
    member = bought.member[order]
    starts = numpy.ones(order.size, dtype=bool)
    starts[1:] = (category[1:] != category[:-1]) | (member[1:] != member[:-1])
    return category, order, starts
