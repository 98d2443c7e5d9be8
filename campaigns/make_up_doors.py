"""The page and the call by which a missed day of a check-in is made up."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from campaigns import api_schema, api_words, making_up, pacing, presenting
from campaigns.api_moves import moved_by, object_sent, origin_sent
from campaigns.completing import TaskMoved
from campaigns.refusals import BadSubmission, Refused
from campaigns.visiting import Visit, visited
from campaigns.wordings import submission_wording, told_to_members
from members.models import Member
from members.once import Outcome, once
from operations import clock
from operations.api_schema import ANY_POST, ERROR, IDEMPOTENCY_KEY, ONE_OBJECT, TEXT
from operations.idempotency import answer_once
from operations.models import ApiKey

MAKE_UP_REQUEST = {
    "type": "object",
    "properties": {"day": {**TEXT, "description": _("A missed day in the campaign's time zone, such as 2026-11-09.")}},
    "required": ["day"],
    "additionalProperties": False,
}
ERRORS = ONE_OBJECT | ANY_POST | dict.fromkeys((409, 422), ERROR)
# What a form carries besides the task's own fields.
FRAME_FIELDS = frozenset({"csrfmiddlewaretoken", "request_key", "next"})


@require_POST
@visited
def make_up(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    payload = {field: value for field, value in request.POST.items() if field not in FRAME_FIELDS}
    here = reverse("h5-task", args=[visit.slug, key])
    origin = pacing.counted(visit.member.pk, visit.slug, visit.origin, now=visit.now)

    def perform() -> Outcome:
        moved = making_up.make_up(visit.member, visit.slug, key, payload, now=visit.now, origin=origin)
        return Outcome(here, tuple(presenting.told(moved, visit.gift_names())))

    try:
        return once(request, visit.member, perform)
    except BadSubmission as bad:
        messages.error(request, submission_wording(next(iter(bad.fields.values()))))
    except Refused as refused:
        messages.info(request, told_to_members(refused.refusal))
    return redirect(here)


class MakeUpView(APIView):
    """A missed day of a check-in is made up: paid, rewarded, and its streak mended."""

    scope: ClassVar = ApiKey.Scope.PLAY

    @api_words.MAKE_UP
    @extend_schema(
        operation_id="task_make_up",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": MAKE_UP_REQUEST},
        responses={200: api_schema.MOVED, **ERRORS},
    )
    def post(self, request: Request, slug: str, uid: str, key: str) -> HttpResponse:
        payload, origin = object_sent(request.data), origin_sent(request)

        def perform() -> tuple[int, dict[str, Any]]:
            def move(member: Member) -> TaskMoved:
                return making_up.make_up(member, slug, key, payload, now=clock.now(), origin=origin)

            return 200, moved_by(uid, move)

        return answer_once(request, perform)


urlpatterns: list[URLPattern] = [
    path("c/<slug:slug>/t/<slug:key>/make-up/", make_up, name="h5-make-up"),
]
api_urlpatterns: list[URLPattern] = [
    path(
        "campaigns/<slug:slug>/members/<str:uid>/tasks/<slug:key>/make-up/",
        MakeUpView.as_view(),
        name="task-make-up",
    ),
]
