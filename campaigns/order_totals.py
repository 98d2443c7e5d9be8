"""What a member's orders come to in a window, net of refunds: for purchase tasks."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection

# A line of which nothing is left is not bought.
ITEMS = """
    SELECT count(DISTINCT o.id), coalesce(sum(i.quantity - i.refunded_quantity), 0),
           coalesce(sum(i.amount - i.refunded_amount), 0)
      FROM members_order o JOIN members_orderitem i ON i.order_id = o.id
     WHERE o.member_id = %(member)s AND o.status = 'paid' AND o.paid_at >= %(since)s AND o.paid_at < %(until)s
       AND (i.refunded_amount < i.amount OR i.refunded_quantity < i.quantity)
       AND (%(categories)s::text[] = '{}' OR i.category = ANY(%(categories)s))
       AND (%(skus)s::text[] = '{}' OR i.sku = ANY(%(skus)s))
"""
ORDERS = """
    SELECT count(*), coalesce(sum(o.quantity - o.refunded_quantity), 0),
           coalesce(sum(o.amount - o.refunded_amount), 0)
      FROM members_order o
     WHERE o.member_id = %(member)s AND o.status = 'paid' AND o.paid_at >= %(since)s AND o.paid_at < %(until)s
"""


def load(
    member_id: int, *, since: datetime, until: datetime, categories: Sequence[str] = (), skus: Sequence[str] = ()
) -> dict[str, int | Decimal]:
    """Orders, units and amount. With categories or SKUs, only the lines count that are of one of each asked for."""
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
            },
        )
        orders, units, amount = cursor.fetchone()
    return {"orders": orders, "units": units, "amount": Decimal(amount)}
