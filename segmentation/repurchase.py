"""How long after buying of a category members buy of it again: learned from their orders, or set by hand. Pure.

Several orders of one calendar day are one purchase, so that a split order does not look like a habit. A gap is the days
between two consecutive purchases of one member that have the category.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy

from segmentation.facts.tables import Column
from segmentation.past_facts import Bought, runs_of_categories

# Gaps above ten years count as ten years.
LONGEST_GAP = 3653
ANYTHING = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted of one category: gaps by their length in days, buyers, and those who bought again."""

    gaps: Column
    buyers: int
    repeaters: int

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.gaps + other.gaps, self.buyers + other.buyers, self.repeaters + other.repeaters)


@dataclass(frozen=True, slots=True)
class Cycle:
    """What is known of a category: `days` is the median gap with its quartiles, None where too few gaps were seen.

    `by_hand` days take the place of learned ones. `high` says whether it counts as a category that is bought again.
    """

    category: str
    learned: int | None
    quarter: int | None
    three_quarters: int | None
    gaps: int
    buyers: int
    repeaters: int
    by_hand: int | None
    high: bool

    @property
    def days(self) -> int | None:
        return self.learned if self.by_hand is None else self.by_hand

    @property
    def repeat_share(self) -> float:
        """The buyers who bought again, in per cent."""
        return 100 * self.repeaters / self.buyers if self.buyers else 0.0


@dataclass(frozen=True, slots=True)
class Learning:
    """When a cycle is learned (`fewest_gaps`) and a category counts as bought again (`repeat_share`, per cent).

    `days` are set by hand, by category; `high` too: True or False in place of what the share says.
    """

    fewest_gaps: int
    repeat_share: int
    days: Mapping[str, int]
    high: Mapping[str, bool]


def tally(bought: Bought, since_day: int | None = None) -> dict[str, Tally]:
    """Count the purchases of each category from `since_day` on; lines without a category are of none."""
    named = numpy.array([*(bool(text) for text in bought.categories.texts), False])[bought.category]
    if since_day is not None:
        named &= bought.day[bought.order] >= since_day
    category, order, starts = runs_of_categories(bought, numpy.flatnonzero(named))
    counts = _counts(category, bought.day[order], starts, len(bought.categories.texts))
    return {text: each for text, each in zip(bought.categories.texts, counts, strict=True) if each.buyers}


def tally_of_orders(bought: Bought) -> Tally:
    """Count the purchases of anything at all."""
    starts = numpy.ones(bought.member.size, dtype=bool)
    starts[1:] = bought.member[1:] != bought.member[:-1]
    return _counts(numpy.zeros(bought.member.size, dtype=numpy.int64), bought.day, starts, 1)[0]


def together(tallies: Iterable[Mapping[str, Tally]]) -> dict[str, Tally]:
    """Return the tallies of several parts of the members as one."""
    whole: dict[str, Tally] = {}
    for each in tallies:
        for category, counted in each.items():
            whole[category] = whole[category] + counted if category in whole else counted
    return whole


def cycles(tallies: Mapping[str, Tally], learning: Learning) -> list[Cycle]:
    """Return every category that was bought or is named by hand, those with most buyers first."""
    nothing = Tally(numpy.zeros(1, dtype=numpy.int64), 0, 0)
    names = {*tallies, *learning.days, *learning.high}
    found = [_cycle(name, tallies.get(name, nothing), learning) for name in names]
    return sorted(found, key=lambda cycle: (-cycle.buyers, cycle.category))


def quantile(counts: Column, share: float) -> int:
    """Return the smallest length that at least this share of the counted gaps do not exceed."""
    reached = numpy.cumsum(counts)
    return int(numpy.searchsorted(reached, max(share * reached[-1], 1)))


def as_json(cycle: Cycle) -> dict[str, Any]:
    return {
        "category": cycle.category,
        "learned": cycle.learned,
        "quarter": cycle.quarter,
        "three_quarters": cycle.three_quarters,
        "gaps": cycle.gaps,
        "buyers": cycle.buyers,
        "repeaters": cycle.repeaters,
        "by_hand": cycle.by_hand,
        "high": cycle.high,
    }


def from_json(kept: Mapping[str, Any]) -> Cycle:
    return Cycle(**kept)


def _counts(category: Column, day: Column, starts: Column, categories: int) -> list[Tally]:
    """Count by category over lines that are sorted by category, member and time."""
    same = ~starts[1:]
    days = (day[1:] - day[:-1])[same]
    of = category[1:][same]
    gaps, gap_of = days[days > 0], of[days > 0]
    # Whoever has at least one gap bought again: the first gap of a run tells.
    run = (numpy.cumsum(starts) - 1)[1:][same][days > 0]
    first = numpy.ones(run.size, dtype=bool)
    first[1:] = run[1:] != run[:-1]
    buyers = numpy.bincount(category[starts], minlength=categories)
    repeaters = numpy.bincount(gap_of[first], minlength=categories)
    borders = numpy.searchsorted(gap_of, numpy.arange(categories + 1))
    return [
        Tally(
            numpy.bincount(
                numpy.minimum(gaps[borders[code] : borders[code + 1]], LONGEST_GAP), minlength=LONGEST_GAP + 1
            ),
            int(buyers[code]),
            int(repeaters[code]),
        )
        for code in range(categories)
    ]


def _cycle(category: str, counted: Tally, learning: Learning) -> Cycle:
    gaps = int(counted.gaps.sum())
    known = gaps >= max(learning.fewest_gaps, 1)
    quarter, median, three = (quantile(counted.gaps, share) if known else None for share in (0.25, 0.5, 0.75))
    by_hand = learning.days.get(category)
    repeated = counted.buyers > 0 and 100 * counted.repeaters >= learning.repeat_share * counted.buyers
    high = learning.high.get(category, repeated) and (known or by_hand is not None)
    return Cycle(category, median, quarter, three, gaps, counted.buyers, counted.repeaters, by_hand, bool(high))
