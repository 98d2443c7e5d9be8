"""Scores and classes of RFM by stored cut points, so that one member scores alone as in the crowd. Pure: numpy only.

High is a score above the mean score of its dimension over all scored members, the usual convention of the trade.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy

from segmentation.fields import RFM_SCORES
from segmentation.rule_errors import RuleError, gettext_noop
from segmentation.rule_values import ValueFault, read_decimal, read_integer

# Indexed by 4 × (R is low) + 2 × (F is low) + (M is low).
CLASS_BY_LOWS = (
    "important_value",
    "general_value",
    "important_develop",
    "general_develop",
    "important_keep",
    "general_keep",
    "important_winback",
    "general_winback",
)
MOST_PARTS = 5


@dataclass(frozen=True, slots=True)
class Dimension:
    """One scale. `cuts` ascend and are distinct; `parts` is how many were asked for, `mean` the mean score.

    A value on a cut belongs to the part below it (quantiles), or to the part above it (thresholds: [lower, upper)).
    """

    cuts: tuple[float, ...]
    parts: int
    mean: float = 0.0


@dataclass(frozen=True, slots=True)
class Scale:
    r: Dimension
    f: Dimension
    m: Dimension
    thresholds: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Columns over members: days since the last order, number of orders, net amount."""

    recency: numpy.ndarray
    frequency: numpy.ndarray
    monetary: numpy.ndarray


@dataclass(frozen=True, slots=True)
class Scores:
    """Columns over members: scores from 1, and the class as an index into CLASS_BY_LOWS."""

    r: numpy.ndarray
    f: numpy.ndarray
    m: numpy.ndarray
    classes: numpy.ndarray


def quantile_cuts(values: numpy.ndarray, parts: int) -> tuple[float, ...]:
    """Return the distinct cut points by linear interpolation. Where cut points coincide the parts are fewer."""
    if not values.size:
        return ()
    return tuple(numpy.unique(numpy.quantile(values, [part / parts for part in range(1, parts)])).tolist())


def scale_by_quantiles(facts: Facts, parts: Mapping[str, int]) -> Scale:
    columns = {"r": facts.recency, "f": facts.frequency, "m": facts.monetary}
    made = {key: Dimension(quantile_cuts(columns[key], parts[key]), parts[key]) for key in RFM_SCORES}
    return with_means(Scale(**made, thresholds=False), facts)


def scale_by_thresholds(facts: Facts, thresholds: Mapping[str, Sequence[float]]) -> Scale:
    made = {key: Dimension(tuple(map(float, thresholds[key])), len(thresholds[key]) + 1) for key in RFM_SCORES}
    return with_means(Scale(**made, thresholds=True), facts)


def with_means(scale: Scale, facts: Facts) -> Scale:
    """Return the scale with the mean scores over `facts`."""
    columns = _scored(scale, facts)
    made = {}
    for key in RFM_SCORES:
        dimension, scores = getattr(scale, key), columns[key]
        made[key] = Dimension(dimension.cuts, dimension.parts, float(scores.mean()) if scores.size else 0.0)
    return Scale(**made, thresholds=scale.thresholds)


def score(scale: Scale, facts: Facts) -> Scores:
    """Score one member or a million, by the same cuts and means."""
    columns = _scored(scale, facts)
    lows = [columns[key] <= getattr(scale, key).mean for key in RFM_SCORES]
    classes = lows[0].astype(numpy.int8) * 4 + lows[1] * 2 + lows[2]
    return Scores(**columns, classes=classes)


def class_of(scale: Scale, scores: Sequence[int]) -> str:
    """Return the class of all who have these scores r, f and m: a cell of the map lies in one class."""
    lows = [score <= getattr(scale, key).mean for key, score in zip(RFM_SCORES, scores, strict=True)]
    return CLASS_BY_LOWS[lows[0] * 4 + lows[1] * 2 + lows[2]]


def _scored(scale: Scale, facts: Facts) -> dict[str, numpy.ndarray]:
    side: Literal["left", "right"] = "right" if scale.thresholds else "left"
    recency = numpy.searchsorted(scale.r.cuts, facts.recency, side=side)
    return {
        # The fewer days, the higher the score.
        "r": len(scale.r.cuts) + 1 - recency,
        "f": 1 + numpy.searchsorted(scale.f.cuts, facts.frequency, side=side),
        "m": 1 + numpy.searchsorted(scale.m.cuts, facts.monetary, side=side),
    }


def read_thresholds(data: Any) -> dict[str, list[float]]:
    """Read {"r": [days, …], "f": [orders, …], "m": ["amount", …]}. Raises RuleError with the path of the fault."""
    if not isinstance(data, Mapping) or set(data) != set(RFM_SCORES):
        raise RuleError("", "wrong_type", gettext_noop("Thresholds are an object with the lists r, f and m."))
    return {key: _ascending(data[key], key) for key in RFM_SCORES}


def _ascending(values: Any, key: str) -> list[float]:
    if not isinstance(values, list) or not 1 <= len(values) < MOST_PARTS:
        raise RuleError(key, "wrong_type", gettext_noop("A list of 1 to %(most)s thresholds is needed."), most=4)
    read = read_decimal if key == "m" else read_integer
    try:
        numbers = [float(read(value, f"[{index}]")) for index, value in enumerate(values)]
    except ValueFault as fault:
        raise fault.at(key) from fault
    for index, (lower, upper) in enumerate(pairwise(numbers), 1):
        if lower >= upper:
            raise RuleError(f"{key}[{index}]", "not_ascending", gettext_noop("Thresholds ascend."))
    return numbers


def as_json(scale: Scale) -> dict[str, Any]:
    """Return the scale as `RfmVersion.scale` keeps it."""
    kept: dict[str, Any] = {"thresholds": scale.thresholds}
    for key in RFM_SCORES:
        dimension = getattr(scale, key)
        kept[key] = {"cuts": list(dimension.cuts), "mean": dimension.mean, "parts": dimension.parts}
    return kept


def from_json(kept: Mapping[str, Any]) -> Scale:
    """Return the scale that `as_json` kept; floats survive JSON exactly."""
    made = {key: Dimension(tuple(kept[key]["cuts"]), kept[key]["parts"], kept[key]["mean"]) for key in RFM_SCORES}
    return Scale(**made, thresholds=kept["thresholds"])
