"""Earning rules and orders for the tests of earning, each with one call; what was earned, by reference."""

from datetime import UTC, datetime
from decimal import Decimal

from members.models import Level, Member, Order, OrderItem
from rewards import earning
from rewards.models import Earning, EarningRule, Unit
from tests.rewards.build import NOW

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PAID_AT = datetime(2026, 11, 21, 4, tzinfo=UTC)


def rule(slug="points-for-orders", *, unit="points", **fields) -> EarningRule:
    """Make a rule for orders, one point for each unit of money unless told otherwise."""
    by_event = fields.get("trigger") == EarningRule.Trigger.EVENT
    given = {"name": slug, "starts_at": LONG_AGO, "rate": None if by_event else Decimal(1)} | fields
    return EarningRule.objects.create(slug=slug, unit=Unit.objects.get(slug=unit), **given)


def level(multiplier, slug="gold", **fields) -> Level:
    values = {"name": slug.title(), "rank": 9, "kind": Level.Kind.GROWTH, "growth_needed": 0} | fields
    return Level.objects.create(slug=slug, points_multiplier=Decimal(multiplier), **values)


def put_order(member: Member, order_id: str, amount, *, refunded=0, items=None, items_refunded=None, **fields) -> Order:
    """Write an order as the ingest leaves it. `items` is category → amounts, `items_refunded` category → amount."""
    values = {"paid_at": PAID_AT, "currency": "CNY", "status": "paid"} | fields
    values |= {"amount": Decimal(amount), "refunded_amount": Decimal(refunded)}
    order, _ = Order.objects.update_or_create(
        order_id=order_id, defaults=values, create_defaults=values | {"member": member}
    )
    if items is not None:
        order.items.all().delete()
        lines = [(category, amount) for category, amounts in items.items() for amount in amounts]
        back = dict(items_refunded or {})
        OrderItem.objects.bulk_create(
            OrderItem(
                order=order, line=line, sku="S", category=category, amount=amount, refunded_amount=back.pop(category, 0)
            )
            for line, (category, amount) in enumerate(lines, start=1)
        )
    return order


def settle(*orders: Order, now=NOW) -> None:
    earning.settle_orders([order.pk for order in orders], now=now)


def kept() -> dict[str, int]:
    """Return what was kept of each fact, without "order:" in front, all rules together."""
    found: dict[str, int] = {}
    for each in Earning.objects.all():
        name = each.reference.removeprefix("order:")
        found[name] = found.get(name, 0) + each.granted - each.reversed
    return found
