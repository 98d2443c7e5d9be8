"""Who draws when, in a simulation: a forecast of draws made into draws by chance. Pure numpy."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from rewards.odds import SCALE
from rewards.simulating import Draws

MOST_DAYS = 366
# Whoever draws more often than this is no member but a program; and turns are as many as the busiest member's draws.
MOST_EACH = 1_000
# Draws of a shop's day, hour by hour: little at night, a rise at noon, most in the evening.
DAY = (3, 2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 12, 11, 9, 9, 9, 10, 12, 15, 18, 18, 14, 8)


class Course(StrEnum):
    """How draws spread over the days."""

    STEADY = "steady"
    FALLING = "falling"
    RISING = "rising"


class Spread(StrEnum):
    """How draws spread over the members."""

    UNEVEN = "uneven"
    EVEN = "even"


@dataclass(frozen=True, slots=True)
class Scenario:
    """`draws` by `members` within `days` days. The same seed gives the same draws.

    Falling: a day has half the draws of the one a quarter of the campaign before; rising: the other way round. Uneven:
    a tenth of the members make a third of the draws, as with times between events by chance; even: all draw alike.
    Raises ValueError for numbers that make no sense.
    """

    draws: int
    members: int
    days: int = 30
    seed: int = 1
    course: Course = Course.STEADY
    spread: Spread = Spread.UNEVEN

    def __post_init__(self) -> None:
        if self.draws < 1 or self.members < 1 or self.seed < 0:
            raise ValueError("draws and members begin at 1, the seed at 0")
        if not 1 <= self.days <= MOST_DAYS:
            raise ValueError(f"{self.days} days are not between 1 and {MOST_DAYS}")
        if self.draws > self.members * MOST_EACH:
            raise ValueError(f"{self.draws} draws by {self.members} members are more than {MOST_EACH} each")


def draws_of(scenario: Scenario, *, run: int) -> Draws:
    """Return the draws of one run; runs of a scenario differ by chance alone."""
    chance = np.random.default_rng([scenario.seed, run])
    rolls = chance.integers(0, SCALE, scenario.draws, dtype=np.int32)
    weights = (course_weights(scenario.course, scenario.days)[:, None] * np.array(DAY)).ravel()
    by_hour = chance.multinomial(scenario.draws, weights / weights.sum())
    hours = np.repeat(np.arange(len(by_hour), dtype=np.int32), by_hour)
    members = np.repeat(np.arange(scenario.members, dtype=np.int32), _each(scenario, chance))
    chance.shuffle(members)
    return Draws(rolls, members, hours)


def course_weights(course: Course, days: int) -> NDArray[np.float64]:
    """Return how much each day has of all draws, as weights."""
    halvings = np.arange(days) / max(days / 4, 1)
    match course:
        case Course.FALLING:
            return 0.5**halvings
        case Course.RISING:
            return 0.5 ** halvings[::-1]
        case Course.STEADY:
            return np.ones(days)


def _each(scenario: Scenario, chance: np.random.Generator) -> NDArray[np.int64]:
    """Return how often each member draws."""
    if scenario.spread == Spread.EVEN:
        more, each = scenario.draws % scenario.members, scenario.draws // scenario.members
        return np.full(scenario.members, each) + (np.arange(scenario.members) < more)
    weights = chance.standard_exponential(scenario.members)
    return chance.multinomial(scenario.draws, weights / weights.sum())
