"""An RFM version as the admin shows it whole: every cell, what each score stands for, how values spread, who moved."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from operations.charts import Bar, Bars, Cell, HeatMap, HeatRow, shade, share
from operations.sentences import labelled
from segmentation import rfm_moves, rfm_scale, rfm_words
from segmentation.fields import RFM_CLASSES, RFM_SCORES
from segmentation.models import RfmVersion
from segmentation.rfm_cells import Cell as Chosen
from segmentation.rfm_scale import Scale
from segmentation.wording import RFM_CLASS_NAMES

Place = tuple[int, int]


def overview(version: RfmVersion) -> dict[str, Any]:
    """Return what templates/admin/segmentation/rfm_version.html shows on the model's own page."""
    return {
        "version": version,
        "map": whole_map(version),
        "classes": class_bars(version),
        "lost": rfm_words.lost_words(version),
    }


def whole(version: RfmVersion) -> dict[str, Any]:
    """Return what templates/admin/segmentation/rfm_result.html shows."""
    scale = rfm_scale.from_json(version.scale)
    return overview(version) | {
        "maps": [_map_of(version, scale, m) for m in rfm_words.scores_there_are(scale, "m")],
        "scales": [_scale_bars(version, scale, key) for key in RFM_SCORES],
        "means": [(rfm_words.DIMENSIONS[key], getattr(scale, key).mean) for key in RFM_SCORES],
        "spreads": list(_spread_bars(version)),
        "moves": _moves_map(version),
    }


def per_cent(count: int, size: int) -> str:
    return f"{number_format(round(share(count, size), 1), decimal_pos=1)} %"


def whole_map(version: RfmVersion) -> HeatMap:
    """Recency against frequency over all monetary scores; each cell opens its members."""
    counts: Counter[Place] = Counter()
    for r, f, _m, count in version.summary["cells"]:
        counts[r, f] += count
    caption = _("Members by recency (rows) and frequency (columns); 1 is the lowest score")
    scale = rfm_scale.from_json(version.scale)
    most = max(counts.values(), default=0)
    return _heat_map(scale, caption, lambda place: _cell(version, counts[place], most, _wanted(place)))


def _map_of(version: RfmVersion, scale: Scale, m: int) -> HeatMap:
    """The cells of one monetary score, shaded against the fullest cell of all."""
    cells = {(r, f, monetary): count for r, f, monetary, count in version.summary["cells"]}
    most = max(cells.values(), default=0)
    caption = labelled(f"M {m}", rfm_words.score_words(scale, "m", m))

    def drawn(place: Place) -> Cell:
        kind = rfm_scale.class_of(scale, (*place, m))
        return _cell(version, cells.get((*place, m), 0), most, _wanted(place) | {"m": str(m)}, kind)

    return _heat_map(scale, caption, drawn)


def _heat_map(scale: Scale, caption: str, drawn: Callable[[Place], Cell]) -> HeatMap:
    recencies, frequencies = rfm_words.scores_there_are(scale, "r"), rfm_words.scores_there_are(scale, "f")[::-1]
    return HeatMap(
        caption=caption,
        corner=_("recency score"),
        columns=tuple(f"F {f}" for f in frequencies),
        rows=tuple(HeatRow(f"R {r}", tuple(drawn((r, f)) for f in frequencies)) for r in recencies),
    )


def _cell(version: RfmVersion, count: int, most: int, wanted: Mapping[str, str], kind: str = "") -> Cell:
    return Cell(
        count=count,
        shade=shade(count, most),
        note=per_cent(count, version.size) if count else "",
        link=Chosen(wanted).address(version.model_id) if count else "",
        kind=kind,
        kind_name=str(RFM_CLASS_NAMES[kind]) if kind else "",
    )


def _wanted(place: Place) -> dict[str, str]:
    return {"r": str(place[0]), "f": str(place[1])}


def class_bars(version: RfmVersion) -> Bars:
    def bar(key: str) -> Bar:
        count = version.summary["classes"][key]
        link = Chosen({"class": key}).address(version.model_id) if count else ""
        note = per_cent(count, version.size)
        return Bar(str(RFM_CLASS_NAMES[key]), share(count, version.size), intcomma(count), note, link, key)

    return Bars(_("Members by class"), tuple(bar(key) for key in RFM_CLASSES))


def _scale_bars(version: RfmVersion, scale: Scale, key: str) -> Bars:
    """What each score of a dimension stands for, and how many have it."""
    counts: Counter[int] = Counter()
    for *scores, count in version.summary["cells"]:
        counts[scores[RFM_SCORES.index(key)]] += count

    def bar(score: int) -> Bar:
        label = labelled(f"{key.upper()} {score}", rfm_words.score_words(scale, key, score))
        link = Chosen({key: str(score)}).address(version.model_id) if counts[score] else ""
        note = per_cent(counts[score], version.size)
        return Bar(label, share(counts[score], version.size), intcomma(counts[score]), note, link)

    caption = str(rfm_words.DIMENSIONS[key])
    return Bars(caption, tuple(bar(score) for score in rfm_words.scores_there_are(scale, key)))


def _spread_bars(version: RfmVersion) -> Iterator[Bars]:
    spread = version.summary.get("spread", {})
    for key, bins in ((key, spread[key]) for key in RFM_SCORES if key in spread):
        most = max((count for _start, count in bins), default=0)
        ends = [*(start for start, _count in bins[1:]), None][: len(bins)]
        bars = tuple(
            Bar(rfm_words.bin_words(key, start, end), share(count, most), intcomma(count))
            for (start, count), end in zip(bins, ends, strict=True)
        )
        yield Bars(str(rfm_words.SPREADS[key]), bars)


def _moves_map(version: RfmVersion) -> dict[str, Any] | None:
    """From which class (rows) to which (columns) members went since the version before."""
    before = rfm_moves.previous_of(version)
    if before is None:
        return None
    counts = rfm_moves.moves(before, version)
    moved = {place: count for place, count in counts.items() if place[0] != place[1]}
    most = max(moved.values(), default=0)

    def cell(source: str, target: str) -> Cell:
        count = counts.get((source, target), 0)
        stayed = source == target
        return Cell(count, 0 if stayed else shade(count, most), kind="stayed" if stayed else "")

    map_ = HeatMap(
        caption=_("Members by the class they had (rows) and the class they have (columns)"),
        corner=_("class before"),
        columns=tuple(map(_class_name, rfm_moves.PLACES)),
        rows=tuple(
            HeatRow(_class_name(source), tuple(cell(source, target) for target in rfm_moves.PLACES))
            for source in rfm_moves.PLACES
        ),
    )
    stayed = sum(counts.values()) - sum(moved.values())
    return {"map": map_, "before": before, "moved": sum(moved.values()), "stayed": stayed}


def _class_name(key: str) -> str:
    return str(RFM_CLASS_NAMES[key]) if key else _("not scored")
