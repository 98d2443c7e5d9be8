"""A naive reference for lifecycle stages, repurchase cycles and value: plain Python over one person at a time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy

from segmentation.facts import clock
from segmentation.facts.tables import UNKNOWN, Events, Items, Orders, People, Words

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 20, 30, tzinfo=ZONE)
TODAY = clock.day(NOW.date())
CATEGORIES = ("milk", "tea", "gift")
TYPES = ("view", "favourite", "cart", "share", "review")


@dataclass
class Order:
    at: datetime
    cents: int = 1000
    categories: tuple[str, ...] = ()


@dataclass
class Life:
    id: int
    orders: list[Order] = field(default_factory=list)
    events: list[tuple[datetime, str]] = field(default_factory=list)
    joined_at: datetime | None = None

    def until(self, now: datetime) -> "Life":
        """The same life as it was known at `now`, in the order of time."""
        orders = sorted((each for each in self.orders if each.at <= now), key=lambda each: each.at)
        return Life(self.id, orders, [each for each in self.events if each[0] <= now], self.joined_at)


def day_of(moment: datetime) -> int:
    return clock.day(moment.astimezone(ZONE).date())


def stage_of(life: Life, means: Any, now: datetime) -> str:
    """Return the stage, by conditions read from the glossary one after the other."""
    life = life.until(now)

    def within(moment: datetime, days: int) -> bool:
        return now - timedelta(days=days) <= moment <= now

    recent = [each for each in life.orders if within(each.at, means.interested_days)]
    wished = [at for at, kind in life.events if kind in means.interested_events and within(at, means.interested_days)]
    in_years = [each for each in life.orders if within(each.at, 365 * means.new_years)]
    holds = {
        "interested": bool(wished) and not recent,
        "new": len(in_years) == 1 and within(in_years[0].at, means.new_days),
        "repurchase": any(_is_due(life, category, days, means, now) for category, days in means.cycles.items()),
    }
    for stage in means.priority:
        if holds[stage]:
            return stage
    if not life.orders:
        return "prospect"
    last = life.orders[-1].at
    return "active" if within(last, means.active_days) else "sleeping" if within(last, means.sleeping_days) else "lost"


def _is_due(life: Life, category: str, days: int, means: Any, now: datetime) -> bool:
    bought = [each.at for each in life.orders if category in each.categories]
    if not bought:
        return False
    cycle = timedelta(days=days)
    return bought[-1] + cycle * means.due_from / 100 <= now <= bought[-1] + cycle * means.due_until / 100


def gaps_of(lives: list[Life], category: str | None, since_day: int = -(10**9)) -> tuple[list[int], int, int]:
    """Return all gaps in days, ascending, the buyers, and those who bought again."""
    gaps: list[int] = []
    buyers = again = 0
    for life in lives:
        bought = [each for each in life.orders if category is None or category in each.categories]
        days = sorted({day_of(each.at) for each in bought if day_of(each.at) >= since_day})
        buyers += bool(days)
        again += len(days) > 1
        gaps += [later - earlier for earlier, later in pairwise(days)]
    return sorted(gaps), buyers, again


def value_of(life: Life, lives: list[Life], model: Any, now: datetime, at: int) -> dict[str, Any]:
    """Return score, tier, spending, churn and loyalty among `lives`, each from its definition in words."""
    counted = [_figures(each.until(now), model, at) for each in lives]
    own = _figures(life.until(now), model, at)
    parts = ("amount", "orders", "interaction", "reputation")
    scores = [_score(each, counted, model, parts) for each in counted]
    buyers = [score for score, each in zip(scores, counted, strict=True) if each["orders"]]
    score = _score(own, counted, model, parts)
    averages = [each["average"] for each in counted if each["orders"]]
    past = [each.until(now) for each in lives]
    return {
        "score": score,
        "tier": _ranked(
            score, buyers, model.core_share, model.high_potential_share, ("core", "high_potential", "ordinary")
        ),
        "spending": _ranked(
            own["average"], averages, model.high_spenders_share, model.middle_spenders_share, ("high", "middle", "low")
        )
        if own["orders"]
        else None,
        "churn": _churn(life.until(now), past, model, at),
        "loyalty": _loyalty(life.until(now), model),
    }


def _figures(life: Life, model: Any, at: int) -> dict[str, Any]:
    inside = [each for each in life.orders if day_of(each.at) > at - model.window_days]
    done = [kind for moment, kind in life.events if day_of(moment) > at - model.window_days]
    amount = sum(each.cents for each in inside)
    age = 0 if life.joined_at is None else clock.moment(life.joined_at)
    months = 0 if life.joined_at is None else ((at + 1) * 86_400_000_000 - age) // (30 * 86_400_000_000)
    return {
        "amount": amount,
        "orders": len(inside),
        "average": (Fraction(amount, len(inside)) + Fraction(1, 2)).__floor__() if inside else 0,
        "interaction": sum(kind in model.interaction_events for kind in done),
        "reputation": min(max(months, 0), 60)
        + model.reputation_event_points * sum(kind in model.reputation_events for kind in done),
    }


def _score(own: dict[str, Any], counted: list[dict[str, Any]], model: Any, parts: tuple[str, ...]) -> int:
    weights = (model.amount_weight, model.frequency_weight, model.interaction_weight, model.reputation_weight)
    total = Fraction(0)
    for part, weight in zip(parts, weights, strict=True):
        having = sorted(each[part] for each in counted if each[part] > 0)
        if own[part] > 0 and having:
            marks = [having[step * len(having) // 100] for step in range(100)]
            below, level = sum(mark < own[part] for mark in marks), sum(mark == own[part] for mark in marks)
            total += weight * (below + Fraction(level, 2)) / 100
    return (total * 10 + Fraction(1, 2)).__floor__()


def _ranked(value: int, values: list[int], first: int, second: int, names: tuple[str, str, str]) -> str:
    """A value is in the top share when those who have it or more are no more than that share."""
    for name, share in zip(names, (first, first + second), strict=False):
        least = _least(values, share)
        if least is not None and value >= least:
            return name
    return names[2]


def _least(values: list[int], share: int) -> int | None:
    """Return the least value that no more than the share of all have or exceed."""
    fitting = [each for each in set(values) if 100 * sum(other >= each for other in values) <= share * len(values)]
    return min(fitting, default=None)


def _churn(life: Life, lives: list[Life], model: Any, at: int) -> str | None:
    if not life.orders:
        return None
    days = sorted({day_of(each.at) for each in life.orders})
    if len(days) >= model.own_gap_orders:
        gap = Fraction(days[-1] - days[0], len(days) - 1)
    else:
        known = [_usual(lives, category, model) for category in life.orders[-1].categories]
        usual = min((each for each in known if each is not None), default=_usual(lives, None, model))
        if usual is None:
            return None
        gap = Fraction(usual)
    silent = Fraction(100 * max(at - days[-1], 0))
    return "high" if silent > model.churn_high * gap else "middle" if silent > model.churn_middle * gap else "low"


def _usual(lives: list[Life], category: str | None, model: Any) -> int | None:
    gaps, _buyers, _again = gaps_of(lives, category)
    return gaps[(len(gaps) + 1) // 2 - 1] if len(gaps) >= max(model.fewest_gaps, 1) else None


def _loyalty(life: Life, model: Any) -> str | None:
    if not life.orders:
        return None
    days = sorted({day_of(each.at) for each in life.orders})
    gaps = [later - earlier for earlier, later in pairwise(days)]
    if len(days) >= model.loyal_orders and days[-1] - days[0] >= model.loyal_span_days:
        mean = Fraction(sum(gaps), len(gaps))
        variance = sum((gap - mean) ** 2 for gap in gaps) / len(gaps)
        if 10_000 * variance <= (model.loyal_spread * mean) ** 2:
            return "high"
    return "middle" if len(days) >= model.returning_orders else "low"


def tables(lives: list[Life]) -> tuple[People, Orders, Items, Events]:
    """Return the lives as columns of facts."""
    lives = sorted(lives, key=lambda each: each.id)
    orders = sorted(((life.id, order) for life in lives for order in life.orders), key=lambda row: (row[0], row[1].at))
    lines = [(row, category) for row, (_, order) in enumerate(orders) for category in order.categories]
    events = sorted((life.id, at, kind) for life in lives for at, kind in life.events)
    zero = numpy.zeros(len(lives), dtype=numpy.int64)
    joined = [UNKNOWN if life.joined_at is None else clock.moment(life.joined_at) for life in lives]
    none = Words(())
    return (
        People(_column([life.id for life in lives]), zero, zero, zero, zero, _column(joined), none, none, none),
        Orders(
            _column([member for member, _ in orders]),
            _column([clock.moment(order.at) for _, order in orders]),
            _column([day_of(order.at) for _, order in orders]),
            _column([order.cents for _, order in orders]),
            *(_column([0 for _ in orders]) for _ in range(3)),
            none,
            none,
        ),
        Items(
            _column([row for row, _ in lines]),
            _column([CATEGORIES.index(category) for _, category in lines]),
            *(_column([0 for _ in lines]) for _ in range(3)),
            Words(CATEGORIES),
            none,
        ),
        Events(
            _column([member for member, _, _ in events]),
            _column([clock.moment(at) for _, at, _ in events]),
            _column([day_of(at) for _, at, _ in events]),
            _column([TYPES.index(kind) for _, _, kind in events]),
            *(_column([0 for _ in events]) for _ in range(3)),
            Words(TYPES),
            none,
            none,
            none,
        ),
    )


def _column(values: list[int]) -> numpy.ndarray:
    return numpy.array(values, dtype=numpy.int64)
