"""Purchases (an order with its lines and refunds) out of the database and back into it, in sets.

Whoever writes holds the locks of the members concerned.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from members import activity, facts, metrics, touches
from members.folding import Folded
from members.merging import APPLIED, REFUNDED, OrderState, RefundState
from members.refunding import Purchase

# What is told of a purchase that was `before` and is `after`: the kind of activity and what it carries, or nothing.
Told = Callable[[Purchase, Purchase], tuple[str, dict[str, object]] | None]
NOTHING = Purchase()


class RefundTaken(Exception):
    """Another batch has meanwhile recorded a refund with the id of one of ours."""


@dataclass(frozen=True, slots=True)
class Known:
    """Purchases by order id, and the primary keys of their orders."""

    purchases: dict[str, Purchase]
    primary_keys: dict[str, int]


def read(order_ids: Collection[str]) -> Known:
    """Return what is known of these orders; one of which nothing is known is left out."""
    orders, lines, refunds = facts.read_orders(order_ids), facts.read_lines(order_ids), facts.read_refunds(order_ids)
    return Known(
        {
            order_id: Purchase(
                orders[order_id][1] if order_id in orders else None,
                lines.get(order_id, {}),
                refunds.get(order_id, {}),
            )
            for order_id in orders.keys() | refunds.keys()
        },
        {order_id: pk for order_id, (pk, _) in orders.items()},
    )


def write(folded: Folded[str, Purchase], primary_keys: Mapping[str, int], told: Told, *, now: datetime) -> None:
    """Write what differs of purchases whose orders are known or just written, their totals, and the feed.

    Raises RefundTaken.
    """
    changes = {order_id: (folded.known.get(order_id, NOTHING), after) for order_id, after in folded.written().items()}
    facts.update_orders(_changed_orders(changes))
    facts.write_lines(
        {
            (order_id, number): line
            for order_id, (before, after) in changes.items()
            for number, line in after.lines.items()
            if before.lines.get(number) != line
        }
    )
    _write_refunds(changes, now=now)
    moved = _moved(changes)
    _refresh_totals(moved)
    touches.touch(touches.ORDERS, {order.member_id for order in moved})
    activity.record(list(_happened(changes, primary_keys, told)), now=now)


Changes = Mapping[str, tuple[Purchase, Purchase]]


def _changed_orders(changes: Changes) -> dict[str, OrderState]:
    return {
        order_id: after.order
        for order_id, (before, after) in changes.items()
        if before.order is not None and after.order is not None and after.order != before.order
    }


def _write_refunds(changes: Changes, *, now: datetime) -> None:
    new: dict[str, RefundState] = {}
    known: dict[str, RefundState] = {}
    for before, after in changes.values():
        for refund_id, refund in after.refunds.items():
            if before.refunds.get(refund_id) != refund:
                (known if refund_id in before.refunds else new)[refund_id] = refund
    facts.update_refunds(known)
    if facts.insert_refunds(new, now=now) != new.keys():
        raise RefundTaken


def _moved(changes: Changes) -> list[OrderState]:
    """Return the orders of which something counts differently now, as they are and as they were."""
    return [
        purchase.order
        for before, after in changes.values()
        if (before.order, before.lines) != (after.order, after.lines)
        for purchase in (before, after)
        if purchase.order is not None
    ]


def _refresh_totals(orders: Sequence[OrderState]) -> None:
    """Derive the totals anew on the days the orders are on now and on those they have left."""
    metrics.refresh({order.member_id for order in orders}, {_day(order.paid_at) for order in orders})


def _happened(changes: Changes, primary_keys: Mapping[str, int], told: Told) -> Iterator[activity.Happened]:
    """Tell what the rows did to each order, then of each refund that now takes something from it."""
    for order_id, (before, after) in changes.items():
        order = after.order
        if order is None:
            continue
        common = {"order": primary_keys[order_id], "amount": str(order.amount), "quantity": order.quantity}
        if tale := told(before, after):
            kind, more = tale
            yield activity.Happened(order.member_id, kind, order_id, order.paid_at, common | more)
        for refund_id, refund in _newly_applied(before, after):
            more = {"refund": refund_id, "refunded": str(refund.amount), "line": refund.line}
            yield activity.Happened(
                order.member_id, activity.ORDER_REFUNDED, order_id, refund.refunded_at, common | more
            )


def _newly_applied(before: Purchase, after: Purchase) -> list[tuple[str, RefundState]]:
    """Return the refunds that change what the order comes to; none do once it is refunded in whole."""
    if after.order is None or after.order.said_status == REFUNDED:
        return []
    return [
        (refund_id, refund)
        for refund_id, refund in after.refunds.items()
        if refund.state == APPLIED and (refund_id not in before.refunds or before.refunds[refund_id].state != APPLIED)
    ]


def _day(moment: datetime) -> date:
    return timezone.localdate(moment, timezone.get_default_timezone())
