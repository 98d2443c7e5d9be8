"""What `segmentation` shows on a member's page: tags, segments and the place in each RFM model."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, OuterRef, Subquery, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy

from members.portrait import Panel, Visit, register
from operations.charts import HeatMap
from segmentation import heat_map, member_sets, tag_panel
from segmentation.fields import RFM_SCORES
from segmentation.models import MemberSetChunk, RfmModel, RfmSet, Segment
from segmentation.wording import RFM_CLASS_NAMES

SHOWN_SEGMENTS = 200
SHOWN_MODELS = 5


def register_own() -> None:
    register(
        Panel(
            name="rfm",
            position=30,
            title=gettext_lazy("RFM"),
            template="admin/segmentation/member_rfm.html",
            permissions=("segmentation.view_rfmmodel",),
            show=scores,
            reads=_models,
        ),
        tag_panel.PANEL,
        Panel(
            name="segments",
            position=50,
            title=gettext_lazy("Segments"),
            template="admin/segmentation/member_segments.html",
            permissions=("segmentation.view_segment",),
            show=segments,
            reads=_segments,
        ),
    )


def _segments(_now: datetime) -> Combinable:
    told = JSONObject(id="pk", name="name", refreshed_at="refreshed_at", chunk=_chunk("members_id"))
    return ArraySubquery(Segment.objects.order_by("slug").values(told=told)[:SHOWN_SEGMENTS])


def segments(visit: Visit) -> Mapping[str, Any]:
    """The segments by what their last good version says of the member; those never computed say nothing yet."""
    shown: dict[str, list[dict[str, Any]]] = {"inside": [], "outside": [], "unknown": []}
    for told in visit.facts:
        where = "inside" if _holds(told["chunk"], visit.member.pk) else "outside"
        why = reverse("admin:segmentation_segment_why", args=[told["id"], visit.member.pk])
        shown[where if told["refreshed_at"] else "unknown"].append({"name": told["name"], "why": why})
    return shown


def _models(_now: datetime) -> Combinable:
    sets = RfmSet.objects.filter(version=OuterRef("current_id"))
    of_sets = sets.values(told=JSONObject(dimension="dimension", value="value", chunk=_chunk("members_id", outer=2)))
    told = JSONObject(
        name="name",
        at="current__at",
        size="current__size",
        summary="current__summary",
        sets=ArraySubquery(of_sets),
    )
    models = RfmModel.objects.filter(current__isnull=False).order_by("slug")
    return ArraySubquery(models.values(told=told)[:SHOWN_MODELS])


@dataclass(frozen=True, slots=True)
class Score:
    """A member's place in one model: scores in the order r, f, m and the class; without an order in time, none."""

    model: str
    at: Any
    scores: tuple[int, ...]
    name: str
    map: HeatMap


def scores(visit: Visit) -> Mapping[str, Any]:
    return {"models": [_score(told, visit.member.pk) for told in visit.facts]}


def _score(told: Mapping[str, Any], member_id: int) -> Score:
    held = {each["dimension"]: each["value"] for each in told["sets"] if _holds(each["chunk"], member_id)}
    scored = tuple(int(held[key]) for key in RFM_SCORES if key in held)
    marked = (scored[0], scored[1]) if len(scored) == len(RFM_SCORES) else None
    return Score(
        model=told["name"],
        at=parse_date(told["at"]),
        scores=scored,
        name=str(RFM_CLASS_NAMES[held["class"]]) if "class" in held else "",
        map=heat_map.recency_by_frequency(told["summary"], told["size"], marked=marked),
    )


def _chunk(member_set: str, *, outer: int = 1) -> Combinable:
    """The packed chunk of a set in which the member is looked for, as text; `outer` queries lie between the two."""
    member: Any = OuterRef("pk")
    for _ in range(outer):
        member = OuterRef(member)
    chunk = member.bitrightshift(member_sets.CHUNK_BITS)
    packed = MemberSetChunk.objects.filter(member_set=OuterRef(member_set), chunk=chunk)
    as_text = Func(F("bitmap"), Value("base64"), function="encode", output_field=TextField())
    return Subquery(packed.values(text=as_text))


def _holds(packed: str | None, member_id: int) -> bool:
    return packed is not None and member_sets.chunk_holds(b64decode(packed), member_id)
