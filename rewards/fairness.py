"""Were the draws as the odds said? Chi-square tests, without a library of statistics. Pure.

Two questions are asked. `compare_shares`: did the rolls hit the prizes as often as their odds say? `compare_given`: was
given what the odds say after limits, where prizes that could not be won at that moment had none? The first finds a
roll that is not fair; the second also finds prizes that are shut just when they are hit.

Prizes of which fewer than RARE are expected are counted together: chi-square needs some in every cell (Cochran 1954).
The regularised incomplete gamma function by series and continued fraction: Abramowitz and Stegun 6.5.29 and 6.5.31,
the latter evaluated by Lentz's method.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rewards.odds import SCALE, Odds, PrizeKey

PRECISION = 1e-15
STEPS = 100_000
RARE = 5.0
# Below it a direction's variance is rounding, not chance.
NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class FairnessTest:
    """Chi-square of the observed counts, its degrees of freedom, and the chance of a value as large."""

    chi_square: float
    degrees: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Moment:
    """What held for a draw before it was rolled: the prizes that could not be won, and whether a win was due."""

    closed: frozenset[PrizeKey] = frozenset()
    due: bool = False


def odds_after_limits(
    odds: Sequence[Odds], moment: Moment, *, consolation: PrizeKey, guaranteed: PrizeKey = ""
) -> list[Odds]:
    """Return what could be won at a moment, and how likely. What is closed gives its odds to the consolation prize.

    Where a win is due and the guaranteed prize can be won, it takes these and the consolation prize's.
    """
    due = moment.due and guaranteed not in moment.closed and guaranteed != ""
    heir = guaranteed if due else consolation
    gives = moment.closed | ({consolation} if due else frozenset())
    rest = sum(entry.weight for entry in odds if entry.prize in gives)
    kept = [Odds(entry.prize, 0 if entry.prize in gives else entry.weight) for entry in odds]
    return [Odds(entry.prize, entry.weight + rest if entry.prize == heir else entry.weight) for entry in kept]


def compare_shares(odds: Sequence[Odds], drawn: Mapping[PrizeKey, int]) -> FairnessTest:
    """Test the counts of rolled prizes against the odds. Prizes without odds must have none."""
    return _compare([(odds, drawn)])


def compare_given(
    odds: Sequence[Odds],
    given: Mapping[Moment, Mapping[PrizeKey, int]],
    *,
    consolation: PrizeKey,
    guaranteed: PrizeKey = "",
) -> FairnessTest:
    """Test the counts of prizes given against the odds after limits, moment by moment, as one test.

    Limits depend on draws before, so the counts are not multinomial; but each draw differs from its own odds by pure
    chance, and the differences add up to a martingale: over many draws their sum is normal, with the sum of the draws'
    own covariances. Of one moment only it is Pearson's test. That a prize ran out was seen only in the taking by a
    few draws at the end of a stock; they count as if it had been seen before the roll.
    """
    after = {
        moment: odds_after_limits(odds, moment, consolation=consolation, guaranteed=guaranteed) for moment in given
    }
    return _compare([(after[moment], counts) for moment, counts in given.items()])


def _compare(groups: Sequence[tuple[Sequence[Odds], Mapping[PrizeKey, int]]]) -> FairnessTest:
    keys = sorted({key for odds, drawn in groups for key in (*(entry.prize for entry in odds), *drawn)})
    place = {key: number for number, key in enumerate(keys)}
    observed, expected = np.zeros(len(keys)), np.zeros(len(keys))
    covariance = np.zeros((len(keys), len(keys)))
    for odds, drawn in groups:
        chances = np.zeros(len(keys))
        for entry in odds:
            chances[place[entry.prize]] = entry.weight / SCALE
        counts = np.array([drawn.get(key, 0) for key in keys], dtype=float)
        if counts[chances == 0].any():
            return FairnessTest(math.inf, max(int((chances > 0).sum()) - 1, 0), 0.0)
        observed += counts
        expected += counts.sum() * chances
        covariance += counts.sum() * (np.diag(chances) - np.outer(chances, chances))
    cells = _cells(expected)
    return _quadratic(cells @ (observed - expected), cells @ covariance @ cells.T)


def _cells(expected: np.ndarray) -> np.ndarray:
    """Return a row per cell with a 1 for each prize in it: all rare prizes in one, with the next if still too few."""
    order = [int(number) for number in np.argsort(expected) if expected[number] > 0]
    first: list[int] = []
    while order and (expected[order[0]] < RARE or (first and sum(expected[first]) < RARE)):
        first.append(order.pop(0))
    groups = [*([first] if first else []), *([number] for number in order)]
    cells = np.zeros((len(groups), len(expected)))
    for row, group in enumerate(groups):
        cells[row, group] = 1
    return cells


def _quadratic(difference: np.ndarray, covariance: np.ndarray) -> FairnessTest:
    """Weigh differences by their own variance. What cannot vary, such as their sum, is no degree of freedom."""
    if not difference.size:
        return FairnessTest(0.0, 0, 1.0)
    variances, directions = np.linalg.eigh(covariance)
    real = variances > NOTHING * max(variances.max(), 1.0)
    along = directions.T @ difference
    chi_square = float((along[real] ** 2 / variances[real]).sum())
    degrees = int(real.sum())
    return FairnessTest(chi_square, degrees, chi_square_survival(chi_square, degrees))


def chi_square_survival(value: float, degrees: int) -> float:
    """Return the chance that chi-square with these degrees of freedom is at least `value`."""
    if degrees <= 0 or value <= 0:
        return 1.0
    shape, x = degrees / 2, value / 2
    if x < shape + 1:
        return max(0.0, 1.0 - _lower_by_series(shape, x))
    return _upper_by_fraction(shape, x)


def _scale(shape: float, x: float) -> float:
    return math.exp(shape * math.log(x) - x - math.lgamma(shape))


def _lower_by_series(shape: float, x: float) -> float:
    term = total = 1.0 / shape
    for step in range(1, STEPS):
        term *= x / (shape + step)
        total += term
        if term < total * PRECISION:
            return total * _scale(shape, x)
    raise ArithmeticError(f"no limit found for P({shape}, {x})")


def _upper_by_fraction(shape: float, x: float) -> float:
    tiny = 1e-300
    b = x + 1.0 - shape
    c = 1.0 / tiny
    d = fraction = 1.0 / b
    for step in range(1, STEPS):
        a = step * (shape - step)
        b += 2.0
        d = 1.0 / (_away_from_zero(a * d + b, tiny))
        c = _away_from_zero(b + a / c, tiny)
        fraction *= d * c
        if abs(d * c - 1.0) < PRECISION * 4:
            return fraction * _scale(shape, x)
    raise ArithmeticError(f"no limit found for Q({shape}, {x})")


def _away_from_zero(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny
