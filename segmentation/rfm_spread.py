"""How the values that RFM scores are spread, told in few numbers. Pure: numpy only."""

from typing import Any

import numpy

from segmentation.rfm_scale import Facts

COLUMNS = {"r": "recency", "f": "frequency", "m": "monetary"}
BINS = 12
# The last bin takes what lies above this share of the values, so that one giant does not flatten all others.
SHOWN = 0.98
# Where the last bin begins is told well enough by so many values; what the bins count is exact.
SAMPLE = 50_000


def spread(facts: Facts) -> dict[str, list[list[float]]]:
    """Return, for r, f and m, [from, members] of bins of one width; the last bin has no end."""
    return {key: _bins(getattr(facts, column)) for key, column in COLUMNS.items()}


def most_common(values: numpy.ndarray) -> tuple[float, int]:
    """Return the value that most members have, the smallest of them, and how many have it."""
    found, counts = numpy.unique(values, return_counts=True)
    place = int(counts.argmax())
    return float(found[place]), int(counts[place])


def _bins(values: numpy.ndarray) -> list[list[float]]:
    if not values.size:
        return []
    low, high = float(values.min()), float(numpy.quantile(values[:: 1 + values.size // SAMPLE], SHOWN))
    width = _round_up((high - low) / BINS)
    start = float(numpy.floor(low / width) * width)
    places = numpy.clip((values - start) // width, 0, BINS).astype(numpy.int64)
    counts = numpy.bincount(places).tolist()
    return [[start + width * place, count] for place, count in enumerate(counts)]


def _round_up(width: float) -> float:
    """Return the next larger of 1, 2, 5, 10, 20, 50 …: bins begin at numbers that people read."""
    step: Any = 1
    while step < width:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return float(step)
