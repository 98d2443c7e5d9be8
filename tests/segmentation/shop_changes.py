"""What may happen to the facts of the invented shop, one thing after another, each noted as its writers note it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

from django.db import transaction

from members import touches
from members.models import Event, Level, Member, Order, OrderItem
from tests.segmentation.people import CATEGORIES, NOW, SKUS


@transaction.atomic
def new_order(chance: Random) -> None:
    member = chance.choice(_members())
    amount = Decimal(chance.choice(["10", "99.99", "250.50"]))
    order = Order.objects.create(
        member=member,
        order_id=f"new-{uuid4()}",
        paid_at=NOW - timedelta(hours=chance.randrange(24 * 120)),
        amount=amount,
        refunded_amount=0,
        currency="CNY",
        quantity=3,
        channel=chance.choice(["app", "kiosk", f"c{chance.randrange(9)}"]),
        payment_method="wechat",
        status="paid",
    )
    for line in range(chance.randrange(3)):
        OrderItem.objects.create(
            order=order, line=line, sku=chance.choice(SKUS), category=chance.choice(CATEGORIES), quantity=1, amount=5
        )
    touches.touch(touches.ORDERS, [member.pk])


@transaction.atomic
def refund(chance: Random) -> None:
    order = _order(chance)
    if order:
        order.refunded_amount = order.amount / 2
        order.status = chance.choice(["paid", "refunded"])
        order.save()
        order.items.update(refunded_amount=1)
        touches.touch(touches.ORDERS, [order.member_id])


@transaction.atomic
def correct(chance: Random) -> None:
    """An order turns out to have been paid at another time, of another amount, with other items."""
    order = _order(chance)
    if order:
        order.paid_at -= timedelta(days=chance.randrange(40))
        order.amount += 7
        order.save()
        order.items.filter(line=0).delete()
        touches.touch(touches.ORDERS, [order.member_id])


@transaction.atomic
def order_moves(chance: Random) -> None:
    order, member = _order(chance), chance.choice(_members())
    if order:
        before, order.member = order.member_id, member
        order.save()
        touches.touch(touches.ORDERS, [before, member.pk])


@transaction.atomic
def join(chance: Random) -> None:
    pk = chance.choice([chance.randrange(200, 500), chance.randrange(1, 200), (3 << 20) + chance.randrange(100)])
    member, created = Member.objects.get_or_create(pk=pk, defaults={"uid": f"n{pk}", "region": "Suzhou"})
    if created:
        touches.touch(touches.PROFILE, [member.pk])


@transaction.atomic
def erase(chance: Random) -> None:
    if len(_members()) < 20:
        return
    member = chance.choice(_members())
    Member.objects.filter(pk=member.pk).update(erased_at=NOW, region="", name="", birthday=None)
    touches.touch(touches.PROFILE, [member.pk])


@transaction.atomic
def change_level(chance: Random) -> None:
    member = chance.choice(_members())
    Member.objects.filter(pk=member.pk).update(level=chance.choice([None, *Level.objects.all()]))
    touches.touch(touches.LEVEL, [member.pk])


@transaction.atomic
def change_profile(chance: Random) -> None:
    member = chance.choice(_members())
    Member.objects.filter(pk=member.pk).update(region=chance.choice(["Shanghai", "Lhasa", ""]), gender="male")
    touches.touch(touches.PROFILE, [member.pk])


@transaction.atomic
def view(chance: Random) -> None:
    member = chance.choice(_members())
    Event.objects.create(
        event_id=f"e-{uuid4()}",
        member=member,
        occurred_at=NOW - timedelta(hours=chance.randrange(24 * 60)),
        type="view",
        item=chance.choice(SKUS),
        category=chance.choice(CATEGORIES),
    )
    touches.touch(touches.EVENTS, [member.pk])


CHANGES: tuple[Callable[[Random], None], ...] = (
    new_order,
    new_order,
    refund,
    correct,
    order_moves,
    join,
    erase,
    change_level,
    change_profile,
    view,
)


def _members() -> list[Member]:
    return list(Member.objects.filter(erased_at=None).order_by("pk"))


def _order(chance: Random) -> Order | None:
    orders = list(Order.objects.order_by("order_id"))
    return chance.choice(orders) if orders else None
