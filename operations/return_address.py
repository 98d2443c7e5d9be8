"""Where a page of the admin goes back to once its form is saved: `?_back=` names a page of this site.

Whoever is in the middle of something (a step of a campaign's builder) edits a gift or a segment on that one's own page
and comes back to where they were. An address of another host is no way back, and is as if it were not there.
"""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

NAME = "_back"
LONGEST = 2_000
# Django's names of the buttons that do not lead away from the form.
STAYS = ("_continue", "_addanother", "_saveasnew")


def back_of(request: HttpRequest) -> str | None:
    """The path that the request asks to go back to, or None."""
    wanted = request.GET.get(NAME, "")
    if not wanted.startswith("/") or len(wanted) > LONGEST or not _is_of_this_site(wanted):
        return None
    return wanted


def with_back(url: str, back: str) -> str:
    """The address, which leads back to `back` once its form is saved."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != NAME]
    return urlunsplit(parts._replace(query=urlencode([*query, (NAME, back)])))


def _is_of_this_site(path: str) -> bool:
    # Without allowed hosts only an address that names none is safe; "//host" and "/\host" name one.
    return url_has_allowed_host_and_scheme(path, allowed_hosts=None)


class ReturnsToAddress:
    """An admin that goes back to where its page was asked from, and says so above the form."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if request.method == "GET" and (back := back_of(request)):
            words = _("Saving leads back to where you were; or go back without saving.")
            messages.info(request, format_html('<a href="{}">{}</a>', back, words))
        return super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[misc]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return _led_back(request, super().response_add(request, obj, post_url_continue))  # type: ignore[misc]

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return _led_back(request, super().response_change(request, obj))  # type: ignore[misc]

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        return _led_back(request, super().response_delete(request, obj_display, obj_id))  # type: ignore[misc]


def _led_back(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    back = back_of(request)
    if back is None or not isinstance(response, HttpResponseRedirect):
        return response
    if any(name in request.POST for name in STAYS):
        response["Location"] = with_back(response["Location"], back)
    else:
        response["Location"] = back
    return response
