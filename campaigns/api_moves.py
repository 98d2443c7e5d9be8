"""How calls of kinds answer: who the member is, and refusals in the API's one format."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from campaigns import answers, origins
from campaigns.completing import TaskMoved
from campaigns.entering import Origin
from campaigns.refusals import BadSubmission, Because, Refusal, Refused
from campaigns.wordings import submission_wording, wording
from members.models import Member
from operations.api_errors import ApiError

DEVICE, ADDRESS = "Participant-Device", "Participant-Address"
NOT_FOUND = frozenset({Refusal.NOT_PUBLISHED, Refusal.NO_TASK})


def object_sent(data: Any) -> Mapping[str, Any]:
    """The body of a request, which must be a JSON object."""
    if not isinstance(data, Mapping):
        raise ApiError("invalid", _("The body must be a JSON object."))
    return data


def origin_sent(request: Request) -> Origin | None:
    """The participant's device and address, where the client names them."""
    named = [request.headers.get(header, "") for header in (DEVICE, ADDRESS)]
    try:
        return origins.origin_named(*named, now=timezone.now())
    except ValueError:
        raise ApiError("origin_invalid", _("The headers name a device that is too long, or no IP address.")) from None


def moved_by(uid: str, move: Callable[[Member], TaskMoved]) -> dict[str, Any]:
    """What a move of this member comes to, as the API tells it. Raises ApiError for what is refused."""
    try:
        return answers.moved(move(Member.objects.get(uid=uid)))
    except Member.DoesNotExist:
        raise ApiError("unknown_member", _("There is no member with this uid."), status=404) from None
    except Refused as refused:
        raise _refused(refused.refusal) from None
    except BadSubmission as bad:
        fields = {field: [submission_wording(fault)] for field, fault in bad.fields.items()}
        raise ApiError("bad_submission", _("What was submitted does not fit the task."), fields=fields) from None


def _refused(refusal: Refusal | Because) -> ApiError:
    if isinstance(refusal, Because):
        return ApiError(refusal.value, wording(refusal), status=refusal.status)
    return ApiError(refusal.value, wording(refusal), status=404 if refusal in NOT_FOUND else 409)
