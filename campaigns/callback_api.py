"""The call by which outside systems confirm what members did. It needs no API key: it is signed with the task's secret.

Answers: 200 with how the task stands; a repeated webhook-id gets the first answer. Refused are 401 what is not signed
with the secret, 400 what is older than five minutes or unreadable, 404 an unknown task or member, 409 a member who does
not take part or may not have the task now.
"""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from campaigns import callback_secrets, callbacks
from campaigns.refusals import BadSubmission, Refusal, Refused
from campaigns.wordings import submission_wording, wording
from operations import json_body, standard_webhooks
from operations.api_errors import ApiError
from operations.api_schema import ERROR, FLAG, TEXT, object_of
from operations.idempotency import answer_asked
from operations.standard_webhooks import Fault, NotAuthentic

LARGEST_BODY = 16 * 1024
NOT_FOUND = frozenset({Refusal.NOT_PUBLISHED, Refusal.NO_TASK})
# Code, words, status: the status says whether to send it again makes sense.
WORDS: dict[Fault, tuple[Promise, int]] = {
    Fault.UNSIGNED: (
        gettext_lazy("This call needs the headers webhook-id, webhook-timestamp and webhook-signature."),
        401,
    ),
    Fault.FORGED: (gettext_lazy("The signature is not that of this task's secret."), 401),
    Fault.TOO_OLD: (gettext_lazy("The call was signed more than five minutes ago."), 400),
    Fault.TOO_EARLY: (gettext_lazy("The call was signed more than five minutes ahead of our clock."), 400),
}
NAMED: dict[str, Any] = {
    "oneOf": [
        {"type": "object", "properties": {"uid": TEXT}, "required": ["uid"], "additionalProperties": False},
        {
            "type": "object",
            "properties": {"identity": object_of(provider=TEXT, id=TEXT)},
            "required": ["identity"],
            "additionalProperties": False,
        },
    ]
}
HEADERS = [
    OpenApiParameter(f"webhook-{name}", str, OpenApiParameter.HEADER, required=True)
    for name in ("id", "timestamp", "signature")
]


class CallbackView(APIView):
    """A signed call: a member did what the task asks for."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="callback",
        auth=[],
        parameters=HEADERS,
        request={"application/json": NAMED},
        responses={
            200: object_of(task=TEXT, state=TEXT, completed=FLAG),
            **dict.fromkeys((400, 401, 403, 404, 409, 413, 415, 422), ERROR),
        },
    )
    def post(self, request: Request, slug: str, key: str) -> HttpResponse:
        plain: HttpRequest = request._request
        message_id = _authentic(plain, slug, key)
        who = _who(plain.body)

        def perform() -> tuple[int, dict[str, Any]]:
            moved = callbacks.take(who, slug, key, now=timezone.now())
            return 200, {"task": key, "state": moved.state.value, "completed": moved.completed}

        asked = {"client": "callback", "endpoint": f"POST {plain.path}", "key": message_id}
        try:
            return answer_asked(asked, hashlib.sha256(plain.body).hexdigest(), perform)
        except Refused as error:
            raise _refused(error) from None


def _authentic(request: HttpRequest, slug: str, key: str) -> str:
    """Return the id of a call that the task's secret signed. Raises ApiError.

    A task without a secret answers as one whose secret is another: who may not call learns nothing of our campaigns.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
        raise ApiError("body_too_large", _("A callback has at most 16 KB."), status=413)
    now = timezone.now()
    known = callback_secrets.secrets_of(slug, key, now=now)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        return standard_webhooks.authentic_id(headers, request.body, known, now=now)
    except NotAuthentic as error:
        words, status = WORDS[error.fault]
        raise ApiError(error.fault.value, str(words), status=status) from None


def _who(body: bytes) -> callbacks.Who:
    try:
        return callbacks.parse(json_body.parse(body))
    except BadSubmission as bad:
        fields = {field or "body": [submission_wording(fault)] for field, fault in bad.fields.items()}
        raise ApiError("invalid", _("The request has values that cannot be used."), fields=fields) from None


def _refused(error: Refused) -> ApiError:
    refusal = error.refusal
    status = 404 if refusal in NOT_FOUND else 409 if isinstance(refusal, Refusal) else refusal.status
    return ApiError(refusal.value, wording(refusal), status=status)


urlpatterns = [path("callbacks/<slug:slug>/<slug:key>/", CallbackView.as_view(), name="callback")]
