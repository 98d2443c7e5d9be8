"""RFM as plain Python works it out: exact fractions, the cut points of `statistics`, one member after the other."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from statistics import quantiles
from typing import NamedTuple

# By what is above the mean: R, F, M.
CLASSES = {
    (True, True, True): "important_value",
    (True, False, True): "important_develop",
    (False, True, True): "important_keep",
    (False, False, True): "important_winback",
    (True, True, False): "general_value",
    (True, False, False): "general_develop",
    (False, True, False): "general_keep",
    (False, False, False): "general_winback",
}


class Paid(NamedTuple):
    """One order as RFM sees it: the day on the site's clocks, and what refunds left of it."""

    day: date
    net: Decimal


def scored(orders: Mapping[int, Sequence[Paid]], at: date, parts: int = 5) -> dict[int, dict[str, object]]:
    """Return {"r", "f", "m", "class"} of each member with an order up to `at`."""
    counted = {each: [paid for paid in theirs if paid.day <= at] for each, theirs in orders.items()}
    facts = {each: _facts(theirs, at) for each, theirs in counted.items() if theirs}
    if not facts:
        return {}
    # The fewer days the higher the score: of negative days, a part counts the cut points at or below the value.
    r, f, m = zip(*facts.values(), strict=True)
    points = [sorted({*_cuts(values, parts)}) for values in (r, f, m)]
    scores = {each: _scores(points, three) for each, three in facts.items()}
    means = [Fraction(sum(column), len(scores)) for column in zip(*scores.values(), strict=True)]
    # The version lives: orders that are dated after its day count by its cut points, as recent as those of the day.
    ahead = {each: theirs for each, theirs in orders.items() if any(paid.day > at for paid in theirs)}
    scores |= {each: _scores(points, _facts(theirs, at)) for each, theirs in ahead.items()}
    return {each: _named(three, means) for each, three in scores.items()}


def _facts(theirs: Sequence[Paid], at: date) -> tuple[Fraction, Fraction, Fraction]:
    days = max((at - max(paid.day for paid in theirs)).days, 0)
    return Fraction(-days), Fraction(len(theirs)), sum((Fraction(paid.net) for paid in theirs), Fraction(0))


def _scores(points: Sequence[Sequence[Fraction]], facts: tuple[Fraction, Fraction, Fraction]) -> tuple[int, int, int]:
    days, count, amount = facts
    return (
        1 + sum(cut <= days for cut in points[0]),
        1 + sum(cut < count for cut in points[1]),
        1 + sum(cut < amount for cut in points[2]),
    )


def _named(scores: tuple[int, int, int], means: Sequence[Fraction]) -> dict[str, object]:
    r, f, m = (score > mean for score, mean in zip(scores, means, strict=True))
    return dict(zip("rfm", scores, strict=True)) | {"class": CLASSES[r, f, m]}


def _cuts(values: Sequence[Fraction], parts: int) -> Sequence[Fraction]:
    return quantiles(values, n=parts, method="inclusive") if len(values) > 1 else [values[0]] * (parts - 1)
