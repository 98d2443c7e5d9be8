"""Recency against frequency, with the place of one member in it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from operations.charts import Axis, HeatMap, heat_map, share


def recency_by_frequency(summary: Mapping[str, Any], size: int, *, marked: tuple[int, int] | None = None) -> HeatMap:
    """Draw a version's summary over `size` members; `marked` is the (recency, frequency) of the member looked at."""
    counts: Counter[tuple[int, int]] = Counter()
    for r, f, _monetary, count in summary["cells"]:
        counts[r, f] += count
    recencies = Axis(_("recency score"), [(r, f"R {r}") for r in sorted({r for r, _f in counts}, reverse=True)])
    caption = _("Members by recency (rows) and frequency (columns); 1 is the lowest score")
    frequencies = Axis(caption, [(f, f"F {f}") for f in sorted({f for _r, f in counts})])
    return heat_map(counts, recencies, frequencies, note=lambda count: _per_cent(count, size), marked=marked)


def _per_cent(count: int, size: int) -> str:
    return f"{number_format(round(share(count, size), 1), decimal_pos=1)} %"
