"""A lifecycle version as the admin draws it."""

from collections.abc import Iterator
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from operations.charts import Axis, Bar, Bars, HeatMap, heat_map, share
from operations.sentences import listed
from segmentation import lifecycle_stages, repurchase
from segmentation.lifecycle_stages import STAGES
from segmentation.lifecycle_wording import meanings
from segmentation.models import LifecycleVersion
from segmentation.repurchase import Cycle
from segmentation.wording import STAGE_NAMES

SHOWN_CYCLES = 30


def draw(version: LifecycleVersion) -> dict[str, Any]:
    """Return what templates/admin/segmentation/lifecycle_version.html shows."""
    definition = lifecycle_stages.from_json(version.definition)
    cycles = [repurchase.from_json(each) for each in version.cycles]
    before = version.summary["before"]
    told, meets = meanings(definition), _meet(version)
    return {
        "version": version,
        "stages": _stages(version),
        "funnel": _funnel(version, definition),
        "meanings": [(STAGE_NAMES[stage], told[stage], meets[stage]) for stage in STAGES],
        "priority": " → ".join(str(STAGE_NAMES[stage]) for stage in definition.priority),
        "cycles": [_cycle(each, cycles) for each in cycles[:SHOWN_CYCLES]],
        "more_cycles": max(len(cycles) - SHOWN_CYCLES, 0),
        "moves": moves_map(
            version.summary["moves"],
            [(stage, str(STAGE_NAMES[stage])) for stage in STAGES],
            _("Members who moved, from the stage in the row to that in the column"),
        ),
        "before": parse_datetime(before) if before else None,
        "warnings": list(_warnings(version, definition, cycles)),
    }


def _meet(version: LifecycleVersion) -> dict[str, int]:
    """Return how many meet what each stage means, whatever comes first."""
    meets = version.summary["meets"]
    return meets | {
        "prospect": version.size - meets["lost"],
        "sleeping": meets["sleeping"] - meets["active"],
        "lost": meets["lost"] - meets["sleeping"],
    }


def moves_map(moves: list[list[Any]], steps: list[tuple[str, str]], caption: str) -> HeatMap | None:
    """Draw [from, to, members]; only places that somebody left or came to."""
    counts = {(was, now): members for was, now, members in moves}
    if not counts:
        return None
    left, came = {was for was, _now in counts}, {now for _was, now in counts}
    return heat_map(
        counts,
        Axis(pgettext("moves between groups", "from"), [step for step in steps if step[0] in left]),
        Axis(caption, [step for step in steps if step[0] in came]),
    )


def per_cent(part: float, whole: float) -> str:
    return f"{number_format(round(share(part, whole), 1), decimal_pos=1)} %"


def _stages(version: LifecycleVersion) -> Bars:
    counts = version.summary["stages"]
    most = max(counts.values(), default=0)
    return Bars(
        _("Members by stage"),
        tuple(
            Bar(
                str(STAGE_NAMES[stage]),
                share(counts[stage], most),
                intcomma(counts[stage]),
                per_cent(counts[stage], version.size),
                reverse("admin:segmentation_lifecyclemodel_members", args=[version.model_id, stage]),
            )
            for stage in STAGES
        ),
    )


def _funnel(version: LifecycleVersion, definition: lifecycle_stages.Definition) -> Bars:
    """Each step holds only members of the step before."""
    meets = version.summary["meets"]
    steps = [
        (_("members"), version.size),
        (_("ever ordered"), meets["lost"]),
        (_("within %(days)s days") % {"days": definition.sleeping_days}, meets["sleeping"]),
        (_("within %(days)s days") % {"days": definition.active_days}, meets["active"]),
    ]
    above = [version.size, *(count for _label, count in steps)]
    bars = (
        Bar(label, share(count, version.size), intcomma(count), per_cent(count, before) if number else "")
        for number, ((label, count), before) in enumerate(zip(steps, above, strict=False))
    )
    return Bars(_("From member to active customer; the share is of the step before"), tuple(bars))


def _cycle(cycle: Cycle, all_of_them: list[Cycle]) -> dict[str, Any]:
    longest = max((each.days or 0 for each in all_of_them), default=0)
    return {
        "cycle": cycle,
        "share": share(cycle.days or 0, longest),
        "repeat": per_cent(cycle.repeaters, cycle.buyers),
        "spread": f"{cycle.quarter} – {cycle.three_quarters}" if cycle.quarter is not None else "–",
    }


def _warnings(version: LifecycleVersion, definition: lifecycle_stages.Definition, cycles: list[Cycle]) -> Iterator[str]:
    """Say plainly what the data cannot give."""
    meets, model = version.summary["meets"], version.model
    if not version.size:
        yield _("There are no members yet.")
        return
    if not meets["lost"]:
        yield _("There are no paid orders up to this moment: everybody is a prospect or interested.")
    if not meets["interested"]:
        words = {"events": listed(definition.interested_events), "days": definition.interested_days}
        yield (
            _("Nobody is interested: no %(events)s within %(days)s days without an order. Are these events sent?")
            % words
        )
    if cycles and not definition.cycles:
        words = {"share": model.repeat_share, "gaps": model.fewest_gaps}
        yield (
            _(
                "Nobody can be due: no category was bought again by %(share)s %% of its buyers with at least %(gaps)s "
                "gaps. Lower these, or set categories by hand."
            )
            % words
        )
    elif not cycles and meets["lost"]:
        yield _("Nobody can be due: orders have no items with a category.")
