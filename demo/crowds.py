"""When people come to a campaign: by the hours of the day, most of them lately. Pure: chance is an argument."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import numpy as np
from numpy.random import Generator

from demo.buying import HOURS

HOUR = timedelta(hours=1)
# Nobody is ever quite alone: even at night somebody comes.
AT_NIGHT = 2


def arrivals(
    count: int, *, since: datetime, until: datetime, chance: Generator, busy: Callable[[date], float] = lambda _day: 1.0
) -> list[datetime]:
    """Return `count` times in their order; a day has `busy(day)` times as many as another."""
    hours = hours_between(since, until)
    weights = np.array([max(HOURS[hour.hour], AT_NIGHT) * busy(hour.date()) for hour in hours])
    picked = chance.choice(len(hours), size=count, p=weights / weights.sum())
    return sorted(_within(hours[place], since, until, chance) for place in picked.tolist())


def one_an_hour(*, since: datetime, until: datetime, chance: Generator) -> list[datetime]:
    """Return a time within each hour, so that no hour is empty."""
    return [_within(hour, since, until, chance) for hour in hours_between(since, until)]


def hours_between(since: datetime, until: datetime) -> Sequence[datetime]:
    """The beginnings of the hours from that of `since` to that of `until`."""
    first = since.replace(minute=0, second=0, microsecond=0)
    return [first + number * HOUR for number in range(int((until - first) / HOUR) + 1) if first + number * HOUR < until]


def _within(hour: datetime, since: datetime, until: datetime, chance: Generator) -> datetime:
    begin, end = max(hour, since), min(hour + HOUR, until)
    return begin + (end - begin) * float(chance.uniform(0.02, 0.98))
