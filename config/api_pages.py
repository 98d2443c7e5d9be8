"""The API's reference page, below /api/: made once in a process for each language, and kept."""

import hashlib
import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, override
from django.views.decorators.http import condition, require_safe
from drf_spectacular.generators import SchemaGenerator

from campaigns.refusals import Refusal
from campaigns.wordings import WORDINGS
from config.api_reference import chapters, error_codes
from members.api import ROWS_AT_MOST
from operations.api_keys import TRUSTED_SECONDS
from operations.json_body import BODY_LIMIT, LARGE_LIMIT, MB

# In the order of the switch; each names itself.
LANGUAGES = (("zh-hans", "中文"), ("en", "English"))
QUICKSTART = settings.BASE_DIR / "docs"
HOST_OF_QUICKSTART = "http://127.0.0.1:8000"
# Stands for the site's own address while a page is kept.
ANYWHERE = "https://site.invalid"


def _language(request: HttpRequest) -> str:
    """Return the language that the page is asked for in: by the switch, or as everywhere by cookie and browser."""
    asked = request.GET.get("lang", "")
    if asked in dict(LANGUAGES):
        return asked
    return "zh-hans" if (get_language() or "").startswith("zh") else "en"


def _base(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


@lru_cache(maxsize=len(LANGUAGES))
def _kept(language: str) -> str:
    """Return the page with ANYWHERE as its site. It takes half a second: who asks under many names, such as with each
    port in turn, must not have it made anew."""
    with override(language):
        return render_to_string("api/reference.html", _told(language, ANYWHERE))


def _page(request: HttpRequest) -> bytes:
    # A name that Django takes for a host has nothing that HTML would have to escape.
    return _kept(_language(request)).replace(ANYWHERE, _base(request)).encode()


def _told(language: str, base: str) -> dict[str, Any]:
    document = SchemaGenerator().get_schema(request=None, public=True)
    codes = error_codes(document)
    return {
        "language": language,
        "languages": LANGUAGES,
        "base": base,
        "chapters": chapters(document, base=base),
        "shared_codes": [code for code in codes if code.shared],
        "own_codes": [code for code in codes if not code.shared],
        "shell": _quickstart("quickstart.sh", base),
        "python": _quickstart("quickstart.py", base),
        "requests_per_minute": settings.API_REQUESTS_PER_MINUTE,
        "rows_at_most": ROWS_AT_MOST,
        "moves_per_minute": settings.API_MEMBER_MOVES_PER_MINUTE,
        "megabytes": BODY_LIMIT // MB,
        "bulk_megabytes": LARGE_LIMIT // MB,
        "trusted_seconds": int(TRUSTED_SECONDS),
        "schema": reverse("schema"),
        "error_example": _error_example(),
    }


def _error_example() -> str:
    error = {"code": "no_chance", "message": str(WORDINGS[Refusal.NO_CHANCE]), "fields": {}}
    return json.dumps(error, ensure_ascii=False)


def _quickstart(name: str, base: str) -> str:
    return (QUICKSTART / name).read_text(encoding="utf-8").strip().replace(HOST_OF_QUICKSTART, base)


@lru_cache(maxsize=64)
def _tag(language: str, base: str) -> str:
    return f'"{hashlib.sha256(f"{base} {_kept(language)}".encode()).hexdigest()[:32]}"'


def _etag(request: HttpRequest) -> str:
    return _tag(_language(request), _base(request))


@require_safe
@condition(etag_func=_etag)
def reference(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(_page(request))
    answer["Cache-Control"] = "no-cache"
    patch_vary_headers(answer, ["Cookie", "Accept-Language"])
    return answer


urlpatterns = [path("api/", reference, name="api-reference")]
