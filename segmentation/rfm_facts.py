"""What RFM scores: for each member the days since the last order, the number of orders and their net amount."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

import numpy
from pyroaring import BitMap

from members import touches
from segmentation import world
from segmentation.columns import bitmap_of, ids_of, read_columns
from segmentation.facts import clock
from segmentation.facts.tables import Column, Groups, Orders, rows_of
from segmentation.models import RfmVersion
from segmentation.rfm_scale import Facts

FAMILIES = frozenset({touches.ORDERS})
PACKED = (
    "int8send(member_id)",
    "timestamptz_send(last_paid_at)",
    "int8send(orders)",
    "int8send((amount * 100)::bigint)",
)
RUNNING_TOTALS = "SELECT member_id, last_paid_at, orders::bigint, amount FROM members_membermetrics WHERE orders > 0"
ERASED = "SELECT id FROM members_member WHERE erased_at IS NOT NULL"
# The set of a version's members who had orders after its day: a clock went fast, or the scoring looked back.
AHEAD = "ahead"
# Of so many members whose totals reach beyond the last day that counts, it is as quick to read everyone's orders.
MOST_RECOUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Terms:
    """Which orders count: those of the `window_days` up to the end of the day `at`, or of all days up to then.

    Recency is counted in calendar days before `at`. Without an end, orders after it count too and are as recent as
    those of the day itself: cut points are relative to `at`, and nobody's score fades until all are scored anew.
    """

    at: date
    window_days: int | None
    ends: bool = True

    @property
    def start(self) -> int | None:
        """The first moment that counts."""
        return self._midnight(1 - self.window_days) if self.window_days else None

    @property
    def end(self) -> int:
        """The moment after the day `at`."""
        return self._midnight(1)

    def _midnight(self, days_later: int) -> int:
        return clock.moment(clock.midnight(self.at + timedelta(days=days_later), world.site_zone()))


@dataclass(frozen=True, slots=True)
class Scored:
    """`ids` of the members with at least one order in time, ascending, and their facts in that order.

    `ahead` are the members with orders after the day that recency is counted to.
    """

    ids: Column
    facts: Facts
    ahead: BitMap


def terms_of(version: RfmVersion) -> Terms:
    """Return which orders count for whoever is scored by this version.

    One that was computed on its own day, or before, lives: orders that came later count too. One computed for a day
    gone by looks back: it ends with that day.
    """
    computed_on = version.computed_at.astimezone(world.site_zone()).date()
    window_days = version.scale.get("window_days", version.model.window_days)
    return Terms(version.at, window_days, ends=version.at < computed_on)


def read_facts(terms: Terms) -> Scored:
    """Return the facts of everyone: from the running totals where they say the same as the orders."""
    if terms.window_days is not None:
        return aggregate_orders(terms)
    totals = _in_order(_of_the_living(read_columns(PACKED, RUNNING_TOTALS, ())))
    late = totals[1] >= terms.end
    ahead = totals[0][late]
    totals[1] = clock.days(totals[1], world.site_zone())
    if not terms.ends or not ahead.size:
        return _scored(terms, totals, bitmap_of(ahead))
    if ahead.size > MOST_RECOUNTED:
        return aggregate_orders(terms)
    exact = _scored(terms, [column[~late] for column in totals], BitMap())
    return _joined([exact, *_of_parts(terms, world.only(ahead.tolist()))])


def aggregate_orders(terms: Terms) -> Scored:
    """Return the facts of everyone from the orders themselves."""
    everyone = world.everyone()
    found = _joined(_of_parts(terms, everyone))
    # Orders of members who were erased stay for the books.
    alive = numpy.isin(found.ids, ids_of(everyone.members))
    facts = Facts(*(getattr(found.facts, key)[alive] for key in Facts.__slots__))
    return Scored(found.ids[alive], facts, found.ahead & everyone.members)


def of_orders(terms: Terms, orders: Orders) -> Scored:
    """Return the facts of the members whose orders these are. Pure."""
    late = orders.paid_at >= terms.end
    counted = ~late if terms.ends else numpy.ones(late.size, dtype=bool)
    if terms.start is not None:
        counted &= orders.paid_at >= terms.start
    found = orders if counted.all() else rows_of(orders, counted)
    groups = Groups.of(found.member)
    cents = numpy.add.reduceat(found.net, groups.starts) if groups.ids.size else groups.ids
    last = found.day[groups.ends - 1] if groups.ids.size else groups.ids
    return _scored(terms, [groups.ids, last, groups.ends - groups.starts, cents], bitmap_of(orders.member[late]))


def _of_parts(terms: Terms, members: world.World) -> list[Scored]:
    return [of_orders(terms, part.orders) for part in members.parts]


def _scored(terms: Terms, totals: list[Column], ahead: BitMap) -> Scored:
    """`totals` are the ids, the day of the last order, the number of orders and their net amount in hundredths."""
    ids, last, orders, cents = totals
    recency = numpy.maximum(clock.day(terms.at) - last, 0)
    return Scored(ids, Facts(recency, orders, cents / 100.0), ahead)


def _joined(several: list[Scored]) -> Scored:
    ids = numpy.concatenate([each.ids for each in several])
    facts = [each.facts for each in several]
    columns = [numpy.concatenate([getattr(each, key) for each in facts]) for key in Facts.__slots__]
    ids, *columns = _in_order([ids, *columns])
    return Scored(ids, Facts(*columns), reduce(BitMap.__or__, (each.ahead for each in several)))


def _of_the_living(columns: list[Column]) -> list[Column]:
    """Return the rows of members who were not erased; their orders stay for the books."""
    (erased,) = read_columns(["int8send(source.id)"], ERASED, ())
    return [column[~numpy.isin(columns[0], erased)] for column in columns] if erased.size else columns


def _in_order(columns: list[Column]) -> list[Column]:
    """Return the columns sorted by the first, the ids."""
    ids = columns[0]
    if (ids[1:] > ids[:-1]).all():
        return columns
    order = numpy.argsort(ids)
    return [column[order] for column in columns]
