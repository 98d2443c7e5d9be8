"""PostgreSQL's texts hold no NUL, and Django's admin asks it for what stands in a filter: such an address is refused.

The API and the pages answer it by themselves: what is named so is not there.
"""

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase

ADMIN = "/admin/"


class NulRefusedByAdmin:
    """Middleware: an address of the admin with a NUL, plain or as %00, is a bad request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        has_nul = "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", "")
        if has_nul and request.path_info.startswith(ADMIN):
            raise SuspiciousOperation("an address with a NUL")
        return self.get_response(request)
