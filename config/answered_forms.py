"""Which forms were answered lately, in a cookie that static/h5/page.js reads.

A browser that loses the answer to a form lets its page be loaded anew, with another request key; the script then sends
the key whose answer never came, so that the same tap is not a second one. It forgets the key once the cookie names it.
The cookie names several: it is one for all tabs, while each tab remembers the form that it sent itself.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from members.once import key_of
from members.participants import PATH

COOKIE = "answered"
# How many forms it names, the last one first.
MOST_NAMED = 8
_KEYS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# As long as the script remembers the key of a form.
MAX_AGE = 10 * 60


class AnsweredForms:
    """Middleware: an answer to a form below /h5/ names its request key. Faults of the house's own are no answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "POST" and request.path_info.startswith(PATH) and response.status_code < 500:
            _name(request, response)
        return response


def _name(request: HttpRequest, response: HttpResponseBase) -> None:
    # What was refused unread stays unread.
    key = key_of(request) if hasattr(request, "_post") else None
    if key is not None:
        secure = not settings.LOCAL_HTTP
        before = _KEYS.findall(request.COOKIES.get(COOKIE, "")[: MOST_NAMED * 40])
        named = ".".join(list(dict.fromkeys([key, *before]))[:MOST_NAMED])
        response.set_cookie(COOKIE, named, max_age=MAX_AGE, path=PATH, samesite="Lax", secure=secure)
