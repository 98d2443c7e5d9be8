"""A small shop for the tests of `members`: its clock, and rows with what a test does not care about filled in."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F, Max, Min, Sum

from members.models import DailyTotal, MemberMetrics, Order, OrderItem
from members.rows import OrderItemRow, OrderRow, RefundRow

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def order(order_id, uid="u1", *, days_ago=1, amount="10.00", **given):
    return OrderRow(order_id, uid, NOW - timedelta(days=days_ago), Decimal(amount), **given)


def item(order_id, line=1, *, category="milk", amount="10.00", quantity=1):
    return OrderItemRow(order_id, line, "A-1", category, quantity, Decimal(amount))


def refund(refund_id, order_id="o1", *, amount="4.00", minutes_ago=60, **given):
    return RefundRow(refund_id, order_id, NOW - timedelta(minutes=minutes_ago), Decimal(amount), **given)


def stored_totals():
    return {
        metrics.member.uid: (
            metrics.orders,
            metrics.amount,
            metrics.quantity,
            metrics.first_paid_at,
            metrics.last_paid_at,
        )
        for metrics in MemberMetrics.objects.select_related("member")
    }


def summed_totals():
    """The totals by another way than the product's: summed by the ORM, order by order."""
    totals = {uid: (0, Decimal(0), 0, None, None) for uid in Order.objects.values_list("member__uid", flat=True)}
    paid = Order.objects.filter(status="paid").values("member__uid")
    sums = paid.annotate(
        n=Count("id"),
        a=Sum(F("amount") - F("refunded_amount")),
        q=Sum(F("quantity") - F("refunded_quantity")),
        f=Min("paid_at"),
        t=Max("paid_at"),
    )
    return totals | {row["member__uid"]: (row["n"], row["a"], row["q"], row["f"], row["t"]) for row in sums}


def stored_days():
    return {
        (total.member.uid, total.day, total.category): (total.count, total.quantity, total.amount)
        for total in DailyTotal.objects.select_related("member")
    }


def summed_days(zone):
    """The daily totals by another way than the product's: added up in Python."""
    days = {}
    for each in Order.objects.filter(status="paid").select_related("member"):
        key = (each.member.uid, each.paid_at.astimezone(zone).date(), "")
        _add(days, key, 1, each.quantity - each.refunded_quantity, each.amount - each.refunded_amount)
    counted = set()
    for line in OrderItem.objects.filter(order__status="paid").exclude(category="").select_related("order__member"):
        left = (line.quantity - line.refunded_quantity, line.amount - line.refunded_amount)
        if left == (0, 0):
            continue
        key = (line.order.member.uid, line.order.paid_at.astimezone(zone).date(), line.category)
        _add(days, key, (key, line.order_id) not in counted, *left)
        counted.add((key, line.order_id))
    return days


def _add(days, key, count, quantity, amount):
    before = days.get(key, (0, 0, Decimal(0)))
    days[key] = (before[0] + count, before[1] + quantity, before[2] + amount)
