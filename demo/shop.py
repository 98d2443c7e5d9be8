"""A believable shop: members who buy by habit, as rows in the import's columns. Pure: chance is an argument."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from numpy.random import Generator

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
GIVEN_NAMES = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "杰", "娟", "涛", "明", "霞", "秀英", "晓燕",
    "志强", "雨桐", "子涵", "欣怡", "浩然", "梓萱", "宇轩", "诗涵", "思远", "嘉怡", "俊杰", "雪梅",
]  # fmt: skip
REGIONS = ["上海", "北京", "广州", "深圳", "杭州", "成都", "武汉", "南京", "苏州", "重庆"]
REGION_WEIGHTS = [0.18, 0.16, 0.11, 0.11, 0.10, 0.10, 0.08, 0.06, 0.05, 0.05]
# City of residence: mostly that of the region, sometimes one nearby.
NEARBY = {"上海": "昆山", "北京": "廊坊", "广州": "佛山", "深圳": "东莞", "杭州": "绍兴", "成都": "德阳"}
SKIN_TYPES = ["dry", "oily", "combination", "sensitive"]
CHANNELS = ["app", "mini_program", "store"]
PAYMENT_METHODS = ["wechat", "alipay", "card"]
HOURS = [7, 8, 9, 11, 12, 13, 17, 18, 19, 20, 21, 22]
HOUR_WEIGHTS = [0.04, 0.06, 0.05, 0.08, 0.12, 0.07, 0.08, 0.12, 0.13, 0.12, 0.08, 0.05]


@dataclass(frozen=True, slots=True)
class Product:
    sku: str
    category: str
    price: Decimal


PRODUCTS = [
    Product("MILK-1L", "milk", Decimal("15.90")),
    Product("MILK-12", "milk", Decimal("69.90")),
    Product("YOGURT-6", "yogurt", Decimal("29.90")),
    Product("YOGURT-GREEK", "yogurt", Decimal("45.00")),
    Product("CHEESE-200", "cheese", Decimal("39.90")),
    Product("BREAD-WHOLE", "bread", Decimal("12.80")),
    Product("CROISSANT-4", "bread", Decimal("25.00")),
    Product("FRUIT-APPLE", "fruit", Decimal("32.80")),
    Product("FRUIT-BERRY", "fruit", Decimal("49.90")),
    Product("COFFEE-250", "coffee", Decimal("78.00")),
    Product("OATS-1KG", "cereal", Decimal("36.50")),
    Product("GIFT-BOX", "gift", Decimal("168.00")),
]


@dataclass(frozen=True, slots=True)
class Habit:
    """How a kind of member buys: share of members, mean orders a month, mean lines an order, share that fell asleep."""

    level: str
    share: float
    orders_a_month: float
    lines: float
    lapsed: float


HABITS = [
    Habit("normal", 0.62, 0.35, 1.4, 0.45),
    Habit("growth", 0.28, 1.3, 2.1, 0.22),
    Habit("paid", 0.10, 2.6, 2.8, 0.08),
]


@dataclass(frozen=True, slots=True)
class Shopper:
    uid: str
    habit: Habit
    joined_at: datetime
    asleep_from: datetime
    favourites: tuple[Product, ...]


def uid_of(number: int) -> str:
    return f"qm-{number:05d}"


def shoppers(count: int, *, now: datetime, chance: Generator) -> list[Shopper]:
    """Return `count` shoppers who joined over the last 18 months; some of each kind stopped buying long ago."""
    habits = chance.choice(len(HABITS), size=count, p=[habit.share for habit in HABITS])
    return [_shopper(number, HABITS[habits[number - 1]], now=now, chance=chance) for number in range(1, count + 1)]


def _shopper(number: int, habit: Habit, *, now: datetime, chance: Generator) -> Shopper:
    joined_at = (now - timedelta(days=float(chance.uniform(2, 540)))).replace(microsecond=0)
    asleep_from = now
    if chance.random() < habit.lapsed:
        asleep_from = joined_at + (now - joined_at) * float(chance.uniform(0.1, 0.75))
    favourites = tuple(PRODUCTS[i] for i in chance.choice(len(PRODUCTS), size=4, replace=False))
    return Shopper(uid_of(number), habit, joined_at, asleep_from, favourites)


def member_rows(people: list[Shopper], *, chance: Generator) -> Iterator[dict[str, str]]:
    for number, shopper in enumerate(people, start=1):
        region = str(chance.choice(REGIONS, p=REGION_WEIGHTS))
        yield {
            "uid": shopper.uid,
            "name": str(chance.choice(list(SURNAMES))) + str(chance.choice(GIVEN_NAMES)),
            "phone": f"1{chance.integers(30, 100)}{chance.integers(0, 10**8):08d}",
            "email": f"member{number}@example.com" if chance.random() < 0.6 else "",
            "gender": str(chance.choice(["female", "male", ""], p=[0.58, 0.36, 0.06])),
            "birthday": f"{chance.integers(1962, 2007)}-{chance.integers(1, 13):02d}-{chance.integers(1, 29):02d}",
            "region": region,
            "joined_at": shopper.joined_at.isoformat(),
            "level": shopper.habit.level,
            "attribute.has-children": str(chance.choice(["true", "false"], p=[0.4, 0.6])),
            "attribute.city": NEARBY.get(region, region) if chance.random() < 0.12 else region,
            "attribute.skin-type": str(chance.choice([*SKIN_TYPES, ""], p=[0.2, 0.2, 0.25, 0.1, 0.25])),
        }


@dataclass(frozen=True, slots=True)
class Purchases:
    orders: list[dict[str, str]]
    items: list[dict[str, str]]


def purchases(people: list[Shopper], *, now: datetime, chance: Generator) -> Purchases:
    """Return the orders of `people` and their lines, as rows in the import's columns."""
    made = Purchases([], [])
    for shopper in people:
        for paid_at in _times_of_purchase(shopper, now=now, chance=chance):
            _buy(made, shopper, paid_at, chance)
    return made


def _times_of_purchase(shopper: Shopper, *, now: datetime, chance: Generator) -> Iterator[datetime]:
    """Yield the times of a member's orders: a Poisson stream of days, at the hours at which people shop."""
    day = shopper.joined_at
    while True:
        day += timedelta(days=float(chance.exponential(30 / shopper.habit.orders_a_month)))
        hour = int(chance.choice(HOURS, p=HOUR_WEIGHTS))
        paid_at = day.replace(hour=hour, minute=int(chance.integers(0, 60)), second=0)
        if day >= shopper.asleep_from or paid_at >= now:
            return
        if paid_at >= shopper.joined_at:
            yield paid_at


def _buy(made: Purchases, shopper: Shopper, paid_at: datetime, chance: Generator) -> None:
    order_id = f"QM{len(made.orders) + 1:07d}"
    total, units = Decimal(0), 0
    for line in range(1, 1 + max(1, int(chance.poisson(shopper.habit.lines)))):
        product = shopper.favourites[int(chance.choice(4, p=[0.5, 0.25, 0.15, 0.1]))]
        quantity = 1 + int(chance.poisson(0.4))
        amount = product.price * quantity
        total, units = total + amount, units + quantity
        made.items.append({
            "order_id": order_id, "line": str(line), "sku": product.sku, "category": product.category,
            "quantity": str(quantity), "amount": str(amount),
        })  # fmt: skip
    made.orders.append({
        "order_id": order_id, "uid": shopper.uid, "paid_at": paid_at.isoformat(), "amount": str(total),
        "currency": "CNY", "quantity": str(units), "channel": str(chance.choice(CHANNELS, p=[0.4, 0.45, 0.15])),
        "payment_method": str(chance.choice(PAYMENT_METHODS, p=[0.6, 0.33, 0.07])),
        "status": "refunded" if chance.random() < 0.015 else "paid",
    })  # fmt: skip
