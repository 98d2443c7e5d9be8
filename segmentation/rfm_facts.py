"""What RFM scores: for each member the days since the last order, the number of orders and their net amount."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day

import numpy

from segmentation.columns import read_columns
from segmentation.rfm_scale import Facts
from segmentation.world import site_zone

# PostgreSQL sends a moment as microseconds since this one.
POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
PACKED = (
    "int8send(member_id)",
    "timestamptz_send(last_paid_at)",
    "int8send(orders)",
    "int8send((amount * 100)::bigint)",
)
RUNNING_TOTALS = "SELECT member_id, last_paid_at, orders::bigint, amount FROM members_membermetrics WHERE orders > 0"
ORDERS = """
    SELECT member_id, max(paid_at) AS last_paid_at, count(*) AS orders, sum(amount - refunded_amount) AS amount
    FROM members_order
    WHERE status = 'paid' AND paid_at < %s AND (%s::timestamptz IS NULL OR paid_at >= %s)
    GROUP BY member_id
"""


@dataclass(frozen=True, slots=True)
class Scored:
    """`ids` of the members with at least one order in time, ascending, and their facts in that order."""

    ids: numpy.ndarray
    facts: Facts


def read_facts(at: date, window_days: int | None) -> Scored:
    """Return the facts of orders up to the end of the day `at`, in the last `window_days` days where that is given.

    Running totals answer where no order is younger; they are as many rows as members, not as orders.
    """
    if window_days is None:
        columns = read_columns(PACKED, RUNNING_TOTALS, ())
        if not columns[1].size or columns[1].max() < _microseconds(_midnight(at + timedelta(days=1))):
            return _scored(columns, at)
    return aggregate_orders(at, window_days)


def aggregate_orders(at: date, window_days: int | None) -> Scored:
    """Return the same facts from the orders themselves."""
    end = _midnight(at + timedelta(days=1))
    start = _midnight(at + timedelta(days=1 - window_days)) if window_days else None
    return _scored(read_columns(PACKED, ORDERS, (end, start, start)), at)


def _scored(columns: list[numpy.ndarray], at: date) -> Scored:
    ids, last, orders, cents = columns
    order = numpy.argsort(ids)
    recency = days_before(at, last[order])
    return Scored(ids[order], Facts(recency, orders[order], cents[order] / 100.0))


def days_before(at: date, moments: numpy.ndarray) -> numpy.ndarray:
    """Return the calendar days from each moment to `at`, in the site's time zone, whatever its summer times."""
    if not moments.size:
        return moments
    oldest = (POSTGRES_EPOCH + timedelta(microseconds=int(moments.min()))).astimezone(site_zone()).date()
    days = [at - timedelta(days=back) for back in range((at - oldest).days, -1, -1)]
    midnights = numpy.array([_microseconds(_midnight(day)) for day in days])
    return len(days) - numpy.searchsorted(midnights, moments, side="right")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time_of_day.min, site_zone())


def _microseconds(moment: datetime) -> int:
    return (moment - POSTGRES_EPOCH) // timedelta(microseconds=1)
