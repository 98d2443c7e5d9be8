"""PostgreSQL's texts hold no NUL, and no address of ours needs one: who sends it is told so, before any query."""

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase


class NulRefused:
    """Middleware: an address with a NUL, plain or as %00, is a bad request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise SuspiciousOperation("an address with a NUL")
        return self.get_response(request)
