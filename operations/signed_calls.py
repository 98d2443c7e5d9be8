"""Calls that other systems sign with a secret of ours: callbacks of tasks, receipts of deliveries.

They need no API key. What all of them share: the headers of Standard Webhooks, a small body, a refusal for each thing
that can be wrong with a signature, and the first answer to a `webhook-id` that comes again.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter

from operations import standard_webhooks
from operations.api_errors import ApiError
from operations.api_schema import ERROR
from operations.idempotency import answer_asked
from operations.standard_webhooks import Fault, NotAuthentic

LARGEST_BODY = 16 * 1024
HEADERS = [
    OpenApiParameter(f"webhook-{name}", str, OpenApiParameter.HEADER, required=True)
    for name in ("id", "timestamp", "signature")
]
ERRORS = dict.fromkeys((400, 401, 404, 409, 413, 415, 422), ERROR)
# Words and status: the status says whether to send it again makes sense.
WORDS: dict[Fault, tuple[Promise, int]] = {
    Fault.UNSIGNED: (
        gettext_lazy("This call needs the headers webhook-id, webhook-timestamp and webhook-signature."),
        401,
    ),
    Fault.FORGED: (gettext_lazy("The signature is not that of this secret."), 401),
    Fault.TOO_OLD: (gettext_lazy("The call was signed more than five minutes ago."), 400),
    Fault.TOO_EARLY: (gettext_lazy("The call was signed more than five minutes ahead of our clock."), 400),
}


def body_of(request: HttpRequest) -> bytes:
    """Return the body of a signed call. Raises ApiError `body_too_large` before it is read."""
    said = request.META.get("CONTENT_LENGTH") or ""
    # What is no number counts as 0, as Django reads it: nothing of the body.
    if said.isascii() and said.isdigit() and (len(said) > 10 or int(said) > LARGEST_BODY):
        raise ApiError("body_too_large", _("A callback has at most 16 KB."), status=413)
    return request.body


def authentic_id(request: HttpRequest, secrets: Iterable[str], *, now: datetime) -> str:
    """Return the webhook-id of a call that one of the secrets signed. Raises NotAuthentic, and ApiError if too large.

    Whoever has no secret is answered as one whose secret is another: they learn nothing of what there is here.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    return standard_webhooks.authentic_id(headers, body_of(request), secrets, now=now)


def refused(error: NotAuthentic, *, forged: Promise | None = None) -> ApiError:
    """Return the answer to a call that is not taken for the sender's. `forged` says whose signature it is not."""
    words, status = WORDS[error.fault]
    if error.fault is Fault.FORGED and forged is not None:
        words = forged
    return ApiError(error.fault.value, str(words), status=status)


def answer_once(
    request: HttpRequest, sender: str, message_id: str, perform: Callable[[], tuple[int, Any]]
) -> HttpResponse:
    """Return what `perform` answers, to the same webhook-id of the same sender its first answer.

    A refusal is kept for nobody: what is refused now may be taken when it is sent again.
    """
    asked = {"client": sender, "endpoint": f"{request.method} {request.path}", "key": message_id}
    return answer_asked(asked, hashlib.sha256(request.body).hexdigest(), perform)
