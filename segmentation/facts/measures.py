"""What is counted of a member's facts. Pure: numpy over the columns of `segmentation.facts.tables`.

A measure has one row for each member that has such facts; the others have its default, or miss it. Values are whole
numbers in the units of the tables: money in hundredths, rounded half up where it is divided.
"""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import numpy

from segmentation.facts import clock
from segmentation.facts.tables import UNKNOWN, Column, Events, Groups, Items, Orders, Words, rows_of


@dataclass(frozen=True, slots=True)
class Measure:
    """`values` of the members `ids` (ascending; a member with several values comes several times).

    `default` is the value of every other member, None where it is then missing. With `words`, the values are codes.
    """

    ids: Column
    values: Column
    default: int | None = None
    words: Words | None = None


def of_orders(measure: tuple[str, ...], orders: Orders, today: int) -> Measure:
    """Measure orders, as ("amount", "sum"); `today` is a day."""
    groups = Groups.of(orders.member)
    counts = groups.ends - groups.starts
    match measure:
        case ("count",):
            return Measure(groups.ids, counts, 0)
        case ("amount", "sum"):
            return Measure(groups.ids, _sums(orders.net, groups), 0)
        case ("amount", "avg"):
            return Measure(groups.ids, (2 * _sums(orders.net, groups) + counts) // (2 * counts))
        case ("amount", "max"):
            return Measure(groups.ids, _maxima(orders.net, groups))
        case ("quantity", "sum"):
            return Measure(groups.ids, _sums(orders.quantity, groups), 0)
    return of_days(measure, groups, orders.day, today)


def of_events(measure: tuple[str, ...], events: Events, today: int) -> Measure:
    """Measure behaviour events, as ("count",); `today` is a day."""
    groups = Groups.of(events.member)
    if measure == ("count",):
        return Measure(groups.ids, groups.ends - groups.starts, 0)
    return of_days(measure, groups, events.day, today)


def of_words(member: Column, codes: Column, words: Words) -> Measure:
    """Return each member's text; an empty one is missing."""
    there = ~words.among(codes, ("",)) & (codes >= 0)
    return Measure(member[there], codes[there], words=words)


def of_known(member: Column, values: Column) -> Measure:
    """Return each member's moment or day, where it is known."""
    there = values != UNKNOWN
    return Measure(member[there], values[there])


def days_since(moments: Measure, today: int, zone: ZoneInfo) -> Measure:
    """Return how many midnights of the zone lie between each moment and `today`."""
    return replace(moments, values=today - clock.days(moments.values, zone))


def ages(member: Column, birthday: Column, today: int) -> Measure:
    """Return each member's age in whole years. One of 29 February is passed on 1 March of the other years."""
    born = of_known(member, birthday)
    years, days = _years_and_days(born.values)
    (this_year,), (this_day,) = _years_and_days(numpy.array([today]))
    return replace(born, values=this_year - years - (this_day < days))


def _years_and_days(days: Column) -> tuple[Column, Column]:
    """Return the year of each day, and month and day of the month in one number that orders them."""
    dates = numpy.datetime64("2000-01-01", "D") + days
    months = dates.astype("datetime64[M]")
    years = dates.astype("datetime64[Y]")
    day_of_month = (dates - months).astype(numpy.int64)
    return years.astype(numpy.int64) + 1970, (months - years).astype(numpy.int64) * 32 + day_of_month


def of_days(measure: tuple[str, ...], groups: Groups, day: Column, today: int) -> Measure:
    """Measure when things happened: ("days",), ("first", "days_ago") or ("last", "days_ago")."""
    match measure:
        case ("days",):
            return Measure(groups.ids, distinct(groups, day), 0)
        case ("first", "days_ago"):
            return Measure(groups.ids, today - day[groups.starts])
        case ("last", "days_ago"):
            return Measure(groups.ids, today - day[groups.ends - 1])
    raise LookupError(f"nothing measures {'.'.join(measure)}")


def distinct(groups: Groups, values: Column) -> Column:
    """Return how many different values each group has; in a group they ascend."""
    new = numpy.ones(values.size, dtype=numpy.int64)
    new[1:] = values[1:] != values[:-1]
    new[groups.starts] = 1
    return _sums(new, groups)


def bought(orders: Orders, items: Items, lines: Column) -> Orders:
    """Return the orders that have some of these lines, with the amount and the quantity of these lines alone."""
    order = items.order[lines]
    by_order = Groups.of(order)
    found = rows_of(orders, by_order.ids)
    return found.with_columns(net=_sums(items.net[lines], by_order), quantity=_sums(items.quantity[lines], by_order))


def _sums(values: Column, groups: Groups) -> Column:
    return numpy.add.reduceat(values, groups.starts, dtype=numpy.int64) if groups.ids.size else groups.ids


def _maxima(values: Column, groups: Groups) -> Column:
    return numpy.maximum.reduceat(values, groups.starts) if groups.ids.size else groups.ids
