"""Answers of the API that change seldom: whoever holds one asks whether it still holds, and is told so in no words.

The tags are weak. What stands for an answer is the state that it was made from, not its bytes: these differ with each
compression (`config.compression` pads at random), and a phrase such as "computed 3 minutes ago" may have grown old.
"""

import hashlib
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from django.db import connection
from django.db.models import Model
from django.http import HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request

from operations.models import ApiKey

ANY = "*"
HELD = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description=_("The `ETag` of the answer that the client holds.")
)
UNCHANGED = {304: OpenApiResponse(description=_("What the client holds is what would be answered."))}


def answer(request: Request, edition: str | None, render: Callable[[], Mapping[str, Any]]) -> HttpResponse:
    """Answer with what `render` returns, or with 304 and no body where the client holds that.

    `edition` names the state of all that is rendered; with it, a 304 costs no rendering. Without one (None) the answer
    itself is the state.
    """
    body = None if edition is not None else _json(render())
    tag = _tag(request, edition.encode() if body is None and edition is not None else body or b"")
    if _held(request, tag):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(_json(render()) if body is None else body, content_type="application/json")
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Accept-Language", "Authorization"])
    return response


def edition_of(*models: type[Model]) -> str:
    """Return what changes with every change of any row of these small tables. One statement.

    `xmin` is the transaction that wrote a row as it is and `ctid` where, so that no writer can forget to tell.
    """
    parts = [
        f"(SELECT md5(string_agg(concat_ws(':', id, xmin, ctid), ',' ORDER BY id)) FROM {model._meta.db_table})"  # noqa: S608
        for model in models
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}")
        return ",".join(part or "" for part in cursor.fetchone())


def _tag(request: Request, state: bytes) -> str:
    """A tag of the state, for whom it was put into which words, at which address, by which program."""
    scopes = sorted(request.auth.scopes) if isinstance(request.auth, ApiKey) else []
    asked = [get_language(), scopes, request.build_absolute_uri()]
    view = type(request.parser_context["view"])
    digest = hashlib.sha256(b"\n".join([state, orjson.dumps(asked), _program(view.__module__)]))
    return f'W/"{digest.hexdigest()[:32]}"'


@cache
def _program(module: str) -> bytes:
    """What renders: a release that tells more must not be answered for by a tag of the one before."""
    file = sys.modules[module].__file__
    return hashlib.sha256(Path(file).read_bytes()).digest() if file else b""


def _held(request: Request, tag: str) -> bool:
    held = parse_etags(request.headers.get("If-None-Match", ""))
    return ANY in held or tag.removeprefix("W/") in {each.removeprefix("W/") for each in held}


def _json(data: Mapping[str, Any]) -> bytes:
    return orjson.dumps(data, option=orjson.OPT_UTC_Z, default=str)
