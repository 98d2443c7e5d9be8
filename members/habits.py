"""When, in what and by which way a member buys: one statement over their orders and items.

Orders refunded in whole count for nothing, amounts are net of refunds, and days and hours are those of the site's time
zone. Channels, payment methods and categories are the shop's own words and may be many: the largest are named, the
others are one more.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import connection

MONTHS = 24
NAMED = 8

_HABITS = """
WITH paid AS MATERIALIZED (
    SELECT id, paid_at AT TIME ZONE %(zone)s AS local, amount - refunded_amount AS net, channel, payment_method
    FROM members_order WHERE member_id = %(member)s AND status = 'paid'
), grouped AS (
    SELECT CASE WHEN grouping(hour) = 0 THEN 'hour' WHEN grouping(month) = 0 THEN 'month'
                WHEN grouping(channel) = 0 THEN 'channel' ELSE 'payment' END AS chart,
           coalesce(weekday || ':' || hour, month::text, channel, payment_method) AS step, count(*) AS orders,
           sum(net) AS amount
    FROM (SELECT extract(isodow FROM local)::int AS weekday, extract(hour FROM local)::int AS hour,
                 CASE WHEN local >= %(first)s THEN date_trunc('month', local)::date END AS month,
                 channel, payment_method, net FROM paid) AS told
    GROUP BY GROUPING SETS ((weekday, hour), (month), (channel), (payment_method))
    UNION ALL
    SELECT 'category', item.category, count(DISTINCT item.order_id), sum(item.amount - item.refunded_amount)
    FROM paid JOIN members_orderitem AS item ON item.order_id = paid.id
    WHERE item.refunded_quantity < item.quantity
    GROUP BY item.category
), ranked AS (
    SELECT *, CASE WHEN chart IN ('hour', 'month') THEN 0
                   ELSE row_number() OVER (PARTITION BY chart ORDER BY amount DESC, orders DESC, step) END AS place
    FROM grouped WHERE step IS NOT NULL
)
SELECT chart, CASE WHEN place <= %(named)s THEN step END AS step, sum(orders)::int, sum(amount), count(*)::int
FROM ranked GROUP BY chart, CASE WHEN place <= %(named)s THEN step END, least(place, %(named)s + 1)
ORDER BY chart, least(place, %(named)s + 1)
"""


@dataclass(frozen=True, slots=True)
class Bought:
    """Orders and their net amount."""

    orders: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """What was bought by one way or in one category: `step` is "" where it was not said, None for `others` together."""

    step: str | None
    bought: Bought
    others: int = 0


@dataclass(frozen=True, slots=True)
class Habits:
    """`hours` by (weekday 1 to 7 from Monday, hour), `months` by their first day; the shares largest first."""

    hours: dict[tuple[int, int], int]
    months: dict[date, Bought]
    categories: tuple[Share, ...]
    channels: tuple[Share, ...]
    payments: tuple[Share, ...]


def months_until(now: datetime) -> list[date]:
    """Return the first days of the last 24 months in the time zone of `now`, the one of `now` last."""
    current = now.year * 12 + now.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(current - MONTHS + 1, current + 1)]


def habits_of(member_id: int, *, now: datetime) -> Habits:
    """Return a member's habits, in one statement. `now` is in the site's time zone."""
    told: dict[str, list[tuple[str | None, Bought, int]]] = defaultdict(list)
    values = {"member": member_id, "zone": settings.TIME_ZONE, "first": months_until(now)[0], "named": NAMED}
    with connection.cursor() as cursor:
        cursor.execute(_HABITS, values)
        for chart, step, orders, amount, steps in cursor.fetchall():
            told[chart].append((step, Bought(orders, amount), steps))
    hours = {_hour(step): bought.orders for step, bought, _ in told["hour"] if step}
    months = {date.fromisoformat(step): bought for step, bought, _ in told["month"] if step}
    return Habits(hours, months, *(_shares(told[chart]) for chart in ("category", "channel", "payment")))


def _hour(step: str) -> tuple[int, int]:
    weekday, _, hour = step.partition(":")
    return int(weekday), int(hour)


def _shares(rows: Iterable[tuple[str | None, Bought, int]]) -> tuple[Share, ...]:
    return tuple(Share(step, bought, steps if step is None else 0) for step, bought, steps in rows)
