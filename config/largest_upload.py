"""What a participant may send at most: whoever sends more is told before anything of it is kept on a disk."""

from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponseBase, UnreadablePostError

from config import error_pages
from members.participants import PATH

MB = 1024 * 1024
# A picture of 10 MB with its form; a little above it the form has better words of its own.
LARGEST = 12 * MB
# Browsers read no answer before they have sent all; what is beyond this is cut off.
MOST_READ = 60 * MB


class LargestUpload:
    """Middleware: a request below /h5/ that is too large is answered 413, in the participants' look."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PATH) or _announced(request) <= LARGEST:
            return self.get_response(request)
        _let_pass(request)
        return error_pages.too_large(request)


def _announced(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isascii() and text.isdigit() else 0


def _let_pass(request: HttpRequest) -> None:
    left = min(_announced(request), MOST_READ)
    # Whoever hangs up meanwhile needs no answer.
    with suppress(UnreadablePostError):
        while left > 0 and (chunk := request.read(min(MB, left))):
            left -= len(chunk)
