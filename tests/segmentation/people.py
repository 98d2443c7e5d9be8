"""A small invented shop: facts as plain Python, and the same facts in the database."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from members import metrics
from members.attribute_values import COLUMN_OF
from members.models import Attribute, AttributeValue, Level, Member, Order, OrderItem
from segmentation import member_sets, rfm
from segmentation.models import MemberTag, RfmModel, Segment, Tag, TagGroup
from tests.segmentation import rfm_oracle

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 20, 30, tzinfo=ZONE)
CATEGORIES = ["milk", "bread", "tea"]
SKUS = ["m1", "m2", "b1", "t1"]
CHANNELS = ["app", "web", ""]
METHODS = ["wechat", "alipay"]
LEVELS = ["new", "growth", "paid"]
CITIES = ["Shanghai", "shanghai", "Suzhou", "100%_a"]


class Item(NamedTuple):
    sku: str
    category: str
    quantity: int
    amount: Decimal
    refunded_quantity: int
    refunded_amount: Decimal


@dataclass
class Bought:
    paid_at: datetime
    amount: Decimal
    refunded: Decimal
    quantity: int
    refunded_quantity: int
    status: str
    channel: str
    payment_method: str
    items: list[Item]


@dataclass
class Person:
    id: int
    level: str | None
    tags: dict[str, datetime | None]
    profile: dict[str, object]
    attributes: dict[str, object]
    rfm: dict[str, object]
    segments: set[str]
    orders: list[Bought] = field(default_factory=list)


def invent(seed: int, size: int = 40) -> list[Person]:
    """Return people whose ids lie on both sides of a chunk's border."""
    chance = random.Random(seed)
    ids = sorted({*chance.sample(range(1, 200), size - 10), *((1 << 20) + n for n in range(-5, 5))})
    found = [_person(chance, each) for each in ids]
    scores = rfm_oracle.scored({each.id: paid_by(each) for each in found}, NOW.date())
    for each in found:
        each.rfm = scores.get(each.id, {})
    return found


def paid_by(person: Person) -> list[rfm_oracle.Paid]:
    """Return the orders that count, as RFM sees them."""
    return [
        rfm_oracle.Paid(bought.paid_at.astimezone(ZONE).date(), bought.amount - bought.refunded)
        for bought in person.orders
        if bought.status == "paid"
    ]


def _person(chance: random.Random, each: int) -> Person:
    return Person(
        id=each,
        level=chance.choice([*LEVELS, None]),
        tags={
            tag: chance.choice([None, NOW + timedelta(days=1), NOW, NOW - timedelta(days=1)])
            for tag in chance.sample(["low", "high", "vip"], chance.randrange(3))
        },
        profile={
            "uid": f"u{each}",
            "name": chance.choice(["", "Li", "li", "Wang"]),
            "gender": chance.choice(["", "female", "male"]),
            "birthday": chance.choice([None, date(2000, 2, 29), date(1990, 11, 21), date(1990, 11, 22)]),
            "region": chance.choice(["", "Shanghai", "Beijing"]),
            "joined_at": chance.choice([None, NOW, NOW - timedelta(hours=21), datetime(2026, 1, 1, tzinfo=ZONE)]),
        },
        attributes=({"city": chance.choice(CITIES)} if chance.random() < 0.7 else {})
        | ({"visits": chance.choice([0, 2, 2.5, 3])} if chance.random() < 0.7 else {})
        | ({"married": chance.choice([True, False])} if chance.random() < 0.7 else {})
        | ({"since": chance.choice(["2026-01-01", "2026-06-30"])} if chance.random() < 0.7 else {})
        | ({"size": chance.choice(["s", "l"])} if chance.random() < 0.7 else {}),
        rfm={},
        segments={slug for slug in ("a", "b") if chance.random() < 0.4},
        orders=[_bought(chance) for _ in range(chance.choice([0, 0, 1, 1, 2, 5]))],
    )


def _bought(chance: random.Random) -> Bought:
    amount = Decimal(chance.choice(["0", "10", "33.33", "99.99", "100", "250.50"]))
    items = [_item(chance) for _ in range(chance.randrange(4))]
    quantity = chance.randint(1, 9)
    moments = [
        NOW - timedelta(days=30),
        NOW - timedelta(days=30, seconds=1),
        NOW - timedelta(days=90),
        NOW - timedelta(hours=chance.randrange(24 * 200)),
        datetime(2026, 7, 1, tzinfo=ZONE),
        datetime(2026, 6, 30, 23, 59, 59, tzinfo=ZONE),
        NOW,
    ]
    return Bought(
        paid_at=chance.choice(moments),
        amount=amount,
        refunded=chance.choice([Decimal(0), Decimal(0), (amount / 3).quantize(Decimal("0.01"))]),
        quantity=quantity,
        refunded_quantity=chance.randrange(quantity),
        status=chance.choice(["paid", "paid", "paid", "refunded"]),
        channel=chance.choice(CHANNELS),
        payment_method=chance.choice(METHODS),
        items=items,
    )


def _item(chance: random.Random) -> Item:
    """Return a line of which nothing, something or all was refunded."""
    quantity, amount = chance.randint(1, 3), Decimal(chance.choice(["5", "33.33", "50"]))
    refunded = chance.choice([(0, Decimal(0)), (quantity - 1, Decimal("3.33")), (quantity, amount)])
    return Item(chance.choice(SKUS), chance.choice(CATEGORIES), quantity, amount, *refunded)


def write(people: list[Person]) -> None:
    """Write the people, their orders, the totals kept of these, and the names that rules may use."""
    levels = {slug: Level.objects.create(slug=slug, name=slug, rank=n, kind="paid") for n, slug in enumerate(LEVELS)}
    declare()
    Member.objects.bulk_create(Member(id=each.id, level=levels.get(each.level), **each.profile) for each in people)
    _write_attributes(people)
    _write_orders(people)
    metrics.rebuild()
    _write_tags(people)
    _write_sets(people)


def _write_attributes(people: list[Person]) -> None:
    attributes = {attribute.slug: attribute for attribute in Attribute.objects.all()}
    AttributeValue.objects.bulk_create(
        AttributeValue(member_id=each.id, attribute=attributes[slug], **{COLUMN_OF[attributes[slug].kind]: value})
        for each in people
        for slug, value in each.attributes.items()
    )


def declare() -> None:
    """Declare the attributes that rules may ask for."""
    for slug, kind, choices in [
        ("city", "text", []),
        ("visits", "number", []),
        ("married", "boolean", []),
        ("since", "date", []),
        ("size", "choice", ["s", "m", "l"]),
    ]:
        Attribute.objects.create(slug=slug, label=slug, kind=kind, choices=choices)


def _write_orders(people: list[Person]) -> None:
    for each in people:
        for number, bought in enumerate(each.orders):
            order = Order.objects.create(
                member_id=each.id,
                order_id=f"{each.id}-{number}",
                paid_at=bought.paid_at,
                amount=bought.amount,
                refunded_amount=bought.refunded,
                currency="CNY",
                quantity=bought.quantity,
                refunded_quantity=bought.refunded_quantity,
                channel=bought.channel,
                payment_method=bought.payment_method,
                status=bought.status,
            )
            OrderItem.objects.bulk_create(
                OrderItem(order=order, line=line, **item._asdict()) for line, item in enumerate(bought.items)
            )


def _write_tags(people: list[Person]) -> None:
    group = TagGroup.objects.create(slug="power", name="Power")
    tags = {slug: Tag.objects.create(group=group, slug=slug, name=slug) for slug in ("low", "high", "vip")}
    MemberTag.objects.bulk_create(
        MemberTag(member_id=each.id, tag=tags[slug], set_at=NOW, expires_at=expires_at)
        for each in people
        for slug, expires_at in each.tags.items()
    )


def _write_sets(people: list[Person]) -> None:
    for slug in ("a", "b"):
        members = member_sets.store(member_sets.BitMap(each.id for each in people if slug in each.segments))
        Segment.objects.create(slug=slug, name=slug, rule={}, members=members)
    rfm.recompute(RfmModel.objects.get(slug="default"), at=NOW.date(), now=NOW)
