"""What draws cost, exactly: mean and variance of so many draws from a pool whose stocks run out. Pure numpy.

Each draw rolls a prize by its odds; a prize whose stock is used up gives the consolation prize instead. Of n draws a
prize is rolled N times, N binomial, and given min(N, stock) times. So the cost is that of n consolation prizes and, of
each prize, what it costs more, min(N, stock) times; what is left is the joint distribution of two prizes: given that
one was rolled a times, the other was rolled Bin(n - a, q / (1 - p)) times.

Limits a day, an hour or a member, guaranteed wins and budgets are not in it: `rewards.forecasting` simulates those.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# A mean or a variance of more draws than this is reckoned for so many, and scaled with its stocks.
MOST = 20_000
MANY = 1_000
# So many standard deviations below the mean is never seen.
SURELY = 6


@dataclass(frozen=True, slots=True)
class Prize:
    """`chance` 0 to 1 of being rolled, `cost` in cents more than the consolation prize, `stock` None for no limit."""

    chance: float
    cost: float
    stock: int | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """Mean and variance in cents; `given` is the mean of how many of each prize are given."""

    mean: float
    variance: float
    given: tuple[float, ...]

    @property
    def sd(self) -> float:
        return float(max(self.variance, 0.0) ** 0.5)


def cost_of(prizes: Sequence[Prize], draws: int, *, consolation: float = 0.0) -> Cost:
    """The cost of so many draws. `prizes` are all but the consolation prize, which costs `consolation` cents."""
    if draws > MOST:
        scale = draws / MOST
        fewer = [
            Prize(each.chance, each.cost, None if each.stock is None else round(each.stock / scale)) for each in prizes
        ]
        found = cost_of(fewer, MOST, consolation=consolation)
        return Cost(found.mean * scale, found.variance * scale, tuple(each * scale for each in found.given))
    first = [_capped(draws, prize.chance, prize.stock) for prize in prizes]
    given = [mean for mean, _square in first]
    mean = draws * consolation + sum(prize.cost * each for prize, each in zip(prizes, given, strict=True))
    variance = sum(prize.cost**2 * (square - each**2) for prize, (each, square) in zip(prizes, first, strict=True))
    for one, other in combinations(range(len(prizes)), 2):
        if prizes[one].cost and prizes[other].cost:
            both = _together(draws, prizes[one], prizes[other])
            variance += 2 * prizes[one].cost * prizes[other].cost * (both - given[one] * given[other])
    return Cost(float(mean), float(max(variance, 0.0)), tuple(float(each) for each in given))


def given_by_chance(mean: float, most: int | None) -> tuple[float, float]:
    """Mean and variance of how many are given where each comes by itself, `mean` on average, and there are `most`."""
    if most is None or not mean:
        return mean, mean
    if most < mean - SURELY * mean**0.5:
        return float(most), 0.0
    # A Poisson variable as a binomial one of very many tries; a large one is reckoned in small.
    scale = max(mean / MANY, 1.0)
    first, square = _capped(MOST, mean / scale / MOST, round(most / scale))
    return first * scale, max(square - first**2, 0.0) * scale


def at_most(mean: float, variance: float, most: int) -> tuple[float, float]:
    """Mean and variance of a sum of many, as good as normal, of which there are no more than `most`."""
    if variance <= 0:
        return min(mean, float(most)), 0.0
    bell, sd = NormalDist(), variance**0.5
    border = (most - mean) / sd
    below, at = bell.cdf(border), bell.pdf(border)
    first = mean * below - sd * at + most * (1 - below)
    square = (mean**2 + variance) * below - sd * (mean + most) * at + most**2 * (1 - below)
    return max(first, 0.0), max(square - first**2, 0.0)


def _capped(draws: int, chance: float, stock: int | None) -> tuple[float, float]:
    """Mean of min(N, stock), and of its square."""
    if stock is None or stock >= draws:
        mean = draws * chance
        return mean, mean * (1 - chance) + mean**2
    counts = np.minimum(np.arange(draws + 1), stock)
    weights = binomial(draws, chance)
    return float(weights @ counts), float(weights @ counts.astype(np.float64) ** 2)


def _together(draws: int, one: Prize, other: Prize) -> float:
    """Mean of the product of how many of each are given."""
    if _is_free(one, draws) and _is_free(other, draws):
        return draws * (draws - 1) * one.chance * other.chance
    if one.chance >= 1:
        return 0.0
    rolled = np.arange(draws + 1)
    least = rolled if one.stock is None else np.minimum(rolled, one.stock)
    means = _means(draws, min(other.chance / (1 - one.chance), 1.0), other.stock)
    return float(binomial(draws, one.chance) @ (least * means[draws - rolled]))


def _is_free(prize: Prize, draws: int) -> bool:
    return prize.stock is None or prize.stock >= draws


def _means(most: int, chance: float, stock: int | None) -> Floats:
    """Mean of min(Bin(m, chance), stock) for each m from 0 to `most`: one more draw adds `chance`, if stock is left."""
    draws = np.arange(most + 1)
    if stock is None or stock >= most:
        return np.asarray(draws * chance, dtype=np.float64)
    if stock <= 0:
        return np.zeros(most + 1)
    # P(Bin(m, chance) < stock): the draw that takes the last one ends it, and happens once.
    last = chance * _exactly(most, chance, stock - 1)
    left = 1 - np.concatenate(([0.0], np.cumsum(last)[:-1]))
    return np.asarray(np.concatenate(([0.0], np.cumsum(chance * left[:-1]))), dtype=np.float64)


def _exactly(most: int, chance: float, count: int) -> Floats:
    """P(Bin(m, chance) = count) for each m from 0 to `most`."""
    draws = np.arange(most + 1)
    found = np.zeros(most + 1)
    if chance >= 1:
        found[count] = 1.0
        return found
    if chance <= 0:
        found[:] = float(count == 0)
        return found
    logs = _log_factorials(most)
    some = draws[count:]
    found[count:] = np.exp(
        logs[some] - logs[count] - logs[some - count] + count * np.log(chance) + (some - count) * np.log1p(-chance)
    )
    return found


def binomial(draws: int, chance: float) -> Floats:
    """P(Bin(draws, chance) = k) for each k from 0 to `draws`."""
    if not 0 < chance < 1:
        found = np.zeros(draws + 1)
        found[draws if chance >= 1 else 0] = 1.0
        return found
    logs, counts = _log_factorials(draws), np.arange(draws + 1)
    exponents = logs[draws] - logs - logs[::-1] + counts * np.log(chance) + (draws - counts) * np.log1p(-chance)
    return np.asarray(np.exp(exponents))


@lru_cache(maxsize=64)
def _log_factorials(most: int) -> Floats:
    return np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, most + 1)))))
