"""Orders of which nothing is known yet, brought in by one statement whatever their number: the order, its activity and
what it adds to its member's totals. Rows that say nothing new of a known order are told apart in passing.

A new order that no refund waits for changes nothing but adds, so its totals are added to instead of derived anew; all
others are left to the caller. The caller holds the locks of the members, and keeps out refunds of unknown orders.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from members import activity, touches
from members.rows import OrderRow

# No text of a row has it: control characters are refused.
_SEPARATOR = "\x1f"

_GIVEN = """
    SELECT place - 1 AS index, order_id, uid, paid_at::timestamptz, amount::numeric(14, 2), currency,
           quantity::int, channel, payment_method, status
    FROM unnest(string_to_array(%(order_id)s, %(separator)s), string_to_array(%(uid)s, %(separator)s),
                string_to_array(%(paid_at)s, %(separator)s), string_to_array(%(amount)s, %(separator)s),
                string_to_array(%(currency)s, %(separator)s, ''), string_to_array(%(quantity)s, %(separator)s, ''),
                string_to_array(%(channel)s, %(separator)s, ''),
                string_to_array(%(payment_method)s, %(separator)s, ''),
                string_to_array(%(status)s, %(separator)s, ''))
        WITH ORDINALITY
        AS given (order_id, uid, paid_at, amount, currency, quantity, channel, payment_method, status, place)
"""

_MISSING = """
    SELECT uid, bool_or(NOT EXISTS (SELECT FROM members_order known WHERE known.order_id = given.order_id))
    FROM unnest(string_to_array(%(order_id)s, %(separator)s), string_to_array(%(uid)s, %(separator)s))
        AS given (order_id, uid)
    WHERE NOT EXISTS (SELECT FROM members_member known WHERE known.uid = given.uid)
    GROUP BY uid
"""

# The orders are written in the order of their ids, so that two batches with the same new orders wait for each other in
# one direction.
_TAKE = f"""
    WITH given AS MATERIALIZED ({_GIVEN}),
    taken AS (
        INSERT INTO members_order (order_id, member_id, paid_at, amount, refunded_amount, currency, quantity,
                                   refunded_quantity, channel, payment_method, status)
        SELECT order_id, member.id, paid_at, amount,
               CASE status WHEN 'refunded' THEN amount ELSE 0 END, coalesce(currency, %(site_currency)s),
               coalesce(quantity, 1), CASE status WHEN 'refunded' THEN coalesce(quantity, 1) ELSE 0 END,
               coalesce(channel, ''), coalesce(payment_method, ''), coalesce(status, 'paid')
        FROM given JOIN members_member member USING (uid)
        WHERE NOT EXISTS (SELECT FROM members_refund refund WHERE refund.order_id = given.order_id)
        ORDER BY order_id
        ON CONFLICT (order_id) DO NOTHING
        RETURNING id, order_id, member_id, paid_at, amount, quantity, status
    ),
    told AS (
        INSERT INTO members_activity (member_id, kind, reference, occurred_at, data, created_at)
        SELECT taken.member_id, 'order.' || taken.status, order_id, taken.paid_at,
               jsonb_build_object('order', taken.id, 'amount', taken.amount::text, 'quantity', taken.quantity)
               || CASE taken.status WHEN 'refunded' THEN jsonb_build_object('refunded', taken.amount::text)
                                    ELSE '{{}}' END,
               %(now)s
        FROM taken
        RETURNING id, kind
    ),
    totals AS (
        INSERT INTO members_membermetrics AS stored
            (member_id, orders, amount, quantity, first_paid_at, last_paid_at)
        SELECT member_id, count(*) FILTER (WHERE status = 'paid'),
               coalesce(sum(amount) FILTER (WHERE status = 'paid'), 0),
               coalesce(sum(quantity) FILTER (WHERE status = 'paid'), 0),
               min(paid_at) FILTER (WHERE status = 'paid'), max(paid_at) FILTER (WHERE status = 'paid')
        FROM taken
        GROUP BY member_id
        ON CONFLICT (member_id) DO UPDATE SET
            orders = stored.orders + excluded.orders, amount = stored.amount + excluded.amount,
            quantity = stored.quantity + excluded.quantity,
            first_paid_at = least(stored.first_paid_at, excluded.first_paid_at),
            last_paid_at = greatest(stored.last_paid_at, excluded.last_paid_at)
    ),
    days AS (
        INSERT INTO members_dailytotal AS stored (member_id, day, kind, category, count, quantity, amount)
        SELECT member_id, (paid_at AT TIME ZONE %(zone)s)::date, 'order', '', count(*), sum(quantity), sum(amount)
        FROM taken
        WHERE status = 'paid'
        GROUP BY 1, 2
        ON CONFLICT (member_id, day, kind, category) DO UPDATE SET
            count = stored.count + excluded.count, quantity = stored.quantity + excluded.quantity,
            amount = stored.amount + excluded.amount
    ),
    known AS (
        SELECT given.index,
               (member.uid, known.paid_at, known.amount, known.currency, known.quantity, known.channel,
                known.payment_method, CASE WHEN known.refunded_by_parts THEN 'paid' ELSE known.status END)
             = (given.uid, given.paid_at, given.amount, coalesce(given.currency, known.currency),
                coalesce(given.quantity, known.quantity), coalesce(given.channel, known.channel),
                coalesce(given.payment_method, known.payment_method),
                coalesce(given.status, CASE WHEN known.refunded_by_parts THEN 'paid' ELSE known.status END)) AS same
        FROM given
        LEFT JOIN taken USING (order_id)
        LEFT JOIN members_order known ON known.order_id = given.order_id
        LEFT JOIN members_member member ON member.id = known.member_id
        WHERE taken.id IS NULL
    )
    SELECT (SELECT count(*) FROM taken),
           (SELECT count(*) FROM known WHERE same),
           ARRAY(SELECT index FROM known WHERE same IS NOT TRUE ORDER BY index),
           ARRAY(SELECT id FROM told WHERE kind = 'order.paid' AND 'order.paid' = ANY(%(followed)s) ORDER BY id),
           ARRAY(SELECT id FROM told WHERE kind = 'order.refunded' AND 'order.refunded' = ANY(%(followed)s)
                 ORDER BY id),
           ARRAY(SELECT DISTINCT member_id FROM taken)
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Taken:
    """How many orders were new, how many rows said nothing new, and the places of the rows that are left to do."""

    created: int
    unchanged: int
    left: list[int]


def _texts_of(rows: Sequence[OrderRow]) -> dict[str, str]:
    """Return the rows by column, as texts that the database takes apart; nothing for what a row does not give."""
    columns = {
        "order_id": [row.order_id for row in rows],
        "uid": [row.uid for row in rows],
        "paid_at": [row.paid_at.isoformat() for row in rows],
        "amount": [str(row.amount) for row in rows],
        "currency": [row.currency or "" for row in rows],
        "quantity": [str(row.quantity or "") for row in rows],
        "channel": [row.channel or "" for row in rows],
        "payment_method": [row.payment_method or "" for row in rows],
        "status": [row.status or "" for row in rows],
    }
    return _joined(columns)


def _joined(columns: dict[str, list[str]]) -> dict[str, str]:
    texts = {name: _SEPARATOR.join(column) for name, column in columns.items()}
    if any(text.count(_SEPARATOR) != len(columns[name]) - 1 for name, text in texts.items()):
        raise ValueError("a text of an order has a control character")
    return texts | {"separator": _SEPARATOR}


def uids_without_member(rows: Sequence[OrderRow]) -> dict[str, bool]:
    """Return the uids that name no member yet, each with whether it has an order that is not known either.

    One that has not, names only orders of other members, and is nobody.
    """
    if not rows:
        return {}
    texts = _joined({"order_id": [row.order_id for row in rows], "uid": [row.uid for row in rows]})
    with connection.cursor() as cursor:
        cursor.execute(_MISSING, texts)
        return dict(cursor.fetchall())


def take(rows: Sequence[OrderRow], *, now: datetime) -> Taken:
    """Write the new ones among the orders, each of which comes once, and tell the subscribers."""
    if not rows:
        return Taken(0, 0, [])
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            {
                **_texts_of(rows),
                "site_currency": settings.CURRENCY,
                "zone": settings.TIME_ZONE,
                "now": now,
                "followed": list(activity.followed()),
            },
        )
        created, unchanged, left, paid, refunded, buyers = cursor.fetchone()
    touches.touch(touches.ORDERS, buyers)
    activity.tell({activity.ORDER_PAID: paid, activity.ORDER_REFUNDED: refunded})
    return Taken(created, unchanged, left)
