"""When and what a shop's members buy, and what they send back: two years of orders, lines and refunds, as rows in the
import's columns. Pure: chance is an argument.

Each member's days are drawn from one curve of the shop: weekends, the seasons, and the days of the big sales.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
from numpy.random import Generator

from demo.shop import DAYS, PRODUCTS, Product, Shopper

# From Monday on, and from January on: people eat more at New Year, and travel in the summer.
WEEKDAYS = (0.88, 0.86, 0.92, 0.90, 1.02, 1.24, 1.18)
MONTHS = (1.18, 0.92, 0.95, 0.95, 1.0, 1.06, 0.94, 0.93, 1.06, 1.0, 1.12, 1.14)
# (month, first day, last day): how many times as much is bought then.
SALES = {(6, 16, 18): 2.1, (11, 10, 12): 2.8, (12, 11, 13): 2.0, (9, 8, 9): 1.6}
HOURS = (2, 1, 0, 0, 0, 1, 5, 12, 16, 15, 16, 20, 28, 18, 13, 13, 15, 22, 28, 33, 38, 36, 24, 9)
CHANNELS = ("app", "mini_program", "store")
PAYMENTS = ("wechat", "alipay", "card")
# What people take besides what they always do, by month.
OF_THE_SEASON = {
    1: "GIFT-BOX", 2: "GIFT-BOX", 5: "FRUIT-BERRY", 6: "YOGURT-6", 7: "YOGURT-6", 8: "FRUIT-BERRY", 9: "GIFT-BOX",
    10: "FRUIT-APPLE", 11: "COFFEE-250", 12: "COFFEE-250",
}  # fmt: skip
SEASONAL = 0.18
SENT_BACK, SENT_BACK_IN_PART = 0.012, 0.02
LIKED = np.cumsum([0.5, 0.25, 0.15, 0.1])


@dataclass(slots=True)
class Purchases:
    orders: list[dict[str, str]] = field(default_factory=list)
    items: list[dict[str, str]] = field(default_factory=list)
    refunds: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Curve:
    """How much is bought on each of the last days, today last, and the sum of it up to each day."""

    days: list[date]
    sums: np.ndarray

    def between(self, begin: date, end: date) -> tuple[float, float]:
        """Return the sums before the day `begin` and before the day `end`."""
        first = self.days[0]
        low, high = ((min(max((day - first).days, 0), len(self.days))) for day in (begin, end))
        return float(self.sums[low]), float(self.sums[high])


def curve(now: datetime) -> Curve:
    days = [now.date() - timedelta(days=ago) for ago in range(DAYS, -1, -1)]
    weights = [WEEKDAYS[day.weekday()] * MONTHS[day.month - 1] * _sale(day) for day in days]
    return Curve(days, np.concatenate([[0.0], np.cumsum(weights)]))


def purchases(people: list[Shopper], *, now: datetime, chance: Generator) -> Purchases:
    """Return the orders of `people` up to now, with their lines, and the refunds of some."""
    made, shop = Purchases(), curve(now)
    for shopper in people:
        for paid_at in moments(shopper, shop, shopper.habit.orders_a_month, now=now, chance=chance):
            _buy(made, shopper, paid_at, now, chance)
    return made


def moments(shopper: Shopper, shop: Curve, a_month: float, *, now: datetime, chance: Generator) -> Iterator[datetime]:
    """Yield when the member comes, in no order: `a_month` times on the mean, on days on which they are awake."""
    before, after = shop.between(shopper.joined_at.date(), now.date() + timedelta(days=1))
    mean = a_month * shopper.eagerness * (after - before) / 30
    picked = chance.uniform(before, after, int(chance.poisson(mean)))
    places = np.searchsorted(shop.sums, picked, side="right") - 1
    hours = chance.choice(24, size=len(places), p=np.array(HOURS) / sum(HOURS)).tolist()
    seconds = chance.integers(0, 3_600, len(places)).tolist()
    for place, hour, second in zip(places.tolist(), hours, seconds, strict=True):
        day = shop.days[min(place, len(shop.days) - 1)]
        at = datetime(day.year, day.month, day.day, hour, second // 60, second % 60, tzinfo=now.tzinfo)
        if shopper.is_awake(at) and at < now:
            yield at


def _sale(day: date) -> float:
    found = (times for (month, first, last), times in SALES.items() if day.month == month and first <= day.day <= last)
    return next(found, 1.0)


def _buy(made: Purchases, shopper: Shopper, paid_at: datetime, now: datetime, chance: Generator) -> None:
    order_id = f"QM{len(made.orders) + 1:07d}"
    lines = max(1, int(chance.poisson(shopper.habit.lines)))
    rolls = chance.random(3 * lines + 4).tolist()
    total, units = Decimal(0), 0
    for line in range(lines):
        seasonal, which, many = rolls[3 * line : 3 * line + 3]
        product = _product(shopper, paid_at.month, seasonal, which)
        quantity = 1 if many < 0.7 else 2 if many < 0.92 else 3
        amount = product.price * quantity
        total, units = total + amount, units + quantity
        made.items.append({
            "order_id": order_id, "line": str(line + 1), "sku": product.sku, "category": product.category,
            "quantity": str(quantity), "amount": str(amount),
        })  # fmt: skip
    channel, payment, fate, late = rolls[-4:]
    # Year by year more is bought in the mini program and less in the outlets.
    share = (now - paid_at) / timedelta(days=DAYS)
    made.orders.append({
        "order_id": order_id, "uid": shopper.uid, "paid_at": paid_at.isoformat(), "amount": str(total),
        "currency": "CNY", "quantity": str(units),
        "channel": CHANNELS[0 if channel < 0.38 else 1 if channel < 0.88 - 0.25 * share else 2],
        "payment_method": PAYMENTS[0 if payment < 0.64 - 0.1 * share else 1 if payment < 0.93 else 2],
        "status": "paid",
    })  # fmt: skip
    if fate < SENT_BACK + SENT_BACK_IN_PART:
        part = total if fate < SENT_BACK else (total * Decimal("0.4")).quantize(Decimal("0.1"))
        _send_back(made, order_id, part, min(paid_at + timedelta(days=1 + 6 * late), now))


def _send_back(made: Purchases, order_id: str, amount: Decimal, at: datetime) -> None:
    made.refunds.append({
        "refund_id": f"QMR{len(made.refunds) + 1:05d}", "order_id": order_id, "amount": str(amount),
        "refunded_at": at.isoformat(),
    })  # fmt: skip


def _product(shopper: Shopper, month: int, seasonal: float, which: float) -> Product:
    sku = OF_THE_SEASON.get(month)
    if sku and seasonal < SEASONAL:
        return next(product for product in PRODUCTS if product.sku == sku)
    return shopper.favourites[int(np.searchsorted(LIKED, which))] if which < 1 else shopper.favourites[0]
