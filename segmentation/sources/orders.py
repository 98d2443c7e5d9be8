"""`orders.*`: paid orders, net of refunds, perhaps narrowed by `where` and a window.

Narrowed by category or SKU, an order counts when it has such an item of which something is left, and its amount and
quantity are what is left of those items.
"""

import numpy

from members import touches
from segmentation.facts import clock, measures
from segmentation.facts.measures import Measure
from segmentation.facts.parts import Part
from segmentation.facts.tables import Column, Orders, rows_of
from segmentation.rules import Leaf
from segmentation.sources.base import ColumnSource
from segmentation.world import World


class OrdersSource(ColumnSource):
    families = frozenset({touches.ORDERS})

    def measure(self, leaf: Leaf, part: Part, world: World) -> Measure:
        return measures.of_orders(leaf.parts, _orders(leaf, part, world), clock.day(world.today))


def _orders(leaf: Leaf, part: Part, world: World) -> Orders:
    """Return the orders that the clause is about."""
    orders, where = part.orders, dict(leaf.where)
    of_orders = in_window(orders.paid_at, leaf, world)
    if "channel" in where:
        of_orders = both(of_orders, orders.channels.among(orders.channel, where["channel"]))
    if "payment_method" in where:
        of_orders = both(of_orders, orders.payment_methods.among(orders.payment_method, where["payment_method"]))
    if not {"category", "sku"} & where.keys():
        return orders if of_orders is None else rows_of(orders, of_orders)
    items = part.items
    lines = None if of_orders is None else of_orders[items.order]
    if "category" in where:
        lines = both(lines, items.categories.among(items.category, where["category"]))
    if "sku" in where:
        lines = both(lines, items.skus.among(items.sku, where["sku"]))
    return measures.bought(orders, items, numpy.flatnonzero(numpy.asarray(lines)))


def in_window(moments: Column, leaf: Leaf, world: World) -> Column | None:
    """Return which moments lie in the window of the clause; None where it has none."""
    window = leaf.window
    if window is None:
        return None
    if window.last_days is not None:
        start, end = clock.moment(world.days_before(window.last_days)), clock.moment(world.now)
        return (moments >= start) & (moments <= end)
    bounds = None
    if window.start is not None:
        bounds = moments >= clock.moment(world.midnight(window.start))
    if window.end is not None:
        bounds = both(bounds, moments < clock.moment(world.midnight(window.end)))
    return bounds


def both(before: Column | None, also: Column) -> Column:
    return also if before is None else before & also
