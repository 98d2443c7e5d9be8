"""Bodies that no view of the API would read as they were meant: they are refused before anything is done.

WSGI hands on a body whose length is announced, as it was sent. A chunked one would be read as none at all, so that a
draw from a named pool became a draw from any; a compressed one would not be JSON.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from operations import api_errors

PATH = "/api/"


class ApiBodies:
    """Middleware: a request below /api/ whose body is compressed is answered 415, one without a length 411."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.META
        if not request.path_info.startswith(PATH):
            return self.get_response(request)
        if asked.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in {"identity", ""}:
            words = _("Compressed bodies are not taken. Send the body as it is, without Content-Encoding.")
            return api_errors.answer("encoding_not_supported", words, status=415)
        if "HTTP_TRANSFER_ENCODING" in asked and not asked.get("CONTENT_LENGTH"):
            words = _("A body needs a Content-Length; chunked bodies are not taken.")
            return api_errors.answer("length_required", words, status=411)
        return self.get_response(request)
