"""How every call of campaigns asks and answers: who the member is, and refusals in the API's one format."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import orjson
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from campaigns import answers, origins, published
from campaigns.completing import TaskMoved
from campaigns.definition import Campaign
from campaigns.entering import Origin
from campaigns.refusals import BadSubmission, Because, Refusal, Refused
from campaigns.wordings import submission_wording, wording
from members.models import Member
from operations.api_errors import ApiError

DEVICE, ADDRESS = "Participant-Device", "Participant-Address"
NOT_FOUND = frozenset({Refusal.NOT_PUBLISHED, Refusal.NO_TASK})
Done = TypeVar("Done")


def object_sent(data: Any, known: Collection[str] | None = None) -> Mapping[str, Any]:
    """The body of a request, which must be a JSON object, of no fields but those that are known."""
    if not isinstance(data, Mapping):
        raise ApiError("invalid", _("The body must be a JSON object."))
    unknown = sorted(set(map(str, data)) - set(known)) if known is not None else ()
    if unknown:
        raise invalid({field[:50]: _("This is not taken here.") for field in unknown[:10]})
    return data


def invalid(fields: Mapping[str, str]) -> ApiError:
    """What is wrong with the fields of a request, each in words."""
    told = {field: [words] for field, words in fields.items()}
    return ApiError("invalid", _("The request has values that cannot be used."), fields=told)


def origin_sent(request: Request) -> Origin | None:
    """The participant's device and address, where the client names them."""
    named = [request.headers.get(header, "") for header in (DEVICE, ADDRESS)]
    try:
        return origins.origin_named(*named, now=timezone.now())
    except ValueError:
        raise ApiError("origin_invalid", _("The headers name a device that is too long, or no IP address.")) from None


def member_of(uid: str) -> Member:
    """The member of this uid. Raises ApiError for one who is unknown or was erased."""
    member = Member.objects.filter(uid=uid, erased_at=None).first()
    if member is None:
        raise unknown_member()
    return member


def definition_of(slug: str) -> Campaign:
    """The campaign as it is published now. Raises ApiError where it never was."""
    definition = published.definition_of(slug)
    if definition is None:
        raise refused(Refusal.NOT_PUBLISHED)
    return definition


def unknown_member() -> ApiError:
    return ApiError("unknown_member", _("There is no member with this uid."), status=404)


def refused(refusal: Refusal | Because) -> ApiError:
    if isinstance(refusal, Because):
        return ApiError(refusal.value, wording(refusal), status=refusal.status, wait=refusal.wait)
    return ApiError(refusal.value, wording(refusal), status=404 if refusal in NOT_FOUND else 409)


def named_refusals(perform: Callable[[], Done]) -> Done:
    """What `perform` returns. Raises ApiError for what it refuses."""
    try:
        return perform()
    except Member.DoesNotExist:
        raise unknown_member() from None
    except Refused as error:
        raise refused(error.refusal) from None
    except BadSubmission as bad:
        fields = {field: [submission_wording(fault)] for field, fault in bad.fields.items()}
        raise ApiError("bad_submission", _("What was submitted does not fit the task."), fields=fields) from None


def moved_by(uid: str, move: Callable[[Member], TaskMoved]) -> dict[str, Any]:
    """What a move of this member comes to, as the API tells it. Raises ApiError for what is refused."""
    return named_refusals(lambda: answers.moved(move(member_of(uid))))


def json_answer(data: Any, status: int = 200) -> HttpResponse:
    """orjson's bytes as they are: the serializers and renderers of the framework cost more than the decision."""
    return HttpResponse(orjson.dumps(data), content_type="application/json", status=status)
