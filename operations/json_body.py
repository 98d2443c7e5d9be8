"""Reading a JSON body: whatever is not JSON is one clear refusal, never a 500."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import renderers
from rest_framework.parsers import BaseParser

from operations.api_errors import ApiError

MB = 1024 * 1024
BODY_LIMIT = MB
# Of the calls that take facts by the thousand, or a picture.
LARGE_LIMIT = 16 * MB
# A rule whose groups nest as deep as they may (`segmentation.rules.DEEPEST`) stays within it.
DEEPEST = 32
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class StrictJSONParser(BaseParser):
    """JSON in UTF-8, at most `limit` bytes, without NaN, Infinity, numbers beyond a float or nesting beyond DEEPEST."""

    media_type = "application/json"
    renderer_class = renderers.JSONRenderer
    limit = BODY_LIMIT

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        return parse(whole_body(stream, limit=self.limit, context=parser_context))


class LargeJSONParser(StrictJSONParser):
    limit = LARGE_LIMIT


def whole_body(stream: Any, *, limit: int, context: Mapping[str, Any] | None = None) -> bytes:
    """Return the body. Raises ApiError `body_too_large`, or `body_incomplete` where less came than was announced."""
    body: bytes = stream.read(limit + 1)
    if len(body) > limit:
        words = _("The body is larger than %(limit)d MB, which is the most that this call takes.")
        raise ApiError("body_too_large", words % {"limit": limit // MB}, status=413)
    announced = _announced(context)
    if len(body) < announced:
        words = _("The body ended after %(came)d of %(announced)d bytes.")
        raise ApiError("body_incomplete", words % {"came": len(body), "announced": announced})
    return body


def parse(body: bytes) -> Any:
    """Return what `body` says. Raises ApiError `malformed_json` with the place of the fault, or `too_deep`."""
    try:
        said = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite)
        if _SURROGATE.search(body):
            _refuse_halves(said)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise _malformed(str(error)) from error
    # Most bodies have fewer brackets than the depth they may have.
    if body.count(b"{") + body.count(b"[") > DEEPEST:
        _refuse_depth(said)
    return said


def _announced(context: Mapping[str, Any] | None) -> int:
    request = (context or {}).get("request")
    text = str(request.META.get("CONTENT_LENGTH") or "0") if request is not None else "0"
    return int(text) if text.isascii() and text.isdigit() else 0


def _refuse_depth(said: Any) -> None:
    # Level by level and not by recursion, which the body itself could exhaust.
    level = [said]
    for _depth in range(DEEPEST):
        level = [each for value in level for each in _parts(value) if isinstance(each, dict | list)]
        if not level:
            return
    raise _too_deep()


def _parts(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _too_deep() -> ApiError:
    words = _("The body is nested deeper than %(most)d levels, which is the most that is taken.")
    return ApiError("too_deep", words % {"most": DEEPEST})


def _malformed(why: str) -> ApiError:
    return ApiError("malformed_json", _("The body is not JSON: %(why)s.") % {"why": why})


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _refuse_halves(said: Any) -> None:
    """Half of a surrogate pair, such as "\\ud800", is no text: nothing can store it or send it back."""
    try:
        json.dumps(said, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("a text has half of a surrogate pair") from None


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number is too large")
    return number
