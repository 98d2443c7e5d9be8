"""Invented lives, and the same lives in the database."""

import random
from datetime import UTC, timedelta
from decimal import Decimal

from django.db import transaction

from members import touches
from members.event_rows import EventRow
from members.ingest_events import write_history
from members.models import Member, OrderItem
from members.models import Order as StoredOrder
from tests.segmentation.lives import CATEGORIES, NOW, TYPES, Life, Order


def invent(seed: int, size: int = 60) -> list[Life]:
    """Return lives whose ids lie on both sides of a chunk's border, many with facts at the borders of stages."""
    chance = random.Random(seed)
    ids = sorted({*chance.sample(range(1, 400), size - 10), *((1 << 20) + n for n in range(-5, 5))})
    return [_life(chance, each) for each in ids]


def _life(chance: random.Random, number: int) -> Life:
    borders = [0, 15, 30, 60, 180, 365, 730]

    def moment():
        if chance.random() < 0.3:
            return NOW - timedelta(days=chance.choice(borders), microseconds=chance.choice([-1, 0, 1]))
        if chance.random() < 0.05:
            return NOW + timedelta(hours=chance.randint(1, 20))
        return NOW - timedelta(hours=int(24 * 500 * chance.random() ** 2), minutes=chance.randrange(60))

    def order():
        wanted = tuple(chance.sample(CATEGORIES, chance.randrange(3)))
        return Order(moment(), chance.choice([100, 1000, 2500, 9999]), wanted)

    return Life(
        number,
        [order() for _ in range(chance.choice([0, 1, 1, 2, 3, 5, 8]))],
        [(moment(), chance.choice(TYPES)) for _ in range(chance.choice([0, 0, 1, 3]))],
        chance.choice([None, NOW - timedelta(days=chance.randrange(1000))]),
    )


def write(lives: list[Life]) -> None:
    Member.objects.bulk_create(Member(id=life.id, uid=f"u{life.id}", joined_at=life.joined_at) for life in lives)
    for life in lives:
        for number, order in enumerate(life.orders):
            buy(life.id, order, f"{life.id}-{number}")
    rows = [
        EventRow(f"e{life.id}-{number}", f"u{life.id}", kind, at.astimezone(UTC))
        for life in lives
        for number, (at, kind) in enumerate(life.events)
    ]
    write_history(rows, members={f"u{life.id}": life.id for life in lives})


def buy(member_id: int, order: Order, order_id: str, *, status: str = "paid") -> StoredOrder:
    """Write an order, with a line of milk that was given back and counts for nothing."""
    amount = Decimal(order.cents) / 100
    stored = StoredOrder.objects.create(
        member_id=member_id, order_id=order_id, paid_at=order.at, amount=amount, currency="CNY", status=status
    )
    lines = [
        OrderItem(order=stored, line=n, sku=name, category=name, amount=1) for n, name in enumerate(order.categories)
    ]
    gone = OrderItem(order=stored, line=99, sku="x", category="milk", amount=1, refunded_amount=1, refunded_quantity=1)
    OrderItem.objects.bulk_create([*lines, gone])
    return stored


def add(life: Life, order: Order) -> None:
    """Let somebody buy once more, as a write path does: the facts, and the touch."""
    with transaction.atomic():
        buy(life.id, order, f"{life.id}-more-{len(life.orders)}")
        touches.touch(touches.ORDERS, [life.id])
    life.orders.append(order)
