"""A believable shop: who its members are and what they like, as rows in the import's columns. Pure: chance is an
argument.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from numpy.random import Generator

# The shop has been open for so many days; the first members of all came in its first week.
DAYS = 730
FOUNDERS = 0.04
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
GIVEN_NAMES = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "杰", "娟", "涛", "明", "霞", "秀英", "晓燕",
    "志强", "雨桐", "子涵", "欣怡", "浩然", "梓萱", "宇轩", "诗涵", "思远", "嘉怡", "俊杰", "雪梅",
]  # fmt: skip
ENGLISH_SURNAMES = [
    "Smith", "Jones", "Taylor", "Brown", "Wilson", "Evans", "Walker", "White", "Green", "Hall", "Wood", "Clarke",
    "Harris", "Lewis", "Young", "King", "Wright", "Baker", "Turner", "Hill", "Moore", "Cook", "Ward", "Parker",
]  # fmt: skip
ENGLISH_GIVEN_NAMES = [
    "Olivia", "Amelia", "Emma", "Sophie", "Grace", "Lucy", "Hannah", "Alice", "Ruth", "Clara", "James", "Oliver",
    "Henry", "Thomas", "Daniel", "Samuel", "George", "Peter", "Martin", "Simon", "Laura", "Helen", "Paul", "Anna",
]  # fmt: skip
# A region and a town near by, where some of its members live; in both languages, and its share of the members.
REGIONS = [
    (("上海", "昆山"), ("Shanghai", "Kunshan"), 0.18),
    (("北京", "廊坊"), ("Beijing", "Langfang"), 0.16),
    (("广州", "佛山"), ("Guangzhou", "Foshan"), 0.11),
    (("深圳", "东莞"), ("Shenzhen", "Dongguan"), 0.11),
    (("杭州", "绍兴"), ("Hangzhou", "Shaoxing"), 0.10),
    (("成都", "德阳"), ("Chengdu", "Deyang"), 0.10),
    (("武汉", "黄冈"), ("Wuhan", "Huanggang"), 0.08),
    (("南京", "镇江"), ("Nanjing", "Zhenjiang"), 0.06),
    (("苏州", "无锡"), ("Suzhou", "Wuxi"), 0.05),
    (("重庆", "涪陵"), ("Chongqing", "Fuling"), 0.05),
]
SKIN_TYPES = ["dry", "oily", "combination", "sensitive"]


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
# How well each sells.
POPULARITY = [0.16, 0.13, 0.11, 0.08, 0.07, 0.10, 0.07, 0.08, 0.06, 0.06, 0.05, 0.03]


@dataclass(frozen=True, slots=True)
class Habit:
    """How a kind of member buys: share of members, mean orders a month, mean lines an order, share that fell asleep."""

    level: str
    share: float
    orders_a_month: float
    lines: float
    lapsed: float


HABITS = [
    Habit("normal", 0.62, 0.38, 1.2, 0.45),
    Habit("growth", 0.28, 1.2, 1.7, 0.22),
    Habit("paid", 0.10, 2.2, 2.2, 0.08),
]
# Of those who fell asleep, so many came back.
CAME_BACK = 0.25


@dataclass(frozen=True, slots=True)
class Shopper:
    """A member: `eagerness` times the habit; silent from `asleep_from` until `back_from`, which may be after today."""

    uid: str
    habit: Habit
    joined_at: datetime
    asleep_from: datetime
    back_from: datetime
    eagerness: float
    favourites: tuple[Product, ...]

    def is_awake(self, at: datetime) -> bool:
        return self.joined_at <= at and not self.asleep_from <= at < self.back_from


def uid_of(number: int) -> str:
    return f"qm-{number:05d}"


def shoppers(count: int, *, now: datetime, chance: Generator) -> list[Shopper]:
    """Return `count` shoppers who joined over two years, more of them lately; some stopped, some of those came back."""
    habits = chance.choice(len(HABITS), size=count, p=[habit.share for habit in HABITS])
    founders = max(3, int(count * FOUNDERS))
    return [
        _shopper(number, HABITS[habits[number - 1]], founder=number <= founders, now=now, chance=chance)
        for number in range(1, count + 1)
    ]


def _shopper(number: int, habit: Habit, *, founder: bool, now: datetime, chance: Generator) -> Shopper:
    ago = DAYS - 7 * float(chance.random()) if founder else 2 + (DAYS - 10) * float(chance.random()) ** 1.25
    joined_at = (now - timedelta(days=ago)).replace(microsecond=0)
    asleep_from = back_from = now + timedelta(days=1)
    # The founders are those who stayed.
    if not founder and chance.random() < habit.lapsed:
        asleep_from = joined_at + (now - joined_at) * float(chance.uniform(0.1, 0.75))
        if chance.random() < CAME_BACK:
            back_from = asleep_from + (now - asleep_from) * float(chance.uniform(0.4, 0.9))
    favourites = tuple(PRODUCTS[i] for i in chance.choice(len(PRODUCTS), size=4, replace=False, p=POPULARITY))
    eagerness = float(chance.gamma(3.0, 1 / 3.0))
    return Shopper(uid_of(number), habit, joined_at, asleep_from, back_from, eagerness, favourites)


def member_rows(people: list[Shopper], language: str, *, chance: Generator) -> Iterator[dict[str, str]]:
    english = language == "en"
    where = chance.choice(len(REGIONS), size=len(people), p=[share for *_names, share in REGIONS]).tolist()
    for number, (shopper, place) in enumerate(zip(people, where, strict=True), start=1):
        region, near = REGIONS[place][1 if english else 0]
        yield {
            "uid": shopper.uid,
            "name": _name(chance, english=english),
            "phone": f"1{chance.integers(30, 100)}{chance.integers(0, 10**8):08d}",
            "email": f"member{number}@example.com" if chance.random() < 0.6 else "",
            "gender": str(chance.choice(["female", "male", ""], p=[0.58, 0.36, 0.06])),
            "birthday": f"{chance.integers(1962, 2007)}-{chance.integers(1, 13):02d}-{chance.integers(1, 29):02d}",
            "region": region,
            "joined_at": shopper.joined_at.isoformat(),
            "level": shopper.habit.level,
            "attribute.has-children": str(chance.choice(["true", "false"], p=[0.4, 0.6])),
            "attribute.city": near if chance.random() < 0.12 else region,
            "attribute.skin-type": str(chance.choice([*SKIN_TYPES, ""], p=[0.2, 0.2, 0.25, 0.1, 0.25])),
        }


def _name(chance: Generator, *, english: bool) -> str:
    surnames, given = (ENGLISH_SURNAMES, ENGLISH_GIVEN_NAMES) if english else (SURNAMES, GIVEN_NAMES)
    first, last = given[int(chance.integers(len(given)))], surnames[int(chance.integers(len(surnames)))]
    return f"{first} {last}" if english else last + first
