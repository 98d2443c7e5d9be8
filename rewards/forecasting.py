"""What a pool will cost and when it runs dry: many simulated campaigns, and how they spread. Pure numpy."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rewards.simulated_draws import Scenario, draws_of
from rewards.simulated_pool import Limit, Per, SimulatedBudget, SimulatedPool, Why, limits_of
from rewards.simulating import Draws, Played, play

# How many draws are simulated in about two seconds of one core: without limits for each member, and with them.
DRAWS_AT_ONCE, DRAWS_BY_MEMBER = 8_000_000, 1_200_000
FEWEST_RUNS, MOST_RUNS = 5, 200
# Fewer runs say little about their own tails: the interval is then that of a normal distribution.
RUNS_FOR_QUANTILES = 20
Z95 = 1.6449
HISTOGRAM = 14


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run came to: `given` by place of the prize, `whys` by reason, `dry_at` and `dry_on` by total limit.

    `cost` in cents; `dry_at` the draw (from 1) with which a limit was used up, None if it never was; `dry_on` its day
    (from 0). Of a budget: the first draw that it refused. `short_days`: days on which a budget refused a prize.
    `guaranteed`: wins of the guaranteed prize that were not rolled. `members`: how many drew.
    """

    cost: int
    given: NDArray[np.int64]
    whys: NDArray[np.int64]
    dry_at: tuple[int | None, ...]
    dry_on: tuple[int | None, ...]
    short_days: int
    guaranteed: int
    members: int


@dataclass(frozen=True, slots=True)
class Interval:
    """Mean and standard deviation of a figure, and where it lies between in nine of ten cases."""

    mean: float
    sd: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Dryness:
    """A total limit, and with which probability it is used up by the end of each day."""

    limit: Limit
    by_day: NDArray[np.float64]

    @property
    def ever(self) -> float:
        """Return the probability that it is used up at all."""
        return float(self.by_day[-1])

    def day_with(self, probability: float) -> int | None:
        """Return the day (from 0) by whose end it is used up with this probability."""
        reached = np.flatnonzero(self.by_day >= probability - 1e-9)
        return int(reached[0]) if len(reached) else None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Many runs of one scenario; the first one is also the answer to "once, with this seed"."""

    pool: SimulatedPool
    scenario: Scenario
    budgets: tuple[SimulatedBudget, ...]
    runs: tuple[Outcome, ...]

    @property
    def cost(self) -> Interval:
        """Return the cost in cents."""
        return interval([run.cost for run in self.runs])

    def given(self, place: int) -> Interval:
        """Return how many of a prize are given."""
        stock = self.pool.prizes[place].stock
        return interval([int(run.given[place]) for run in self.runs], most=stock)

    def fell(self, why: Why) -> Interval:
        """Return how many draws gave another prize than the one rolled, for this reason."""
        return interval([int(run.whys[why]) for run in self.runs])

    @property
    def falls(self) -> dict[Why, float]:
        """Return by reason how many draws are expected not to give the prize they rolled; reasons that occur."""
        found = {why: self.fell(why).mean for why in Why if why not in (Why.NOTHING, Why.GUARANTEED)}
        return {why: mean for why, mean in found.items() if mean}

    @property
    def guaranteed(self) -> Interval:
        """Return how many wins of the guaranteed prize were not rolled."""
        return interval([run.guaranteed for run in self.runs])

    @property
    def short_days(self) -> float:
        """Return on how many days a budget is expected to refuse a prize."""
        return float(np.mean([run.short_days for run in self.runs]))

    @property
    def members(self) -> float:
        """Return how many members drew at all."""
        return float(np.mean([run.members for run in self.runs]))

    @property
    def dryness(self) -> list[Dryness]:
        """Return for each total limit when it is used up."""
        days = np.arange(self.scenario.days)
        never = self.scenario.days
        found = []
        for row, limit in enumerate(total_limits(self.pool, self.budgets)):
            on = np.array([never if run.dry_on[row] is None else run.dry_on[row] for run in self.runs])
            found.append(Dryness(limit, (on[None, :] <= days[:, None]).mean(axis=1)))
        return found

    def histogram(self) -> list[tuple[float, float, int]]:
        """Return (from, to, runs) of the cost in cents."""
        counts, edges = np.histogram([run.cost for run in self.runs], bins=HISTOGRAM)
        return list(zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True))


def interval(values: Sequence[int], *, most: int | None = None) -> Interval:
    """Return mean, sd and the 5th to 95th percentile of what is 0 at least and `most` at most."""
    mean, sd = float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    if len(values) >= RUNS_FOR_QUANTILES:
        low, high = np.quantile(values, [0.05, 0.95])
        return Interval(mean, sd, float(low), float(high))
    high = mean + Z95 * sd
    return Interval(mean, sd, max(mean - Z95 * sd, 0.0), high if most is None else min(high, most))


def total_limits(pool: SimulatedPool, budgets: Sequence[SimulatedBudget]) -> list[Limit]:
    """Return what can be used up for good: stocks, codes, budgets in all."""
    return [limit for limit in limits_of(pool, budgets) if limit.per == Per.TOTAL and not limit.of_member]


def binds_members(pool: SimulatedPool, budgets: Sequence[SimulatedBudget] = ()) -> bool:
    """Tell whether what a member had before decides what one can win: that takes four times as long to simulate."""
    return pool.guaranteed is not None or any(limit.of_member for limit in limits_of(pool, budgets))


def runs_for(pool: SimulatedPool, scenario: Scenario, budgets: Sequence[SimulatedBudget] = ()) -> int:
    """Return how many runs about two seconds suffice for, at least FEWEST_RUNS."""
    speed = DRAWS_BY_MEMBER if binds_members(pool, budgets) else DRAWS_AT_ONCE
    return min(max(speed // scenario.draws, FEWEST_RUNS), MOST_RUNS)


def forecast(
    pool: SimulatedPool,
    scenario: Scenario,
    budgets: Sequence[SimulatedBudget] = (),
    *,
    runs: int | None = None,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> Forecast:
    """Simulate the scenario `runs` times. `progress` goes through the numbers of the runs and may tell of it."""
    numbers = range(runs or runs_for(pool, scenario, budgets))
    outcomes = tuple(outcome_of(pool, scenario, tuple(budgets), run) for run in progress(numbers))
    return Forecast(pool, scenario, tuple(budgets), outcomes)


def outcome_of(pool: SimulatedPool, scenario: Scenario, budgets: tuple[SimulatedBudget, ...], run: int) -> Outcome:
    """Simulate the scenario once and count."""
    draws = draws_of(scenario, run=run)
    played = play(pool, draws, budgets)
    given = np.bincount(played.given, minlength=len(pool.prizes))
    used_up = partial(_used_up, pool=pool, played=played, given=given)
    at = [used_up(limit) for limit in total_limits(pool, budgets)]
    short = np.unique(draws.hours[played.why == Why.BUDGET] // 24)
    return Outcome(
        cost=int(given @ np.array(pool.costs, dtype=np.int64)),
        given=given,
        whys=np.bincount(played.why, minlength=Why.NOTHING + 1),
        dry_at=tuple(None if place is None else place + 1 for place in at),
        dry_on=tuple(_day(draws, place) for place in at),
        short_days=len(short),
        guaranteed=int(np.count_nonzero((played.given == pool.guaranteed) & (played.rolled != pool.guaranteed))),
        members=int(np.count_nonzero(np.bincount(draws.members))),
    )


def _used_up(limit: Limit, *, pool: SimulatedPool, played: Played, given: NDArray[np.int64]) -> int | None:
    """Return the place of the draw with which a limit was used up; of a budget, of the first that it refused."""
    takes = np.array(limit.takes, dtype=np.int64)
    if int(takes @ given) + int(takes.max(initial=0)) <= limit.allowed:
        return None
    taken = np.cumsum(takes[played.given])
    if limit.why == Why.BUDGET:
        asked = np.where(played.rolled == pool.consolation, 0, takes[played.rolled])
        places = np.flatnonzero((asked > 0) & (taken - takes[played.given] + asked > limit.allowed))
    else:
        places = np.flatnonzero(taken >= limit.allowed)
    return int(places[0]) if len(places) else None


def _day(draws: Draws, place: int | None) -> int | None:
    return None if place is None else int(draws.hours[place]) // 24
