"""The API of `campaigns`: tasks that move, and the draw, by the functions that the pages call."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.views import APIView

from campaigns import answers, api_move_words, api_schema, api_words, kinds, playing
from campaigns.api_moves import (
    ADDRESS,
    DEVICE,
    invalid,
    json_answer,
    moved_by,
    named_refusals,
    object_sent,
    origin_sent,
)
from campaigns.completing import TaskMoved
from campaigns.eligibility_api import EligibilityOfManyView, EligibilityView
from campaigns.entering import Origin
from members.models import Member
from operations.api_keys import client_of
from operations.api_schema import ANY_POST, ERROR, IDEMPOTENCY_KEY, ONE_OBJECT
from operations.idempotency import REPLAYED, answer_once, key_of, reused
from operations.json_body import LargeJSONParser
from operations.models import ApiKey
from rewards.drawing import SCALE, RequestReused

SLUG = re.compile(r"[-\w]{1,50}", re.ASCII)
ERRORS = ONE_OBJECT | ANY_POST | dict.fromkeys((409, 422), ERROR)
ORIGIN = [
    OpenApiParameter(
        DEVICE, str, "header", description=gettext_lazy("The participant's device, by a text of your own.")
    ),
    OpenApiParameter(
        ADDRESS, str, "header", description=gettext_lazy("The IP address from which the participant calls you.")
    ),
]


class TaskView(APIView):
    """One way in which a task moves: enter, accept, submit or claim. What is submitted may be a picture."""

    scope: ClassVar = ApiKey.Scope.PLAY
    parser_classes = [LargeJSONParser]
    move: str = ""

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY, *ORIGIN],
        request={"application/json": api_schema.SUBMISSION},
        responses={200: api_schema.MOVED, **ERRORS},
    )
    def post(self, request: Request, slug: str, uid: str, key: str) -> HttpResponse:
        payload, origin = object_sent(request.data), origin_sent(request)

        def move(member: Member) -> TaskMoved:
            return _move(self.move, member, slug, key, payload, origin)

        return answer_once(request, lambda: (200, moved_by(uid, move)))


@extend_schema_view(post=api_move_words.ENTER)
class EnterView(TaskView):
    move = "enter"


@extend_schema_view(post=api_move_words.ACCEPT)
class AcceptView(TaskView):
    move = "accept"


@extend_schema_view(post=api_move_words.SUBMIT)
class SubmitView(TaskView):
    move = "submit"


@extend_schema_view(post=api_move_words.CLAIM)
class ClaimView(TaskView):
    move = "claim"


class DrawView(APIView):
    """One draw in the member's pool, with a chance or for points.

    The draw's own record answers a repeated request: it keeps the key, what was asked and what was told. Nothing else
    is written for it, so the draw stays one statement.
    """

    scope: ClassVar = ApiKey.Scope.PLAY

    @api_words.DRAW
    @extend_schema(
        operation_id="draw",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": api_schema.DRAW_REQUEST},
        responses={201: api_schema.DRAWN, **ERRORS},
    )
    def post(self, request: Request, slug: str, uid: str) -> HttpResponse:
        pool, pay = _draw_asked(object_sent(request.data))
        drawn = named_refusals(lambda: _draw(uid, slug, _request_key(request), pool, pay))
        response = json_answer(answers.drawn(drawn), status=201)
        if drawn.repeated:
            response[REPLAYED] = "true"
        return response


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
    faults = {name: _("A draw does not take this.") for name in body if name not in {"pool", "pay"}}
    pool, pay = body.get("pool"), body.get("pay")
    if not (pool is None or (isinstance(pool, str) and SLUG.fullmatch(pool))):
        faults["pool"] = _("The pool is named by its key.")
    if pay not in (None, "points"):
        faults["pay"] = _("A draw is paid with “points”, or left out.")
    if faults:
        raise invalid(faults)
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
    named = f"{client_of(request)}:{key_of(request)}"
    return f"api:{hashlib.sha256(named.encode()).hexdigest()}"


TASK = "campaigns/<slug:slug>/members/<str:uid>/tasks/<slug:key>"
urlpatterns: list[URLPattern] = [
    path("campaigns/<slug:slug>/members/<str:uid>/draws/", DrawView.as_view(), name="draws"),
    path("members/<str:uid>/eligibility/", EligibilityView.as_view(), name="member-eligibility"),
    path("eligibility/", EligibilityOfManyView.as_view(), name="eligibility"),
    *(
        path(f"{TASK}/{view.move}/", view.as_view(), name=f"task-{view.move}")
        for view in (EnterView, AcceptView, SubmitView, ClaimView)
    ),
    *kinds.api_urls(),
]
