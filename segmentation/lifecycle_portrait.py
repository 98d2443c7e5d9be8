"""What lifecycle and value models say on a member's page: asked of the member's facts at the moment of the look."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from members.portrait import Panel, Visit, register
from operations.charts import Bar, Bars, share
from segmentation import lifecycle_stages, lifecycle_versions, lifecycle_wording, value_scale, value_versions, world
from segmentation import value_wording as words
from segmentation.facts import clock
from segmentation.facts.parts import Part
from segmentation.models import LifecycleModel, LifecycleVersion, ValueModel, ValueVersion
from segmentation.value_scale import DEGREES, NO_DEGREE, PARTS, TIERS
from segmentation.wording import DEGREE_NAMES, TIER_NAMES, VALUE_COLUMNS

SHOWN_MODELS = 3


def register_own() -> None:
    register(
        Panel(
            name="lifecycle",
            position=25,
            title=gettext_lazy("Lifecycle"),
            template="admin/segmentation/member_lifecycle.html",
            permissions=("segmentation.view_lifecyclemodel",),
            show=stages,
        ),
        Panel(
            name="value",
            position=27,
            title=gettext_lazy("Value"),
            template="admin/segmentation/member_value.html",
            permissions=("segmentation.view_valuemodel",),
            show=values,
        ),
    )


def stages(visit: Visit) -> Mapping[str, Any]:
    """The stage in each model, why, and what time alone will bring."""
    current = LifecycleVersion.objects.filter(pk__in=LifecycleModel.objects.values("current")).select_related("model")
    shown, moment = [], clock.moment(visit.now)
    part = _part(visit)
    for version in current.order_by("-model__is_default", "model__slug")[:SHOWN_MODELS]:
        definition = lifecycle_stages.from_json(version.definition)
        traces = lifecycle_versions.traces_in(part, definition.interested_events, moment)
        if traces.ids.size:
            shown.append(lifecycle_wording.why(traces, definition, moment) | {"model": version.model.name})
    return {"models": shown}


def values(visit: Visit) -> Mapping[str, Any]:
    """The score in each model with its parts, the tier and the degrees."""
    current = ValueVersion.objects.filter(pk__in=ValueModel.objects.values("current")).select_related("model")
    part, moment = _part(visit), clock.moment(visit.now)
    asked = current.order_by("-model__is_default", "model__slug")[:SHOWN_MODELS]
    return {"models": [_value(version, part, moment) for version in asked if part.people.member.size]}


def _part(visit: Visit) -> Part:
    (part,) = world.only([visit.member.pk], now=visit.now).parts
    return part


def _value(version: ValueVersion, part: Part, moment: int) -> dict[str, Any]:
    figures, tiering, scale = value_versions.figures_in(part, version, moment)
    valued = value_scale.value(figures, tiering, scale)
    most = {each: 10 * weight for each, weight in tiering.weights.items()}
    bars = (
        Bar(
            str(words.PART_NAMES[each]),
            share(int(valued.parts[each][0]), most[each]),
            f"{valued.parts[each][0]} / {most[each]}",
        )
        for each in PARTS
    )
    why = {"churn": words.churn_words(figures, tiering, scale), "loyalty": words.loyalty_words(figures)}
    return {
        "model": version.model.name,
        "at": version.at,
        "score": int(valued.score[0]),
        "tier": TIER_NAMES[TIERS[int(valued.tier[0])]],
        "parts": Bars("", tuple(bars)),
        "degrees": [
            (VALUE_COLUMNS[column], DEGREE_NAMES[DEGREES[int(degree)]], why.get(column, ""))
            for column in ("spending", "churn", "loyalty")
            if (degree := getattr(valued, column)[0]) != NO_DEGREE
        ],
    }
