"""What a person or a program sees when a request cannot be served. No page here touches the database."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """400: an invalid host, a malformed or too large request."""
    return _page(request, 400, "bad_request", _("The request could not be understood."))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """403."""
    return _page(request, 403, "permission_denied", _("This is not allowed."))


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """404."""
    return _page(request, 404, "not_found", _("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _page(request, 500, "server_error", _("Something went wrong. It has been noted."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 (Django names it)
    """403 for a form whose protection is missing or too old: mostly cookies switched off, or a page left open."""
    return _page(request, 403, "csrf_failed", _("The page was open too long."), template="403_csrf.html")


def too_many_attempts(request: HttpRequest, _response: HttpResponse, _credentials: object) -> HttpResponse:
    """429 after too many failed sign-ins, in place of django-axes' plain text."""
    return _page(request, 429, "too_many_attempts", _("There were too many attempts to sign in."))


def _page(
    request: HttpRequest, status: int, code: str, message: str | Promise, template: str | None = None
) -> HttpResponse:
    # Some errors arise before LocaleMiddleware has chosen a language.
    language = translation.get_language_from_request(request)
    with translation.override(language):
        if request.path_info.startswith(API):
            return JsonResponse({"code": code, "message": str(message), "fields": {}}, status=status)
        # Without the request: context processors would ask for the user, and with that for the database.
        page = loader.render_to_string(template or f"{status}.html", {"language": language, "status": status})
    return HttpResponse(page, status=status)
