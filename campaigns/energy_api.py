"""The API of energy: what a member has, and the ways in which it is collected."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns import api_words, energy_rules, energy_view, published
from campaigns import energy as energies
from campaigns.api_moves import invalid, member_of, named_refusals, object_sent, refused
from campaigns.energy import NO_ENERGY, Gathered
from campaigns.models import Enrolment
from operations.api_errors import ApiError
from operations.api_schema import ANY_POST, ERROR, IDEMPOTENCY_KEY, ONE_OBJECT
from operations.idempotency import answer_once
from operations.models import ApiKey

LARGEST_ID = 2**63 - 1
DROP = {
    "type": "object",
    "properties": {
        "drop": {"type": "integer"},
        "source": {"type": "string"},
        "amount": {"type": "integer"},
        "ripe": {"type": "boolean"},
        "matures_at": {"type": "string", "format": "date-time"},
        "withers_at": {"type": "string", "format": "date-time"},
    },
}
ENERGY = {
    "type": "object",
    "properties": {
        "uid": {"type": "string"},
        "total": {"type": "integer"},
        "drops": {"type": "array", "items": DROP},
        "milestones": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "at": {"type": "integer"},
                    "reached": {"type": "boolean"},
                    "claimable": {"type": "boolean"},
                },
            },
        },
        "shared": {"type": ["object", "null"]},
    },
}
GATHERED = {
    "type": "object",
    "properties": {
        "gained": {"type": "integer"},
        "helped": {"type": "integer", "description": gettext_lazy("What the friend gained by it.")},
        "total": {"type": "integer"},
        "milestones": {"type": "array", "items": {"type": "integer"}},
    },
}
OWN = {"type": "object", "properties": {"drop": {"type": "integer"}}, "additionalProperties": False}
FRIENDS = {
    "type": "object",
    "properties": {"friend": {"type": "string"}, "drop": {"type": "integer"}},
    "required": ["friend", "drop"],
    "additionalProperties": False,
}
ERRORS = ONE_OBJECT | ANY_POST | dict.fromkeys((409, 422), ERROR)


class EnergyView(APIView):
    """A member's drops, milestones and total, and the shared total."""

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @api_words.ENERGY
    @extend_schema(operation_id="member_energy", responses={200: ENERGY, **ONE_OBJECT})
    def get(self, _request: Request, slug: str, uid: str) -> HttpResponse:
        definition, member = published.definition_of(slug), member_of(uid)
        energy = energy_rules.of(definition.features) if definition else None
        if energy is None:
            raise refused(NO_ENERGY)
        enrolment = Enrolment.objects.filter(member=member, campaign__slug=slug).first()
        if enrolment is None:
            raise ApiError("not_entered", _("This member has not entered the campaign."), status=404)
        shown = energy_view.of_member(energy, enrolment, now=timezone.now())
        cause = energy.cause
        return Response(
            {
                "uid": uid,
                "total": shown.total,
                "drops": [_drop(each) for each in shown.drops],
                "milestones": [
                    {"at": each.at, "reached": each.reached, "claimable": each.claimable} for each in shown.milestones
                ],
                "shared": {"title": cause.title, "goal": cause.goal, "total": shown.shared} if cause else None,
            }
        )


class CollectView(APIView):
    """Collect one ripe drop, or all."""

    scope: ClassVar = ApiKey.Scope.PLAY

    @api_words.COLLECT
    @extend_schema(
        operation_id="collect_energy",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": OWN},
        responses={200: GATHERED, **ERRORS},
    )
    def post(self, request: Request, slug: str, uid: str) -> HttpResponse:
        body = object_sent(request.data, {"drop"})
        drop = _drop_id(body) if "drop" in body else None
        member = member_of(uid)
        return _answer(request, lambda: energies.collect(member, slug, drop, now=timezone.now()))


class FriendView(APIView):
    """Collect a friend's ripe drop for them (help), or take a share of it (steal)."""

    scope: ClassVar = ApiKey.Scope.PLAY
    act: Callable[..., Gathered]

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": FRIENDS},
        responses={200: GATHERED, **ERRORS},
    )
    def post(self, request: Request, slug: str, uid: str) -> HttpResponse:
        body = object_sent(request.data, {"friend", "drop"})
        drop, friend = _drop_id(body), body.get("friend")
        if not isinstance(friend, str):
            raise invalid({"friend": _("Name the friend by the uid.")})
        member, other = member_of(uid), member_of(friend)
        return _answer(request, lambda: type(self).act(member, other, slug, drop, now=timezone.now()))


class HelpView(FriendView):
    act = staticmethod(energies.help_friend)

    @api_words.HELP
    @extend_schema(operation_id="help_with_energy", parameters=[IDEMPOTENCY_KEY], request={"application/json": FRIENDS},
                   responses={200: GATHERED, **ERRORS})  # fmt: skip
    def post(self, request: Request, slug: str, uid: str) -> HttpResponse:
        return super().post(request, slug, uid)


class StealView(FriendView):
    act = staticmethod(energies.steal)

    @api_words.STEAL
    @extend_schema(operation_id="steal_energy", parameters=[IDEMPOTENCY_KEY], request={"application/json": FRIENDS},
                   responses={200: GATHERED, **ERRORS})  # fmt: skip
    def post(self, request: Request, slug: str, uid: str) -> HttpResponse:
        return super().post(request, slug, uid)


def _answer(request: Request, act: Callable[[], Gathered]) -> HttpResponse:
    def perform() -> tuple[int, dict[str, Any]]:
        done = named_refusals(act)
        told = {"gained": done.gained, "helped": done.helped, "total": done.total, "milestones": list(done.reached)}
        return 200, told

    return answer_once(request, perform)


def _drop_id(body: Mapping[str, Any]) -> int:
    drop = body.get("drop")
    if isinstance(drop, bool) or not isinstance(drop, int) or not 0 < drop <= LARGEST_ID:
        raise invalid({"drop": _("Name the drop by its number.")})
    return drop


def _drop(drop: energy_view.Drop) -> dict[str, Any]:
    return {
        "drop": drop.id,
        "source": drop.source,
        "amount": drop.amount,
        "ripe": drop.ripe,
        "matures_at": drop.matures_at.isoformat(),
        "withers_at": drop.withers_at.isoformat(),
    }


HERE = "campaigns/<slug:slug>/members/<str:uid>/energy/"
urlpatterns: list[URLPattern] = [
    path(HERE, EnergyView.as_view(), name="energy"),
    path(f"{HERE}collect/", CollectView.as_view(), name="energy-collect"),
    path(f"{HERE}help/", HelpView.as_view(), name="energy-help"),
    path(f"{HERE}steal/", StealView.as_view(), name="energy-steal"),
]
