"""Reading a JSON body: whatever is not JSON is one clear refusal, never a 500."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import renderers
from rest_framework.parsers import BaseParser

from operations.api_errors import ApiError

BODY_LIMIT = 16 * 1024 * 1024
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class StrictJSONParser(BaseParser):
    """JSON in UTF-8, at most BODY_LIMIT bytes, without NaN, Infinity or numbers beyond a float."""

    media_type = "application/json"
    renderer_class = renderers.JSONRenderer

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        body = stream.read(BODY_LIMIT + 1)
        if len(body) > BODY_LIMIT:
            raise ApiError("body_too_large", _("The body is larger than 16 MB. Send it in parts."), status=413)
        return parse(body)


def parse(body: bytes) -> Any:
    """Return what `body` says. Raises ApiError `malformed_json` with the place of the fault."""
    try:
        said = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite)
        if _SURROGATE.search(body):
            _refuse_halves(said)
        return said
    except RecursionError as error:
        raise _malformed(_("it is nested too deep")) from error
    except ValueError as error:
        raise _malformed(str(error)) from error


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
