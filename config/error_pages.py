"""What a person or a program sees when a request cannot be served. No page here touches the database."""

import sys
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config import h5_error_pages

API = "/api/"
ADMIN = "/admin/"
# What is not there or not allowed leads back; anything else one has to try again.
LEADS_BACK = {403, 404}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: an invalid host, a malformed request; 413 for one that is too large."""
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    return _page(request, 400, "bad_request", _("The request could not be understood."))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """403."""
    return _page(request, 403, "permission_denied", _("This is not allowed."))


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """404."""
    return _page(request, 404, "not_found", _("There is nothing at this address."))


def too_large(request: HttpRequest) -> HttpResponse:
    """413."""
    return _page(request, 413, "too_large", _("The request is too large."))


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 while the database cannot be reached, which comes back by itself."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return _page(request, 503, "unavailable", _("The database cannot be reached right now."))
    return _page(request, 500, "server_error", _("Something went wrong. It has been noted."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 (Django names it)
    """403 for a form whose protection is missing or too old: mostly cookies switched off, or a page left open."""
    return _page(request, 403, "csrf_failed", _("The page was open too long."), template="403_csrf.html")


def too_many_attempts(request: HttpRequest, _response: HttpResponse, _credentials: object) -> HttpResponse:
    """429 after too many failed sign-ins, in place of django-axes' plain text. Another try begins the wait anew."""
    words = _("There were too many attempts to sign in.")
    wait: timedelta = settings.AXES_COOLOFF_TIME
    until = timezone.localtime(timezone.now() + wait)
    more: dict[str, Any] = {"minutes": round(wait.total_seconds() / 60), "until": until}
    page = _page(request, 429, "too_many_attempts", words, **more)
    page["Retry-After"] = str(int(wait.total_seconds()))
    return page


def _page(
    request: HttpRequest, status: int, code: str, message: str | Promise, template: str | None = None, **more: object
) -> HttpResponse:
    # Some errors arise before LocaleMiddleware has chosen a language.
    language = translation.get_language_from_request(request)
    with translation.override(language):
        if request.path_info.startswith(API):
            return JsonResponse({"code": code, "message": str(message), "fields": {}}, status=status)
        if theirs := h5_error_pages.page(request, code):
            return theirs
        # Without the request: context processors would ask for the user, and with that for the database.
        told = {"language": language, "status": status, "back": _back(request.path_info, status)} | more
        page = loader.render_to_string(template or f"{status}.html", told)
    return HttpResponse(page, status=status)


def _back(path: str, status: int) -> str:
    """Return the address of the admin's first page, for a page within it."""
    return ADMIN if status in LEADS_BACK and path.startswith(ADMIN) and path != ADMIN else ""
