"""An RFM version as the admin draws it: recency against frequency, and the eight classes."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from segmentation import rfm
from segmentation.fields import RFM_CLASSES
from segmentation.models import RfmVersion
from segmentation.wording import RFM_CLASS_NAMES, RFM_COLUMNS

SHADES = 9


@dataclass(frozen=True, slots=True)
class Cell:
    count: int
    share: float
    shade: int


@dataclass(frozen=True, slots=True)
class Row:
    score: int
    cells: list[Cell]


def draw(version: RfmVersion) -> dict[str, Any]:
    """Return what templates/admin/segmentation/rfm_version.html shows."""
    counts: Counter[tuple[int, int]] = Counter()
    for r, f, _m, count in version.summary["cells"]:
        counts[r, f] += count
    most = max(counts.values(), default=0)
    recencies = sorted({r for r, _ in counts}, reverse=True)
    frequencies = sorted({f for _, f in counts})
    return {
        "version": version,
        "frequencies": frequencies,
        "rows": [Row(r, [_cell(counts[r, f], most, version.size) for f in frequencies]) for r in recencies],
        "classes": [
            (RFM_CLASS_NAMES[key], count, 100 * count / version.size if version.size else 0)
            for key in RFM_CLASSES
            for count in [version.summary["classes"][key]]
        ],
        "scales": [(RFM_COLUMNS[key], version.scale[key]["cuts"], version.scale[key]["mean"]) for key in "rfm"],
        "lost": [(RFM_COLUMNS[key], asked, there) for key, (asked, there) in rfm.parts_lost(version).items()],
    }


def _cell(count: int, most: int, size: int) -> Cell:
    # Shades follow the square root, so that a crowd in one cell does not make all others look alike.
    shade = round(SHADES * (count / most) ** 0.5) if most else 0
    return Cell(count, 100 * count / size if size else 0, max(shade, 1) if count else 0)
