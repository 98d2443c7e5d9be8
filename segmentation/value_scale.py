"""Value scores and tiers by a stored scale, so that one member is scored alone as in the crowd. Pure: whole numbers.

The score, 0 to 1000, adds four parts: amount, frequency, interaction and reputation, each by its weight. Of each, a
member gets the percentile among those who have any of it: the share of them that are below, and half of those who are
level. Whoever has none of it gets nothing for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from segmentation.facts.tables import Column
from segmentation.value_facts import UNUSED, Figures

PARTS = ("amount", "frequency", "interaction", "reputation")
COLUMN_OF = {"amount": "amount", "frequency": "orders", "interaction": "interaction", "reputation": "reputation"}
TIERS = ("core", "high_potential", "ordinary")
DEGREES = ("high", "middle", "low")
HIGHEST = 1000
# Values at each per cent of those who have any; twice the percentile runs to 200.
STEPS = 100
NO_DEGREE = -1


@dataclass(frozen=True, slots=True)
class Tiering:
    """How a scale is cut: by shares (per cent) of those who bought in the window, or by fixed scores."""

    weights: Mapping[str, int]
    tiers_by_share: bool
    core: int
    high_potential: int
    spending_by: str
    high_spenders: int
    middle_spenders: int
    own_gap_orders: int
    churn_middle: int
    churn_high: int
    loyal_orders: int
    loyal_span_days: int
    loyal_spread: int
    returning_orders: int


@dataclass(frozen=True, slots=True)
class Scale:
    """What was learned: percentiles of each part, the least score of a tier, the least amounts of spenders, the gaps.

    A cut above every value is None: nobody reaches it. `usual_gap` is of all orders, None where too few were seen.
    """

    percentiles: Mapping[str, tuple[int, ...]]
    tier_cuts: tuple[int | None, int | None]
    average_cuts: tuple[int | None, int | None]
    amount_cuts: tuple[int | None, int | None]
    gaps: Mapping[str, int]
    usual_gap: int | None


@dataclass(frozen=True, slots=True)
class Valued:
    """Columns over the members: the score, its parts in PARTS (each rounded), and places in TIERS and DEGREES.

    `spending` is NO_DEGREE for whoever did not buy in the window, `churn` and `loyalty` for whoever never did.
    """

    score: Column
    parts: Mapping[str, Column]
    tier: Column
    spending: Column
    churn: Column
    loyalty: Column


def learn(figures: Figures, tiering: Tiering, gaps: Mapping[str, int], usual_gap: int | None) -> Scale:
    """Return the scale over these members."""
    percentiles = {part: percentiles_of(getattr(figures, COLUMN_OF[part])) for part in PARTS}
    buyers = figures.orders > 0
    scores = points(figures, percentiles, tiering.weights)[0][buyers]
    shares = (tiering.core, tiering.core + tiering.high_potential)
    spenders = (tiering.high_spenders, tiering.high_spenders + tiering.middle_spenders)
    return Scale(
        percentiles,
        top_cuts(scores, shares) if tiering.tiers_by_share else (tiering.core, tiering.high_potential),
        top_cuts(figures.average[buyers], spenders),
        top_cuts(figures.amount[buyers], spenders),
        gaps,
        usual_gap,
    )


def value(figures: Figures, tiering: Tiering, scale: Scale) -> Valued:
    """Score one member or a million."""
    score, parts = points(figures, scale.percentiles, tiering.weights)
    return Valued(
        score,
        parts,
        by_cuts(score, scale.tier_cuts),
        _spending(figures, tiering, scale),
        churn_degrees(figures, tiering, scale),
        loyalty_degrees(figures, tiering),
    )


def percentiles_of(values: Column) -> tuple[int, ...]:
    """Return the values at 0, 1, … 99 per cent of those above zero; nothing where nobody has any."""
    there = values[values > 0]
    if not there.size:
        return ()
    wanted = numpy.arange(STEPS) * there.size // STEPS
    return tuple(numpy.partition(there, numpy.unique(wanted))[wanted].tolist())


def doubled_percentile(values: Column, cuts: Sequence[int]) -> Column:
    """Return twice the percentile, 0 to 200: of equal values half are below and half are not."""
    if not cuts:
        return numpy.zeros(values.size, dtype=numpy.int64)
    below, level = (numpy.searchsorted(cuts, values, side=side) for side in ("left", "right"))  # type: ignore[call-overload]
    return numpy.where(values > 0, below + level, 0)


def points(
    figures: Figures, percentiles: Mapping[str, Sequence[int]], weights: Mapping[str, int]
) -> tuple[Column, dict[str, Column]]:
    """Return the scores, and what each part gives of the thousand; both are rounded half up on their own."""
    weighed = {
        part: weights[part] * doubled_percentile(getattr(figures, COLUMN_OF[part]), percentiles[part]) for part in PARTS
    }
    return (sum(weighed.values()) + 10) // 20, {part: (each + 10) // 20 for part, each in weighed.items()}


def top_cuts(values: Column, shares: tuple[int, int]) -> tuple[int | None, int | None]:
    """Return the least values of the top shares (per cent). Equal values stay together: a top may be smaller."""
    ascending = numpy.sort(values)
    return _top(ascending, shares[0]), _top(ascending, shares[1])


def by_cuts(values: Column, cuts: tuple[int | None, int | None]) -> Column:
    """Return 0 from the first cut on, 1 from the second on, else 2."""
    first, second = (values >= cut if cut is not None else numpy.zeros(values.size, dtype=bool) for cut in cuts)
    return numpy.where(first, 0, numpy.where(second, 1, 2))


def churn_degrees(figures: Figures, tiering: Tiering, scale: Scale) -> Column:
    """Compare the days of silence with the days after which an order was to be expected, in per cent of these."""
    gap, times = expected_gap(figures, tiering, scale)
    silent = 100 * figures.silent * times
    degrees = numpy.where(silent > tiering.churn_high * gap, 0, numpy.where(silent > tiering.churn_middle * gap, 1, 2))
    return numpy.where((figures.silent == UNUSED) | (gap == UNUSED), NO_DEGREE, degrees)


def expected_gap(figures: Figures, tiering: Tiering, scale: Scale) -> tuple[Column, Column]:
    """Return the expected days between two orders as (days, divisor), or UNUSED where nothing is known.

    1. The member's own average, of those who ordered on `own_gap_orders` days at least.
    2. The shortest learned gap among the categories of the last order.
    3. The usual gap of all members' orders.
    """
    own = figures.visits >= max(tiering.own_gap_orders, 2)
    other = numpy.where(
        figures.category_gap == UNUSED, UNUSED if scale.usual_gap is None else scale.usual_gap, figures.category_gap
    )
    return numpy.where(own, figures.span, other), numpy.where(own, figures.visits - 1, 1)


def loyalty_degrees(figures: Figures, tiering: Tiering) -> Column:
    """Loyal: many days with orders over a long span, at even gaps. The spread is their deviation over their average."""
    gaps = figures.visits - 1
    # Deviation² ≤ (spread × average)², where the average is span / gaps: in whole numbers.
    even = 10_000 * (figures.squares * gaps - figures.span**2) <= tiering.loyal_spread**2 * figures.span**2
    high = (figures.visits >= tiering.loyal_orders) & (figures.span >= tiering.loyal_span_days) & even
    degrees = numpy.where(high, 0, numpy.where(figures.visits >= tiering.returning_orders, 1, 2))
    return numpy.where(figures.visits == 0, NO_DEGREE, degrees)


def as_json(scale: Scale) -> dict[str, Any]:
    """Return the scale as a version keeps it."""
    return {
        "percentiles": {part: list(cuts) for part, cuts in scale.percentiles.items()},
        "tier_cuts": list(scale.tier_cuts),
        "average_cuts": list(scale.average_cuts),
        "amount_cuts": list(scale.amount_cuts),
        "gaps": dict(scale.gaps),
        "usual_gap": scale.usual_gap,
    }


def from_json(kept: Mapping[str, Any]) -> Scale:
    cuts = {name: tuple(kept[name]) for name in ("tier_cuts", "average_cuts", "amount_cuts")}
    percentiles = {part: tuple(values) for part, values in kept["percentiles"].items()}
    return Scale(percentiles=percentiles, gaps=kept["gaps"], usual_gap=kept["usual_gap"], **cuts)


def _spending(figures: Figures, tiering: Tiering, scale: Scale) -> Column:
    average, amount = by_cuts(figures.average, scale.average_cuts), by_cuts(figures.amount, scale.amount_cuts)
    degrees = {"average": average, "amount": amount, "both": numpy.maximum(average, amount)}[tiering.spending_by]
    return numpy.where(figures.orders > 0, degrees, NO_DEGREE)


def _top(ascending: Column, share: int) -> int | None:
    """Return the least value that no more than the share reach, or None where even the largest is too common."""
    allowed = ascending.size * share // 100
    if not allowed:
        return None
    if allowed >= ascending.size:
        return int(ascending[0])
    # The values that are above the largest one left out.
    first = int(numpy.searchsorted(ascending, ascending[ascending.size - allowed - 1], side="right"))
    return int(ascending[first]) if first < ascending.size else None
