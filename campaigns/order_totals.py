"""What a member's orders come to in a window, net of refunds: for purchase tasks."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection

# A line of which nothing is left is not bought.
ITEMS = """
    SELECT count(*), coalesce(sum(units), 0), coalesce(sum(amount), 0)
      FROM (SELECT sum(i.quantity - i.refunded_quantity) AS units, sum(i.amount - i.refunded_amount) AS amount
              FROM members_order o JOIN members_orderitem i ON i.order_id = o.id
             WHERE o.member_id = %(member)s AND o.status = 'paid' AND o.paid_at >= %(since)s AND o.paid_at < %(until)s
               AND (i.refunded_amount < i.amount OR i.refunded_quantity < i.quantity)
               AND (%(categories)s::text[] = '{}' OR i.category = ANY(%(categories)s))
               AND (%(skus)s::text[] = '{}' OR i.sku = ANY(%(skus)s))
             GROUP BY o.id) bought
     WHERE %(order_from)s = 0 OR amount >= %(order_from)s
"""
ORDERS = """
    SELECT count(*), coalesce(sum(o.quantity - o.refunded_quantity), 0),
           coalesce(sum(o.amount - o.refunded_amount), 0)
      FROM members_order o
     WHERE o.member_id = %(member)s AND o.status = 'paid' AND o.paid_at >= %(since)s AND o.paid_at < %(until)s
       AND (%(order_from)s = 0 OR o.amount - o.refunded_amount >= %(order_from)s)
"""


def load(  # noqa: PLR0913 whose, when, and what of it, by keyword
    member_id: int,
    *,
    since: datetime,
    until: datetime,
    categories: Sequence[str] = (),
    skus: Sequence[str] = (),
    order_from: Decimal = Decimal(0),
) -> dict[str, int | Decimal]:
    """Orders, units and amount. With categories or SKUs, only the lines count that are of one of each asked for.

    `order_from`: only orders of which at least so much counts.
    """
    narrowed = bool(categories or skus)
    with connection.cursor() as cursor:
        cursor.execute(
            ITEMS if narrowed else ORDERS,
            {
                "member": member_id,
                "since": since,
                "until": until,
                "categories": list(categories),
                "skus": list(skus),
                "order_from": order_from,
            },
        )
        orders, units, amount = cursor.fetchone()
    return {"orders": orders, "units": units, "amount": Decimal(amount)}
