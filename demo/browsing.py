"""What the demo's members look at, like and search for, at the hours and on the weekdays of a shop. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from numpy.random import Generator

from demo import buying, shop
from members.event_rows import EventRow

EVENTS_A_MONTH = 2.2
MOST_EVENTS = 120
TYPES = ["view", "click", "search", "favourite", "cart", "share", "login"]
TYPE_WEIGHTS = [0.46, 0.14, 0.12, 0.09, 0.11, 0.03, 0.05]
PAGES = ["home", "list", "item"]
Words = Mapping[str, Sequence[str]]
# What is typed into the search box, by language and category.
KEYWORDS: dict[str, Words] = {
    "zh-hans": {
        "milk": ["鲜牛奶", "低脂牛奶", "牛奶 整箱"],
        "yogurt": ["酸奶", "希腊酸奶"],
        "cheese": ["奶酪", "奶酪棒"],
        "bread": ["全麦面包", "牛角包"],
        "fruit": ["苹果", "蓝莓"],
        "coffee": ["咖啡豆", "挂耳咖啡"],
        "cereal": ["燕麦"],
        "gift": ["礼盒", "年货礼盒"],
    },
    "en": {
        "milk": ["fresh milk", "low-fat milk", "case of milk"],
        "yogurt": ["yogurt", "Greek yogurt"],
        "cheese": ["cheese", "cheese sticks"],
        "bread": ["wholemeal bread", "croissant"],
        "fruit": ["apples", "blueberries"],
        "coffee": ["coffee beans", "drip coffee"],
        "cereal": ["oats"],
        "gift": ["gift box", "New Year's gift box"],
    },
}


def events(people: list[shop.Shopper], language: str, *, now: datetime, chance: Generator) -> Iterator[EventRow]:
    """Yield some 20 events a member over two years, in no order of time: only of those who were awake then."""
    when = buying.curve(now)
    words = KEYWORDS["en" if language == "en" else "zh-hans"]
    for number, shopper in enumerate(people, start=1):
        a_month = EVENTS_A_MONTH * (0.6 + 0.4 * shopper.habit.orders_a_month)
        times = list(buying.moments(shopper, when, a_month, now=now, chance=chance))[:MOST_EVENTS]
        yield from _of_one(number, shopper, times, words, chance)


def _of_one(
    number: int, shopper: shop.Shopper, times: list[datetime], words: Words, chance: Generator
) -> Iterator[EventRow]:
    kinds = chance.choice(len(TYPES), size=len(times), p=TYPE_WEIGHTS).tolist()
    liked = chance.choice(len(shopper.favourites), size=len(times), p=[0.5, 0.25, 0.15, 0.1]).tolist()
    picks = chance.integers(0, 6, len(times)).tolist()
    for line, (at, kind, favourite, pick) in enumerate(zip(times, kinds, liked, picks, strict=True)):
        product = shopper.favourites[favourite]
        yield _event(
            f"QME{number:05d}-{line:03d}",
            shopper.uid,
            TYPES[kind],
            at.astimezone(UTC),
            product,
            words[product.category],
            pick,
        )


def _event(  # noqa: PLR0913, PLR0917 - the columns
    event_id: str, uid: str, kind: str, at: datetime, product: shop.Product, words: Sequence[str], pick: int
) -> EventRow:
    if kind == "login":
        return EventRow(event_id, uid, kind, at)
    if kind == "search":
        return EventRow(event_id, uid, kind, at, category=product.category, keyword=words[pick % len(words)])
    page = PAGES[pick % len(PAGES)]
    return EventRow(event_id, uid, kind, at, product.sku, product.category, properties=f'{{"page":"{page}"}}')
