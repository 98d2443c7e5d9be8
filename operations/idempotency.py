"""One effect and one answer for a request that is sent more than once.

The row of (client, endpoint, key) is inserted first, inside the business transaction; a client is the same whichever of
its keys it shows, so that a retry across a rotation finds its first answer. Whoever comes second waits on its
unique index until the first commits, and then reads the answer; if the first is rolled back, the second does the work.
A refusal (any exception, such as ApiError) rolls the row back with the effect and is not stored: what was refused for
want of stock or a chance may be granted to the same key later.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from operations.api_errors import ApiError
from operations.api_keys import client_of
from operations.models import IdempotencyKey
from operations.prepared import prepared_cursor
from operations.sealing import seal, unseal

KEY_LENGTH = 200
REPLAYED = "Idempotency-Replayed"
SECRET = "secret"  # noqa: S105 the field of an answer
# What the clients of forms on the participants' pages begin with: no prefix of an API key has a colon.
FORMS = "h5:"

CLAIM = """
INSERT INTO operations_idempotencykey (client, endpoint, key, body_hash, answer, created_at)
VALUES (%s, %s, %s, %s, '', clock_timestamp())
ON CONFLICT (client, endpoint, key) DO NOTHING RETURNING id
"""
KEEP = "UPDATE operations_idempotencykey SET status = %s, answer = %s WHERE id = %s"


def answer_once(request: Request, perform: Callable[[], tuple[int, Any]]) -> HttpResponse:
    """Return what `perform` answers as (status, data); on repetition its first answer, without performing.

    `perform` runs inside the transaction that stores its answer. Raises ApiError `idempotency_key_missing` (400),
    `idempotency_key_invalid` (400) or, for the same key with another body, `idempotency_key_reused` (422).
    """
    asked = {"client": client_of(request), "endpoint": f"{request.method} {request.path}", "key": key_of(request)}
    return answer_asked(asked, _body_hash(request), perform)


def answer_with_secret(request: Request, perform: Callable[[], tuple[int, dict[str, Any], str]]) -> HttpResponse:
    """As `answer_once`, for an answer with a `secret`: `perform` returns it beside the rest, and it is kept sealed."""

    def performed() -> tuple[int, Any]:
        status, data, secret = perform()
        return status, data | {SECRET: seal(secret)}

    response = answer_once(request, performed)
    said = orjson.loads(response.content)
    response.content = orjson.dumps(said | {SECRET: unseal(said[SECRET])})
    return response


def answer_asked(asked: Mapping[str, str], body_hash: str, perform: Callable[[], tuple[int, Any]]) -> HttpResponse:
    """As `answer_once`, for who names client, endpoint and key in another way than by the headers of our own API."""
    with transaction.atomic():
        claimed = _claim(**asked, body_hash=body_hash)
        if claimed is None:
            return _first_answer(IdempotencyKey.objects.get(**asked), body_hash)
        status, data = perform()
        answer = orjson.dumps(data, default=str)
        with prepared_cursor() as cursor:
            cursor.execute(KEEP, [status, answer.decode(), claimed])
    return _said(answer, status)


def performed_once(asked: Mapping[str, str], body_hash: str, perform: Callable[[], Any]) -> tuple[Any, bool]:
    """Return what `perform` returns, which JSON must be able to hold, and whether it was performed before.

    For who has no HTTP answer to keep, but what came of it: on repetition that is returned, and nothing is performed.
    """
    with transaction.atomic():
        claimed = _claim(**asked, body_hash=body_hash)
        if claimed is None:
            return orjson.loads(IdempotencyKey.objects.get(**asked).answer), True
        outcome = perform()
        with prepared_cursor() as cursor:
            cursor.execute(KEEP, [None, orjson.dumps(outcome).decode(), claimed])
    return outcome, False


def _said(answer: bytes, status: int) -> HttpResponse:
    return HttpResponse(answer, content_type="application/json", status=status)


def _claim(*, client: str, endpoint: str, key: str, body_hash: str) -> int | None:
    with prepared_cursor() as cursor:
        cursor.execute(CLAIM, [client, endpoint, key, body_hash])
        row = cursor.fetchone()
    return None if row is None else row[0]


def _first_answer(first: IdempotencyKey, body_hash: str) -> HttpResponse:
    if first.body_hash != body_hash:
        raise reused()
    response = _said(first.answer.encode(), first.status or 200)
    response[REPLAYED] = "true"
    return response


def reused() -> ApiError:
    return ApiError("idempotency_key_reused", _("This Idempotency-Key was used with another body."), status=422)


def key_of(request: Request) -> str:
    """Return the request's key. Raises ApiError where there is none, or one that is none."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise ApiError("idempotency_key_missing", _("This call needs the header Idempotency-Key."))
    if len(key) > KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise ApiError("idempotency_key_invalid", _("An Idempotency-Key is 1 to 200 printable ASCII characters."))
    return key


def _body_hash(request: Request) -> str:
    # What the body says, not its bytes: a client may write the same object with other spaces when it tries again.
    said = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()
