"""How long money lasts at the rate at which it goes. Pure: what was spent by the hour in, a time with its range out.

The rate is a mean of the last days, in which a day counts half as much as one `HALF_LIFE` later. A day begun counts for
the part of it that is over, by the hours at which money usually goes. What draws would have taken beyond a budget that
was used up is not known: after a raise the rate is that of the days before it until the next ones have come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

DAYS = 14
HALF_LIFE = 4
HOURS = 24
# Less than that part of a day is too little to go by: about a quarter of an hour.
LEAST_SEEN = 0.01
# Days of which at least half was seen, for a range.
DAYS_FOR_RANGE = 3
# Eight times of ten it is in the range, if days vary as a normal variable does.
WITHIN = 1.2816
HALVINGS = 60


class Verdict(Enum):
    SPENT = "spent"
    RUNS_OUT = "runs_out"
    LASTS = "lasts"
    IDLE = "idle"
    EARLY = "early"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What becomes of money that is left: used up about `at`, or not before `until`.

    `earliest` and `latest` are the range of `at`; `latest` is None where it may last, both are where there are too few
    days to tell. `rate` is in cents a day; `left_then` is about what is left at `until`, in cents.
    """

    verdict: Verdict
    until: datetime
    rate: int = 0
    at: datetime | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    left_then: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """What went on a day, in cents; `seen` is the part of it, 0 to 1, in which money could go; `age` in days."""

    age: int
    cents: int
    seen: float

    @property
    def weight(self) -> float:
        return 0.5 ** (self.age / HALF_LIFE)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast money goes: cents a day, the part of them in each hour, and how far both go astray (`_astray`)."""

    rate: float
    shape: Sequence[float]
    astray: tuple[float, float] | None

    def gone(self, days: float, side: int) -> float:
        """Return the cents that go in so many days: at most for side 1, at least for side -1.

        Within a day it goes astray by the whole of it; over many days high and low ones make up for each other.
        """
        by_day, lasting = self.astray or (0, 0)
        return self.rate * days + side * (by_day * (days if days < 1 else days**0.5) + lasting * days)

    def reaches(self, left: int, most: float, side: int) -> float | None:
        """Return after how many days `left` is gone on that side; None if not within `most` days."""
        if self.astray is None or self.gone(most, side) < left:
            return None
        low, high = 0.0, most
        for _halving in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.gone(middle, side) < left else (low, middle)
        return high


def outlook(spent: Mapping[datetime, int], *, left: int, now: datetime, until: datetime) -> Outlook:
    """Say when `left` cents are used up, or that they last until `until`.

    `spent` are cents by the hour in which they went, in the zone of `now` and `until`: days and hours are its.
    """
    if left <= 0:
        return Outlook(Verdict.SPENT, until)
    pace = pace_of(spent, now=now)
    if isinstance(pace, Verdict):
        return Outlook(pace, until)
    most = days_between(now, until, pace.shape)
    needed = left / pace.rate
    soonest, longest = pace.reaches(left, most, 1), pace.reaches(left, most, -1)
    return Outlook(
        Verdict.RUNS_OUT if needed < most else Verdict.LASTS,
        until,
        rate=round(pace.rate),
        at=after_days(now, needed, pace.shape) if needed < most else None,
        earliest=None if soonest is None else after_days(now, soonest, pace.shape),
        latest=None if longest is None else after_days(now, longest, pace.shape),
        left_then=max(round(left - pace.rate * most), 0),
    )


def pace_of(spent: Mapping[datetime, int], *, now: datetime) -> Pace | Verdict:
    """Return how fast money goes, or why that cannot be told: IDLE or EARLY."""
    first = max(_midnight(now) - timedelta(days=DAYS), min((hour for hour in spent if spent[hour]), default=now))
    recent = {hour: cents for hour, cents in spent.items() if first <= hour <= now}
    if not any(recent.values()):
        return Verdict.IDLE
    shape = usual_day(recent, first=first, now=now)
    days = days_seen(recent, shape, first=first, now=now)
    if sum(day.seen for day in days) < LEAST_SEEN:
        return Verdict.EARLY
    rate = sum(day.weight * day.cents for day in days) / sum(day.weight * day.seen for day in days)
    return Pace(rate, shape, _astray(rate, days))


def usual_day(spent: Mapping[datetime, int], *, first: datetime, now: datetime) -> tuple[float, ...]:
    """Return the part of a day's money that goes in each of its hours; they total 1.

    Taken from whole days, and from one more on which money goes evenly: no hour is quite without any.
    """
    whole = set(_dates(first, now)) - {now.date()}
    if first != _midnight(first):
        whole -= {first.date()}
    hours = [0.0] * HOURS
    for hour, cents in spent.items():
        if hour.date() in whole:
            hours[hour.hour] += cents
    total = sum(hours)
    if not total:
        return (1 / HOURS,) * HOURS
    return tuple((len(whole) * each / total + 1 / HOURS) / (len(whole) + 1) for each in hours)


def days_seen(
    spent: Mapping[datetime, int], shape: Sequence[float], *, first: datetime, now: datetime
) -> tuple[Day, ...]:
    """Return the days from that of `first` to that of `now`, the newest last."""
    totals: dict[date, int] = {}
    for hour, cents in spent.items():
        totals[hour.date()] = totals.get(hour.date(), 0) + cents
    days = []
    for each in _dates(first, now):
        seen = 1.0
        if each == first.date():
            seen -= _passed(first, shape)
        if each == now.date():
            seen -= 1 - _passed(now, shape)
        days.append(Day((now.date() - each).days, totals.get(each, 0), max(seen, 0.0)))
    return tuple(days)


def _astray(rate: float, days: Sequence[Day]) -> tuple[float, float] | None:
    """Return how far days go astray from the rate, and the rate itself from the true one; None for too few days."""
    told = [day for day in days if day.seen >= 0.5]
    if len(told) < DAYS_FOR_RANGE:
        return None
    weights = sum(day.weight for day in told)
    squares = sum(day.weight * (day.cents / day.seen - rate) ** 2 for day in told) / weights
    by_day = WITHIN * (squares * len(told) / (len(told) - 1)) ** 0.5
    as_many = weights**2 / sum(day.weight**2 for day in told)
    return by_day, by_day / as_many**0.5


def after_days(start: datetime, days: float, shape: Sequence[float]) -> datetime:
    """Return when as much has gone since `start` as usually goes in so many days."""
    moment = start + timedelta(days=int(days))
    rest = days - int(days)
    while True:
        hour_ends = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        open_part = (hour_ends - moment) / timedelta(hours=1)
        if (going := shape[moment.hour] * open_part) >= rest:
            return moment + timedelta(hours=rest / shape[moment.hour])
        moment, rest = hour_ends, rest - going


def days_between(start: datetime, end: datetime, shape: Sequence[float]) -> float:
    """Return as many days as usually see so much go as does from `start` to `end`."""
    return max((end.date() - start.date()).days + _passed(end, shape) - _passed(start, shape), 0.0)


def _passed(moment: datetime, shape: Sequence[float]) -> float:
    """Return the part of the day's money that has usually gone by then."""
    into = (moment - moment.replace(minute=0, second=0, microsecond=0)) / timedelta(hours=1)
    return sum(shape[: moment.hour]) + shape[moment.hour] * into


def _dates(first: datetime, last: datetime) -> list[date]:
    return [first.date() + timedelta(days=number) for number in range((last.date() - first.date()).days + 1)]


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
