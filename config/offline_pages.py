"""What a participant without a network meets: the service worker of the pages below /h5/, and the one page it keeps.

The worker keeps files that are the same for everyone (their names hold their content's hash) and the page that says
that there is no network. It keeps no page of a member's. Its version is that of what it keeps: a release that changes
one of these files brings a new worker, which deletes what the old one kept.
"""

import hashlib
import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

# What the page without a network is made of.
FILES = ("h5/h5.css", "h5/offline.js", "h5/icon.svg")


@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """The worker; where OFFLINE_PAGES is off, one that takes itself and all it kept away."""
    offline = reverse("h5-offline")
    kept = [offline, *map(static, FILES)]
    parts = {"offline": offline, "kept": kept, "files": settings.STATIC_URL, "version": _version(kept)}
    told = mark_safe(json.dumps(parts).replace("<", "\\u003c"))  # noqa: S308 JSON of our own addresses
    name = "h5/worker.js" if settings.OFFLINE_PAGES else "h5/no_worker.js"
    answer = HttpResponse(render_to_string(name, {"parts": told}), content_type="text/javascript; charset=utf-8")
    # Asked for anew each time, so that a worker can be called back.
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def offline(_request: HttpRequest) -> HttpResponse:
    """The page itself, in both languages at once: it is kept by phones, which do not ask who reads it."""
    answer = HttpResponse(_page())
    answer["Cache-Control"] = "no-cache"
    return answer


def _page() -> str:
    # Without the request: nothing of whoever asks for it may be in it.
    return render_to_string("h5/offline.html")


def _version(kept: list[str]) -> str:
    """Return what changes with anything that is kept, the words of the page too."""
    return hashlib.sha256("\n".join([*kept, _page()]).encode()).hexdigest()[:12]


urlpatterns = [path("sw.js", worker, name="h5-worker"), path("offline/", offline, name="h5-offline")]
