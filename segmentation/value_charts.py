"""A value version as the admin draws it."""

from collections.abc import Iterator
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from operations.charts import Bar, Bars, Columns, Upright, share
from segmentation.lifecycle_charts import moves_map, per_cent
from segmentation.models import ValueVersion
from segmentation.value_scale import PARTS, TIERS, Scale, Tiering
from segmentation.value_versions import NAMES, read_definition
from segmentation.value_wording import PART_NAMES, meanings
from segmentation.wording import DEGREE_NAMES, TIER_NAMES, VALUE_COLUMNS


def draw(version: ValueVersion) -> dict[str, Any]:
    """Return what templates/admin/segmentation/value_version.html shows."""
    settings, tiering, scale = read_definition(version)
    before = version.summary["before"]
    return {
        "version": version,
        "tiers": _bars(version, "tier"),
        "degrees": [_bars(version, column) for column in ("spending", "churn", "loyalty")],
        "histogram": _histogram(version),
        "having": _having(version),
        "meanings": list(meanings(settings, tiering, scale)),
        "moves": moves_map(
            version.summary["moves"],
            [(tier, str(TIER_NAMES[tier])) for tier in TIERS],
            _("Members who moved, from the tier in the row to that in the column"),
        ),
        "before": parse_date(before) if before else None,
        "warnings": list(_warnings(version, tiering, scale)),
    }


def _bars(version: ValueVersion, column: str) -> Bars:
    counts, names = version.summary[column], TIER_NAMES | DEGREE_NAMES
    most, whole = max(counts.values(), default=0), sum(counts.values())
    bars = (
        Bar(
            str(names[name]),
            share(counts[name], most),
            intcomma(counts[name]),
            per_cent(counts[name], whole),
            reverse("admin:segmentation_valuemodel_members", args=[version.model_id, column, name]),
        )
        for name in NAMES[column]
    )
    return Bars(str(VALUE_COLUMNS[column]), tuple(bars))


def _histogram(version: ValueVersion) -> Columns:
    counts = version.summary["scores"]
    most, width = max(counts, default=0), 1000 // len(counts)
    uprights = (
        Upright(str(number * width), share(count, most), intcomma(count), per_cent(count, version.size))
        for number, count in enumerate(counts)
    )
    return Columns(_("Members by score, from the number below on"), _("members"), _("share"), tuple(uprights))


def _having(version: ValueVersion) -> Bars:
    having = version.summary["having"]
    bars = (
        Bar(
            str(PART_NAMES[part]),
            share(having[part], version.size),
            intcomma(having[part]),
            per_cent(having[part], version.size),
        )
        for part in PARTS
    )
    return Bars(_("Members who have any of it"), tuple(bars))


def _warnings(version: ValueVersion, tiering: Tiering, scale: Scale) -> Iterator[str]:
    """Say plainly what the data cannot give."""
    if not version.size:
        yield _("There are no members yet.")
        return
    idle = [part for part in PARTS if tiering.weights[part] and not version.summary["having"][part]]
    for part in idle:
        yield _("Nobody has any %(part)s: its weight of %(weight)s gives points to nobody.") % {
            "part": PART_NAMES[part],
            "weight": tiering.weights[part],
        }
    for part in PARTS:
        cuts = scale.percentiles[part]
        if tiering.weights[part] and cuts and cuts[0] == cuts[-1]:
            words = {"part": PART_NAMES[part], "points": 5 * tiering.weights[part]}
            yield _("All who have any %(part)s have the same of it: each gets %(points)s points.") % words
    asked = (tiering.core, tiering.high_potential)
    for tier, cut, share_asked in zip(TIERS, scale.tier_cuts, asked, strict=False):
        if tiering.tiers_by_share and cut is None and share_asked and version.summary["buyers"]:
            yield _(
                "Nobody is %(tier)s: so many share the highest scores that no score sets a top of that size apart."
            ) % {"tier": TIER_NAMES[tier]}
    if not version.summary["buyers"]:
        yield _("Nobody bought in the window: tiers by shares and spending power have nothing to go by.")
