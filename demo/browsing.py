"""What the demo's members look at, like and search for, at the hours and on the weekdays of a shop. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from numpy.random import Generator

from demo import shop
from members.event_rows import EventRow
from members.generating_events import moments

EVENTS_A_MEMBER = 20
DAYS = 730
TYPES = ["view", "click", "search", "favourite", "cart", "share", "login"]
TYPE_WEIGHTS = [0.46, 0.14, 0.12, 0.09, 0.11, 0.03, 0.05]
PAGES = ["home", "list", "item"]
KEYWORDS = {
    "milk": ["鲜牛奶", "低脂牛奶", "牛奶 整箱"],
    "yogurt": ["酸奶", "希腊酸奶"],
    "cheese": ["奶酪", "奶酪棒"],
    "bread": ["全麦面包", "牛角包"],
    "fruit": ["苹果", "蓝莓"],
    "coffee": ["咖啡豆", "挂耳咖啡"],
    "cereal": ["燕麦"],
    "gift": ["礼盒", "年货礼盒"],
}


def events(people: list[shop.Shopper], *, now: datetime, chance: Generator) -> Iterator[EventRow]:
    """Yield about 20 events a member, in no order of time: of those who were members then and had not fallen asleep."""
    for number, shopper in enumerate(people, start=1):
        wanted = int(chance.poisson(EVENTS_A_MEMBER * (0.6 + 0.4 * shopper.habit.orders_a_month)))
        awake = (shopper.asleep_from - shopper.joined_at) // timedelta(days=1)
        if awake > 0:
            last = min(now, shopper.asleep_from)
            times = moments(chance, min(wanted, 2 * EVENTS_A_MEMBER), days=min(awake, DAYS), now=last)
            yield from _of_one(number, shopper, list(times), chance)


def _of_one(number: int, shopper: shop.Shopper, times: list[datetime], chance: Generator) -> Iterator[EventRow]:
    kinds = chance.choice(len(TYPES), size=len(times), p=TYPE_WEIGHTS).tolist()
    liked = chance.choice(len(shopper.favourites), size=len(times), p=[0.5, 0.25, 0.15, 0.1]).tolist()
    picks = chance.integers(0, 6, len(times)).tolist()
    for line, (at, kind, favourite, pick) in enumerate(zip(times, kinds, liked, picks, strict=True)):
        product = shopper.favourites[favourite]
        yield _event(f"QME{number:05d}-{line:03d}", shopper.uid, TYPES[kind], at, product, pick)


def _event(event_id: str, uid: str, kind: str, at: datetime, product: shop.Product, pick: int) -> EventRow:  # noqa: PLR0913, PLR0917 - the columns
    if kind == "login":
        return EventRow(event_id, uid, kind, at)
    if kind == "search":
        words = KEYWORDS[product.category]
        return EventRow(event_id, uid, kind, at, category=product.category, keyword=words[pick % len(words)])
    page = PAGES[pick % len(PAGES)]
    return EventRow(event_id, uid, kind, at, product.sku, product.category, properties=f'{{"page":"{page}"}}')
