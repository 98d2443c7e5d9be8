"""Middleware before the admin and the staff's pages: sessions that are over end, and the second factor is asked for."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from operations.sign_in import sessions

GUARDED = ("/admin/", "/staff/")
# The authenticator by whose code the session was opened.
VERIFIED = "second_factor"


class Gate:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(GUARDED) and request.user.is_authenticated:
            now = timezone.now()
            if sessions.is_over(request.session, now=now):
                return _ended(request)
            if to := way_in(request):
                return _lead(request, to)
            sessions.note_use(request.session, now=now)
        return self.get_response(request)


def way_in(request: HttpRequest) -> str | None:
    """Return the name of the page that this user has to pass before any other one; None: the way is free."""
    authenticator = getattr(request.user, "authenticator_id", None)
    if authenticator is not None:
        asked = None if request.session.get(VERIFIED) == authenticator else "sign-in-code"
    else:
        asked = "two-factor-set-up" if getattr(request.user, "second_factor_due", False) else None
    if asked is None or request.path_info in (reverse(asked), reverse("admin:logout"), reverse("admin:jsi18n")):
        return None
    return asked


def pass_through(request: HttpRequest, authenticator_id: int, *, now: datetime) -> None:
    """Remember that a code of this authenticator was given, under a new session key."""
    before = request.session.session_key
    request.session.cycle_key()
    request.session[VERIFIED] = authenticator_id
    sessions.renamed(before, request.session.session_key, now=now)


def _ended(request: HttpRequest) -> HttpResponseBase:
    logout(request)
    messages.info(request, _("You were signed out, because nothing happened for a while. Please sign in again."))
    return _lead(request, "admin:login")


def _lead(request: HttpRequest, name: str) -> HttpResponseBase:
    came_for = request.get_full_path() if request.method == "GET" and not request.headers.get("HX-Request") else ""
    address = reverse(name) + (f"?{urlencode({'next': came_for})}" if came_for else "")
    if request.headers.get("HX-Request"):
        # htmx would put the page that is led to into a part of the one that is open.
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
