"""One form for every error of the HTTP API: `{"code", "message", "fields"}`."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DataError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response

logger = logging.getLogger(__name__)


# DataError and UnicodeEncodeError are the last line of defence: a value that no check refused and PostgreSQL cannot
# hold, such as a NUL byte.
KNOWN: tuple[tuple[type[Exception], str, Any, int], ...] = (
    (Http404, "not_found", gettext_lazy("There is no such object."), 404),
    (PermissionDenied, "permission_denied", gettext_lazy("This is not allowed."), 403),
    (DataError, "unusable_value", gettext_lazy("The request has a value that cannot be stored."), 400),
    (UnreadablePostError, "body_incomplete", gettext_lazy("The body ended before its Content-Length."), 400),
    (UnicodeEncodeError, "unusable_value", gettext_lazy("The request has a value that cannot be stored."), 400),
    (SuspiciousOperation, "bad_request", gettext_lazy("The request could not be understood."), 400),
    (OperationalError, "try_again", gettext_lazy("The request could not be served now. Try again."), 503),
)


class ApiError(Exception):
    """A refusal with a name. `fields` maps a field to what is wrong with it; `wait` are the seconds of Retry-After."""

    def __init__(
        self, code: str, message: str, *, status: int = 400, fields: dict[str, Any] | None = None, wait: int = 0
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = str(message)
        self.status = status
        self.fields = fields or {}
        self.wait = wait


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """Turn any exception of an API view into its answer; REST framework's exception handler."""
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    named = _named(error) or _unexpected(error, context)
    body = {"code": named.code, "message": named.message, "fields": named.fields}
    return Response(body, status=named.status, headers=headers)


def answer(code: str, message: str, *, status: int) -> JsonResponse:
    """The answer to a request that reaches no view."""
    return JsonResponse({"code": code, "message": message, "fields": {}}, status=status)


@csrf_exempt
def unknown_address(_request: HttpRequest) -> JsonResponse:
    """Answer an address below /api/ that nobody owns."""
    words = _("There is nothing at this address; addresses end with a slash. All of them are listed at /api/.")
    return answer("not_found", words, status=404)


def _named(error: Exception) -> ApiError | None:
    if isinstance(error, ApiError):
        return error
    if isinstance(error, exceptions.ValidationError):
        return ApiError("invalid", _("The request has values that cannot be used."), fields=_by_path(error.detail))
    if isinstance(error, exceptions.APIException):
        return ApiError(_code_of(error), str(error.detail), status=error.status_code)
    for kind, code, message, status in KNOWN:
        if isinstance(error, kind):
            logger.warning("an API call was refused as %s", code, exc_info=error)
            return ApiError(code, message, status=status)
    return None


def _unexpected(error: Exception, context: dict[str, Any]) -> ApiError:
    logger.error("an API view failed", exc_info=error)
    # Django sends this for errors it answers itself; error reporters and the test client listen to it.
    got_request_exception.send(sender=None, request=getattr(context.get("request"), "_request", None))
    return ApiError("server_error", _("Something went wrong on our side."), status=500)


def _code_of(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else error.default_code


def _by_path(detail: Any) -> dict[str, list[str]]:
    """Return {path: [messages]}, nested errors under paths such as `rows[2].amount`."""
    found: dict[str, list[str]] = {}
    pending = [("", detail)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict):
            pending += [(_below(path, name), inner) for name, inner in value.items() if inner]
        elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
            pending += [(_below(path, index), inner) for index, inner in enumerate(value) if inner]
        else:
            found[path or "non_field_errors"] = [str(each) for each in (value if isinstance(value, list) else [value])]
    return dict(sorted(found.items()))


def _below(path: str, name: str | int) -> str:
    if isinstance(name, int):
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else name
