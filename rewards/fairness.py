"""Were the draws as the odds said? Pearson's chi-square test, without a library for it. Pure.

The regularised incomplete gamma function by series and continued fraction: Abramowitz and Stegun 6.5.29 and 6.5.31,
the latter evaluated by Lentz's method.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rewards.odds import SCALE, Odds, PrizeKey

PRECISION = 1e-15
STEPS = 100_000


@dataclass(frozen=True, slots=True)
class FairnessTest:
    """Chi-square of the observed counts, its degrees of freedom, and the chance of a value as large."""

    chi_square: float
    degrees: int
    p_value: float


def compare_shares(odds: Sequence[Odds], drawn: Mapping[PrizeKey, int]) -> FairnessTest:
    """Test the counts of rolled prizes against the odds. Prizes without odds must have none."""
    total = sum(drawn.values())
    possible = [entry for entry in odds if entry.weight]
    if total != sum(drawn.get(entry.prize, 0) for entry in possible):
        return FairnessTest(math.inf, max(len(possible) - 1, 0), 0.0)
    chi_square = 0.0
    for entry in possible if total else []:
        expected = total * entry.weight / SCALE
        chi_square += (drawn.get(entry.prize, 0) - expected) ** 2 / expected
    degrees = len(possible) - 1
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
