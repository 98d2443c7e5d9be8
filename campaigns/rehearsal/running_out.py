"""The day on which a stock or a budget is used up, at the expected pace. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from campaigns.rehearsal.rates import Level


@dataclass(frozen=True, slots=True)
class Supply:
    """What can be used up: `left` of it now, `wanted` in each scenario over the whole time. `kind` and `key` name it.

    Of money both are in cents. `daily`: there is as much each day, but on the first what `used_today` leaves. `days`:
    from which day until which, exclusive, it is wanted; None is all of the time.
    """

    kind: str
    key: str
    name: str
    left: int
    wanted: Mapping[Level, float]
    daily: bool = False
    money: bool = False
    pool: str = ""
    pool_name: str = ""
    days: tuple[int, int] | None = None
    used_today: int = 0

    @property
    def id(self) -> str:
        return ":".join(each for each in (self.kind, self.pool, self.key) if each)


@dataclass(frozen=True, slots=True)
class Lasting:
    """By scenario the day, from 0, with which a supply is used up; None where it lasts."""

    supply: Supply
    on: Mapping[Level, int | None]

    @property
    def first(self) -> int | None:
        """The earliest of the days."""
        return min((day for day in self.on.values() if day is not None), default=None)


def lasting(supply: Supply, weights: Sequence[float]) -> Lasting:
    """`weights` are the parts of what is wanted that each day wants."""
    return Lasting(supply, {level: day_out(supply, wanted, weights) for level, wanted in supply.wanted.items()})


def day_out(supply: Supply, wanted: float, weights: Sequence[float]) -> int | None:
    """The first day, from 0, by whose end more is wanted than there is; None: it lasts.

    Nothing is used up that nobody wants; a supply of nothing is used up on the first day.
    """
    if supply.days:
        begins, ends = supply.days
        weights = [weight if begins <= day < ends else 0 for day, weight in enumerate(weights)]
    total = sum(weights)
    if not total or not wanted:
        return None
    days = [wanted * weight / total for weight in weights]
    if supply.daily:
        days[0] += supply.used_today
    sums = days if supply.daily else list(accumulate(days))
    return next((day for day, used in enumerate(sums) if used > supply.left + 1e-9), None)
