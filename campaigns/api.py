"""The API of `campaigns`: who is eligible for what and why not, tasks that move, and the draw."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar, cast

import orjson
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from campaigns import answers, api_schema, eligibility, kinds, playing, published, subjects
from campaigns.api_moves import ADDRESS, DEVICE, origin_sent
from campaigns.completing import TaskMoved
from campaigns.definition import Campaign
from campaigns.entering import Origin
from campaigns.refusals import BadSubmission, Because, Refusal, Refused
from campaigns.wordings import submission_wording, wording
from members.models import Member
from operations.api_errors import ApiError
from operations.api_schema import ANY_POST, ERROR, IDEMPOTENCY_KEY, ONE_OBJECT
from operations.idempotency import REPLAYED, answer_once, key_of, reused
from operations.models import ApiKey
from rewards.drawing import SCALE, RequestReused

MOST_UIDS = 1000
SLUG = re.compile(r"[-\w]{1,50}", re.ASCII)
NOT_FOUND = frozenset({Refusal.NOT_PUBLISHED, Refusal.NO_TASK})
ERRORS = ONE_OBJECT | ANY_POST | dict.fromkeys((409, 422), ERROR)
ORIGIN = [
    OpenApiParameter(DEVICE, str, "header", description="The participant's device, by a text of your own."),
    OpenApiParameter(ADDRESS, str, "header", description="The IP address from which the participant calls you."),
]


class EligibilityView(APIView):
    """What one member gets, in one SQL query for all running campaigns."""

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @extend_schema(
        operation_id="member_eligibility",
        parameters=[OpenApiParameter("campaign", str, description="The key of one campaign; else all that run.")],
        responses={200: api_schema.ELIGIBILITY, **ONE_OBJECT},
    )
    def get(self, request: Request, uid: str) -> HttpResponse:
        slug = request.GET.get("campaign")
        campaigns = _running(uid) if slug is None else [_one(uid, slug)]
        return _json({"uid": uid, "campaigns": campaigns})


class EligibilityOfManyView(APIView):
    """What up to 1,000 members get in one campaign, in one SQL query."""

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @extend_schema(
        operation_id="members_eligibility",
        request={"application/json": api_schema.ELIGIBILITY_REQUEST},
        responses={200: api_schema.MANY, **ONE_OBJECT, **ANY_POST},
    )
    def post(self, request: Request) -> HttpResponse:
        uids, slug = _asked(request.data)
        definition = _definition(slug)
        found = subjects.load_members(uids, definition, now=timezone.now())
        decider = eligibility.decider_of(definition)
        members = [
            {"uid": uid} | answers.campaign(definition, decider.decide(found[uid])) for uid in uids if uid in found
        ]
        unknown = [uid for uid in uids if uid not in found]
        return _json({"campaign": slug, "members": members, "unknown": unknown})


class TaskView(APIView):
    """One way in which a task moves: enter, accept, submit or claim."""

    scope: ClassVar = ApiKey.Scope.PLAY
    move: str = ""

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY, *ORIGIN],
        request={"application/json": api_schema.SUBMISSION},
        responses={200: api_schema.MOVED, **ERRORS},
    )
    def post(self, request: Request, slug: str, uid: str, key: str) -> HttpResponse:
        payload, origin = _object(request.data), origin_sent(request)

        def perform() -> tuple[int, dict[str, Any]]:
            return 200, answers.moved(_named_refusals(_move, self.move, _member(uid), slug, key, payload, origin))

        return answer_once(request, perform)


class DrawView(APIView):
    """One draw in the member's pool, with a chance or for points.

    The draw's own record answers a repeated request: it keeps the key, what was asked and what was told. Nothing else
    is written for it, so the draw stays one statement.
    """

    scope: ClassVar = ApiKey.Scope.PLAY

    @extend_schema(
        operation_id="draw",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": api_schema.DRAW_REQUEST},
        responses={201: api_schema.DRAWN, **ERRORS},
    )
    def post(self, request: Request, slug: str, uid: str) -> HttpResponse:
        pool, pay = _draw_asked(_object(request.data))
        drawn = _named_refusals(_draw, uid, slug, _request_key(request), pool, pay)
        response = _json(answers.drawn(drawn), status=201)
        if drawn.repeated:
            response[REPLAYED] = "true"
        return response


def _json(data: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """orjson's bytes as they are: the serializers and renderers of the framework cost more than the decision."""
    return HttpResponse(orjson.dumps(data), content_type="application/json", status=status)


def _running(uid: str) -> list[Any]:
    loaded = subjects.load_running(uid, now=timezone.now())
    if loaded is None:
        raise _unknown_member()
    definitions, facts = loaded
    blank = facts.subject
    language = get_language() or ""
    return [
        answers.campaign(definition, eligibility.decide(definition, facts.for_campaign(definition)))
        if facts.knows(definition.slug)
        else answers.campaign_again(definition, eligibility.decide(definition, blank), language)
        for definition in definitions
        if definition.closes_at > blank.now
    ]


def _one(uid: str, slug: str) -> dict[str, Any]:
    definition = _definition(slug)
    found = subjects.load_members([uid], definition, now=timezone.now())
    if uid not in found:
        raise _unknown_member()
    return answers.campaign(definition, eligibility.decide(definition, found[uid]))


def _definition(slug: str) -> Campaign:
    definition = published.definition_of(slug)
    if definition is None:
        raise _refused(Refusal.NOT_PUBLISHED)
    return definition


def _member(uid: str) -> Member:
    member = Member.objects.filter(uid=uid).first()
    if member is None:
        raise _unknown_member()
    return member


def _unknown_member() -> ApiError:
    return ApiError("unknown_member", _("There is no member with this uid."), status=404)


def _asked(data: Any) -> tuple[list[str], str]:
    """The uids, each once, and the campaign that the body asks about."""
    body = _object(data)
    uids, slug = body.get("uids"), body.get("campaign")
    fields: dict[str, Any] = {}
    if not isinstance(slug, str):
        fields["campaign"] = [_("Name one campaign by its key.")]
    if not isinstance(uids, list) or not 0 < len(uids) <= MOST_UIDS or not all(isinstance(uid, str) for uid in uids):
        fields["uids"] = [_("List 1 to 1,000 uids, each as text.")]
    if fields:
        raise ApiError("invalid", _("The request has values that cannot be used."), fields=fields)
    return list(dict.fromkeys(cast(list[str], uids))), cast(str, slug)


def _object(data: Any) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise ApiError("invalid", _("The body must be a JSON object."))
    return data


def _move(  # noqa: PLR0913, PLR0917 a move says who, what and from where
    move: str, member: Member, slug: str, key: str, payload: Mapping[str, Any], origin: Origin | None
) -> TaskMoved:
    now = timezone.now()
    match move:
        case "submit":
            return playing.submit(member, slug, key, payload, now=now, origin=origin)
        case "claim":
            return playing.claim(member, slug, key, now=now, origin=origin)
        case "accept":
            return playing.accept(member, slug, key, now=now, origin=origin)
        case _:
            return playing.enter_task(member, slug, key, now=now)


def _draw_asked(body: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The pool and the price that the body names. Prize, roll and odds are the house's: whoever sends one is told."""
    fields: dict[str, Any] = {name: [_("A draw does not take this.")] for name in body if name not in {"pool", "pay"}}
    pool, pay = body.get("pool"), body.get("pay")
    if not (pool is None or (isinstance(pool, str) and SLUG.fullmatch(pool))):
        fields["pool"] = [_("The pool is named by its key.")]
    if pay not in (None, "points"):
        fields["pay"] = [_("A draw is paid with “points”, or left out.")]
    if fields:
        raise ApiError("invalid", _("The request has values that cannot be used."), fields=fields)
    return pool, pay


def _draw(uid: str, slug: str, request_key: str, pool: str | None, pay: str | None) -> playing.Drawn:
    roll = secrets.randbelow(SCALE)
    asked = f"{pool or ''};{pay or ''}"
    now = timezone.now()
    try:
        return playing.draw(
            uid, slug, request_key=request_key, roll=roll, now=now, pool=pool, pay=pay is not None, asked=asked
        )
    except RequestReused:
        raise reused() from None


def _request_key(request: Request) -> str:
    """The draw's own key: the client's, so that two clients never meet in one."""
    named = f"{request.user}:{key_of(request)}"
    return f"api:{hashlib.sha256(named.encode()).hexdigest()}"


def _named_refusals(perform: Any, *arguments: Any) -> Any:
    try:
        return perform(*arguments)
    except Member.DoesNotExist:
        raise _unknown_member() from None
    except Refused as error:
        raise _refused(error.refusal) from None
    except BadSubmission as error:
        fields = {field: [submission_wording(fault)] for field, fault in error.fields.items()}
        raise ApiError("bad_submission", _("What was submitted does not fit the task."), fields=fields) from None


def _refused(refusal: Refusal | Because) -> ApiError:
    if isinstance(refusal, Because):
        return ApiError(refusal.value, wording(refusal), status=refusal.status)
    return ApiError(refusal.value, wording(refusal), status=404 if refusal in NOT_FOUND else 409)


TASK = "campaigns/<slug:slug>/members/<str:uid>/tasks/<slug:key>"
urlpatterns: list[URLPattern] = [
    path("campaigns/<slug:slug>/members/<str:uid>/draws/", DrawView.as_view(), name="draws"),
    path("members/<str:uid>/eligibility/", EligibilityView.as_view(), name="member-eligibility"),
    path("eligibility/", EligibilityOfManyView.as_view(), name="eligibility"),
    *(
        path(
            f"{TASK}/{move}/",
            TaskView.as_view(move=move),
            name=f"task-{move}",
        )
        for move in ("enter", "accept", "submit", "claim")
    ),
    *kinds.api_urls(),
]
