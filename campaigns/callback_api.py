"""The call by which outside systems confirm what members did. It needs no API key: it is signed with the task's secret.

Answers: 200 with how the task stands; a repeated webhook-id gets the first answer. Refused are 401 what is not signed
with the secret, 400 what is older than five minutes or unreadable, 404 an unknown task or member, 409 a member who does
not take part or may not have the task now.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from campaigns import api_words, callback_secrets, callbacks
from campaigns.refusals import BadSubmission, Refusal, Refused
from campaigns.wordings import submission_wording, wording
from operations import json_body, signed_calls
from operations.api_errors import ApiError
from operations.api_schema import ERROR, FLAG, TEXT, object_of
from operations.standard_webhooks import NotAuthentic

NOT_FOUND = frozenset({Refusal.NOT_PUBLISHED, Refusal.NO_TASK})
FORGED = gettext_lazy("The signature is not that of this task's secret.")
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


class CallbackView(APIView):
    """A signed call: a member did what the task asks for."""

    authentication_classes = ()
    permission_classes = ()

    @api_words.CALLBACK
    @extend_schema(
        operation_id="callback",
        auth=[],
        parameters=signed_calls.HEADERS,
        request={"application/json": NAMED},
        responses={
            200: object_of(task=TEXT, state=TEXT, completed=FLAG),
            403: ERROR,
            **signed_calls.ERRORS,
        },
    )
    def post(self, request: Request, slug: str, key: str) -> HttpResponse:
        plain: HttpRequest = request._request
        message_id = _authentic(plain, slug, key)
        who = _who(plain.body)

        def perform() -> tuple[int, dict[str, Any]]:
            moved = callbacks.take(who, slug, key, now=timezone.now())
            return 200, {"task": key, "state": moved.state.value, "completed": moved.completed}

        try:
            return signed_calls.answer_once(plain, "callback", message_id, perform)
        except Refused as error:
            raise _refused(error) from None


def _authentic(request: HttpRequest, slug: str, key: str) -> str:
    """Return the id of a call that the task's secret signed. Raises ApiError.

    A task without a secret answers as one whose secret is another: who may not call learns nothing of our campaigns.
    """
    now = timezone.now()
    # What is too large is refused before anything is looked up.
    signed_calls.body_of(request)
    known = callback_secrets.secrets_of(slug, key, now=now)
    try:
        return signed_calls.authentic_id(request, known, now=now)
    except NotAuthentic as error:
        raise signed_calls.refused(error, forged=FORGED) from None


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
