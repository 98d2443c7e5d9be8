"""Running totals, always derived from the facts by the same two queries.

Ingest runs them for the members it touched, under their locks; `rebuild` runs them for everyone; the books compare
them with what is stored. A member's totals are summed anew, not moved by differences: a refund of the first order
changes the first date, which no difference tells. It costs one index scan over the member's own orders.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, transaction

# Orders refunded in whole count for nothing, but their member keeps a row; so do lines of which nothing is left.
_TOTALS = """
    SELECT member_id,
           count(*) FILTER (WHERE status = 'paid') AS orders,
           coalesce(sum(amount - refunded_amount) FILTER (WHERE status = 'paid'), 0) AS amount,
           coalesce(sum(quantity - refunded_quantity) FILTER (WHERE status = 'paid'), 0) AS quantity,
           min(paid_at) FILTER (WHERE status = 'paid') AS first_paid_at,
           max(paid_at) FILTER (WHERE status = 'paid') AS last_paid_at
    FROM members_order
    WHERE {scope}
    GROUP BY member_id
"""

_DAYS = """
    SELECT member_id, (paid_at AT TIME ZONE '{zone}')::date AS day, '' AS category,
           count(*) AS count, sum(quantity - refunded_quantity) AS quantity, sum(amount - refunded_amount) AS amount
    FROM members_order
    WHERE status = 'paid' AND {scope}
    GROUP BY 1, 2
    UNION ALL
    SELECT member_id, (paid_at AT TIME ZONE '{zone}')::date, item.category,
           count(DISTINCT members_order.id), sum(item.quantity - item.refunded_quantity),
           sum(item.amount - item.refunded_amount)
    FROM members_order JOIN members_orderitem item ON item.order_id = members_order.id
    WHERE status = 'paid' AND item.category <> '' AND {scope}
      AND (item.refunded_amount < item.amount OR item.refunded_quantity < item.quantity)
    GROUP BY 1, 2, 3
"""

_STORE_TOTALS = """
    INSERT INTO members_membermetrics AS stored
        (member_id, orders, amount, quantity, first_paid_at, last_paid_at)
    {totals}
    ON CONFLICT (member_id) DO UPDATE SET
        orders = excluded.orders, amount = excluded.amount, quantity = excluded.quantity,
        first_paid_at = excluded.first_paid_at, last_paid_at = excluded.last_paid_at
    WHERE (stored.orders, stored.amount, stored.quantity, stored.first_paid_at, stored.last_paid_at)
        IS DISTINCT FROM (excluded.orders, excluded.amount, excluded.quantity,
                          excluded.first_paid_at, excluded.last_paid_at)
"""

# What is stored is read through its index, within the same bounds; joined unbounded, a batch would read all of it.
_STORE_DAYS = """
    WITH fresh AS ({days}),
    known AS MATERIALIZED (
        SELECT * FROM members_dailytotal
        WHERE kind = 'order' AND member_id = ANY(%(members)s) AND day BETWEEN %(first)s AND %(last)s
    ),
    gone AS (
        DELETE FROM members_dailytotal WHERE id = ANY(ARRAY(
            SELECT known.id FROM known LEFT JOIN fresh USING (member_id, day, category) WHERE fresh.day IS NULL))
    )
    INSERT INTO members_dailytotal (member_id, day, kind, category, count, quantity, amount)
    SELECT fresh.member_id, fresh.day, 'order', fresh.category, fresh.count, fresh.quantity, fresh.amount
    FROM fresh LEFT JOIN known USING (member_id, day, category)
    WHERE (known.count, known.quantity, known.amount) IS DISTINCT FROM (fresh.count, fresh.quantity, fresh.amount)
    ON CONFLICT (member_id, day, kind, category) DO UPDATE SET
        count = excluded.count, quantity = excluded.quantity, amount = excluded.amount
"""

_OF_MEMBERS = "member_id = ANY(%(members)s)"
_OF_DAYS = """member_id = ANY(%(members)s)
    AND paid_at >= %(first)s::timestamp AT TIME ZONE '{zone}'
    AND paid_at < (%(last)s + 1)::timestamp AT TIME ZONE '{zone}'"""


def refresh(member_ids: Collection[int], days: Collection[date]) -> None:
    """Derive anew the totals of these members, and their daily totals from the first to the last of `days`.

    The caller holds the members' locks (`members.locking`).
    """
    if not member_ids:
        return
    bounds: Any = {"members": sorted(member_ids), "first": min(days), "last": max(days)}
    zone = _zone()
    with connection.cursor() as cursor:
        cursor.execute(_STORE_TOTALS.format(totals=_TOTALS.format(scope=_OF_MEMBERS)), bounds)
        fresh = _DAYS.format(zone=zone, scope=_OF_DAYS.format(zone=zone))
        cursor.execute(_STORE_DAYS.format(days=fresh), bounds)


@transaction.atomic
def rebuild() -> None:
    """Derive the totals of all members anew, while no facts come in."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE members_order, members_orderitem IN SHARE MODE")
        cursor.execute("DELETE FROM members_membermetrics")
        cursor.execute("DELETE FROM members_dailytotal WHERE kind = 'order'")
        cursor.execute(_STORE_TOTALS.format(totals=_TOTALS.format(scope="TRUE")))
        days = _DAYS.format(zone=_zone(), scope="TRUE")
        cursor.execute(
            "INSERT INTO members_dailytotal (member_id, day, category, kind, count, quantity, amount)"  # noqa: S608
            f" SELECT member_id, day, category, 'order', count, quantity, amount FROM ({days}) AS fresh"
        )


def totals_differ() -> str:
    """Return SQL that counts the members whose totals are not what their orders say."""
    return f"""
        SELECT count(*) FROM members_membermetrics stored
        FULL JOIN ({_TOTALS.format(scope="TRUE")}) fresh USING (member_id)
        WHERE (stored.orders, stored.amount, stored.quantity, stored.first_paid_at, stored.last_paid_at)
            IS DISTINCT FROM (fresh.orders, fresh.amount, fresh.quantity, fresh.first_paid_at, fresh.last_paid_at)
    """  # noqa: S608


def days_differ() -> str:
    """Return SQL that counts the daily totals that are not what the orders and their items say."""
    return f"""
        SELECT count(*) FROM (SELECT * FROM members_dailytotal WHERE kind = 'order') stored
        FULL JOIN ({_DAYS.format(zone=_zone(), scope="TRUE")}) fresh USING (member_id, day, category)
        WHERE (stored.count, stored.quantity, stored.amount)
            IS DISTINCT FROM (fresh.count, fresh.quantity, fresh.amount)
    """  # noqa: S608


def _zone() -> str:
    """Return the site's time zone, fit to stand in quotation marks in SQL."""
    return settings.TIME_ZONE.replace("'", "''")
