"""`orders.*`: paid orders, net of refunds, perhaps narrowed by `where` and a window.

Narrowed by category or SKU, an order counts when it has such an item of which something is left, and its amount and
quantity are what is left of those items.
"""

from typing import Any

from segmentation.rules import Leaf
from segmentation.sources.base import SqlSource, Values, positional
from segmentation.world import World

# Each measure over rows (member_id, paid_at, net, quantity), one for each order. Money is rounded to its two decimals.
MEASURES = {
    ("count",): "count(*)",
    ("amount", "sum"): "sum(net)",
    ("amount", "avg"): "round(avg(net), 2)",
    ("amount", "max"): "max(net)",
    ("quantity", "sum"): "sum(quantity)",
    ("days",): "count(DISTINCT (paid_at AT TIME ZONE %(zone)s)::date)",
    ("first", "days_ago"): "%(today)s::date - (min(paid_at) AT TIME ZONE %(zone)s)::date",
    ("last", "days_ago"): "%(today)s::date - (max(paid_at) AT TIME ZONE %(zone)s)::date",
}
# The same measures as `members.ingest` keeps them for each member: exact over all orders.
RUNNING = {
    ("count",): "orders",
    ("amount", "sum"): "amount",
    ("amount", "avg"): "round(amount / orders, 2)",
    ("quantity", "sum"): "quantity",
    ("first", "days_ago"): "%(today)s::date - (first_paid_at AT TIME ZONE %(zone)s)::date",
    ("last", "days_ago"): "%(today)s::date - (last_paid_at AT TIME ZONE %(zone)s)::date",
}
ZERO_WITHOUT_ORDERS = {("count",), ("amount", "sum"), ("quantity", "sum"), ("days",)}

WHOLE_ORDERS = """
    SELECT o.member_id, o.paid_at, o.amount - o.refunded_amount AS net, o.quantity - o.refunded_quantity AS quantity
    FROM members_order o WHERE {conditions}
"""
ITEMS_OF_ORDERS = """
    SELECT o.member_id, o.paid_at, sum(i.quantity - i.refunded_quantity) AS quantity,
           sum(i.amount - i.refunded_amount) AS net
    FROM members_order o JOIN members_orderitem i ON i.order_id = o.id
    WHERE {conditions} AND (i.refunded_amount < i.amount OR i.refunded_quantity < i.quantity)
    GROUP BY o.id
"""
COLUMNS = {"category": "i.category", "sku": "i.sku", "channel": "o.channel", "payment_method": "o.payment_method"}


class OrdersSource(SqlSource):
    def values(self, leaf: Leaf, world: World) -> Values:
        default = 0 if leaf.parts in ZERO_WITHOUT_ORDERS else None
        named = {"today": world.today, "zone": world.zone.key}
        if leaf.parts in RUNNING and not leaf.where and leaf.window is None:
            measure, params = positional(RUNNING[leaf.parts], named)
            sql = f"SELECT member_id, {measure} AS value FROM members_membermetrics WHERE orders > 0"  # noqa: S608
            return Values(sql, params, default)
        measure, params = positional(MEASURES[leaf.parts], named)
        orders, narrowed = _orders(leaf, world)
        sql = f"SELECT member_id, {measure} AS value FROM ({orders}) AS bought GROUP BY member_id"  # noqa: S608
        return Values(sql, (*params, *narrowed), default)


def _orders(leaf: Leaf, world: World) -> tuple[str, list[Any]]:
    """Return the orders that the clause is about."""
    conditions, params = ["o.status = 'paid'"], []
    for key, values in leaf.where:
        conditions.append(f"{COLUMNS[key]} = ANY(%s)")
        params.append(list(values))
    for condition, moment in _bounds(leaf, world):
        conditions.append(condition)
        params.append(moment)
    by_item = any(COLUMNS[key].startswith("i.") for key, _ in leaf.where)
    template = ITEMS_OF_ORDERS if by_item else WHOLE_ORDERS
    return template.format(conditions=" AND ".join(conditions)), params


def _bounds(leaf: Leaf, world: World) -> list[tuple[str, Any]]:
    window = leaf.window
    if window is None:
        return []
    if window.last_days is not None:
        return [("o.paid_at >= %s", world.days_before(window.last_days)), ("o.paid_at <= %s", world.now)]
    bounds = [("o.paid_at >= %s", window.start), ("o.paid_at < %s", window.end)]
    return [(condition, world.midnight(day)) for condition, day in bounds if day is not None]
