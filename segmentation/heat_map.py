"""An RFM version as the admin draws it: recency against frequency, and the eight classes."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from operations.charts import Axis, Bar, Bars, HeatMap, heat_map, share
from segmentation import rfm
from segmentation.fields import RFM_CLASSES
from segmentation.models import RfmVersion
from segmentation.wording import RFM_CLASS_NAMES, RFM_COLUMNS


def draw(version: RfmVersion) -> dict[str, Any]:
    """Return what templates/admin/segmentation/rfm_version.html shows."""
    return {
        "version": version,
        "map": recency_by_frequency(version.summary, version.size),
        "classes": Bars(_("Members by class"), tuple(_class_bar(version, key) for key in RFM_CLASSES)),
        "scales": [(RFM_COLUMNS[key], version.scale[key]["cuts"], version.scale[key]["mean"]) for key in "rfm"],
        "lost": [(RFM_COLUMNS[key], asked, there) for key, (asked, there) in rfm.parts_lost(version).items()],
    }


def recency_by_frequency(summary: Mapping[str, Any], size: int, *, marked: tuple[int, int] | None = None) -> HeatMap:
    """Draw a version's summary over `size` members; `marked` is the (recency, frequency) of the member looked at."""
    counts: Counter[tuple[int, int]] = Counter()
    for r, f, _monetary, count in summary["cells"]:
        counts[r, f] += count
    recencies = Axis(_("recency score"), [(r, f"R {r}") for r in sorted({r for r, _f in counts}, reverse=True)])
    caption = _("Members by recency (rows) and frequency (columns); 1 is the lowest score")
    frequencies = Axis(caption, [(f, f"F {f}") for f in sorted({f for _r, f in counts})])
    return heat_map(counts, recencies, frequencies, note=lambda count: _per_cent(count, size), marked=marked)


def _class_bar(version: RfmVersion, key: str) -> Bar:
    count = version.summary["classes"][key]
    return Bar(str(RFM_CLASS_NAMES[key]), share(count, version.size), intcomma(count), _per_cent(count, version.size))


def _per_cent(count: int, size: int) -> str:
    return f"{number_format(round(share(count, size), 1), decimal_pos=1)} %"
