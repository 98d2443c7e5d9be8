"""The facts that earn, read in sets: orders with what is left of them, and events."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from django.conf import settings
from django.db.models import F, Sum

from members.models import Event, Member, Order, OrderItem
from rewards.earning_amounts import net_that_counts, within
from rewards.models import EarningRule


class Happening(Protocol):
    """What is read of an event."""

    event_id: str
    member_id: int
    type: str
    occurred_at: datetime
    category: str


@dataclass(frozen=True, slots=True)
class Fact:
    """An order or an event: whose, when, and how much of it counts.

    `pk` is an order's primary key; `event_type` is empty for an order, as it is in the rules for orders.
    """

    reference: str
    member_id: int
    at: datetime
    net: Decimal
    by_category: Mapping[str, Decimal] = field(default_factory=dict)
    pk: int = 0
    event_type: str = ""

    def net_for(self, rule: EarningRule) -> Decimal:
        """Return how much of it counts for `rule`; 0 outside the rule's time."""
        if self.event_type != rule.event_type or not within(self.at, rule.starts_at, rule.ends_at):
            return Decimal(0)
        return net_that_counts(self.net, self.by_category, rule.categories)


def read_orders(order_pks: Collection[int], rules: Iterable[EarningRule]) -> list[Fact]:
    """Read the orders for these rules, in the order in which they were paid, in one query or two.

    Nothing counts of an order in another currency than the site's, for a rate is one for the site's money. Orders of
    members who were erased are left out: they neither gain nor lose.
    """
    found = Order.objects.filter(pk__in=order_pks, member__erased_at=None)
    orders = list(found.order_by("paid_at", "pk"))
    items = read_items(order_pks) if any(rule.categories for rule in rules) else {}
    return [
        Fact(
            reference=f"order:{order.order_id}",
            member_id=order.member_id,
            at=order.paid_at,
            net=_net_of(order),
            by_category=items.get(order.pk, {}),
            pk=order.pk,
        )
        for order in orders
    ]


def _net_of(order: Order) -> Decimal:
    if order.status != Order.Status.PAID or order.currency != settings.CURRENCY:
        return Decimal(0)
    return order.amount - order.refunded_amount


def read_items(order_pks: Collection[int]) -> dict[int, dict[str, Decimal]]:
    """Return what is left of each order's lines in each category, by primary key of the order."""
    lines = OrderItem.objects.filter(order_id__in=order_pks).values_list("order_id", "category")
    nets: dict[int, dict[str, Decimal]] = {}
    for order_pk, category, net in lines.annotate(net=Sum(F("amount") - F("refunded_amount"))):
        nets.setdefault(order_pk, {})[category] = net
    return nets


def read_events(keys: Iterable[tuple[str, str]]) -> list[Event]:
    """Read the events of these keys (id, time in ISO 8601)."""
    return list(Event.objects.filter(pk__in=[(event_id, datetime.fromisoformat(at)) for event_id, at in keys]))


def of_events(events: Iterable[Happening]) -> list[Fact]:
    """Return the events as facts, in the order in which they happened; those of erased members are left out."""
    events = list(events)
    erased = Member.objects.filter(pk__in={event.member_id for event in events}, erased_at__isnull=False)
    gone = set(erased.values_list("pk", flat=True))
    facts: dict[str, Fact] = {}
    for event in sorted(events, key=lambda event: (event.occurred_at, event.event_id)):
        if event.member_id not in gone:
            # An id that came in at two times is one event: it earns once.
            facts.setdefault(f"event:{event.event_id}", _of_event(event))
    return list(facts.values())


def _of_event(event: Happening) -> Fact:
    return Fact(
        reference=f"event:{event.event_id}",
        member_id=event.member_id,
        at=event.occurred_at,
        net=Decimal(1),
        by_category={event.category: Decimal(1)},
        event_type=event.type,
    )
