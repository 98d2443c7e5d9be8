"""Where everybody, signed in or not, gets a stored picture. The address holds what it shows, so it is kept for ever."""

from django.http import HttpRequest, HttpResponse
from django.urls import re_path, reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from operations import pictures
from operations.picture_reference import read

YEAR = 60 * 60 * 24 * 365
FETCHED = 720


@require_safe
def picture(request: HttpRequest, digest: str, width: str) -> HttpResponse:
    """One size of one picture. An unknown one is answered in a word: no page is made for a broken address."""
    content = pictures.content_of(digest, int(width))
    if content is None:
        return HttpResponse("There is no such picture.\n", status=404, content_type="text/plain; charset=utf-8")
    return _for_ever(request, content)


@cache_control(public=True, max_age=YEAR, immutable=True)
def _for_ever(_request: HttpRequest, content: bytes) -> HttpResponse:
    return HttpResponse(content, content_type="image/webp")


def address(reference: str) -> str | None:
    """Return where, on this site, others than our pages fetch the picture that is named: about as wide as a phone.

    None for none.
    """
    named = read(reference)
    if named is None:
        return None
    width = max(width for width in named.widths if width <= max(FETCHED, named.widths[0]))
    return reverse("h5-picture", args=[named.digest, width])


def whole_address(request: HttpRequest, reference: str) -> str | None:
    """Return `address` with the site before it."""
    found = address(reference)
    return None if found is None else request.build_absolute_uri(found)


urlpatterns = [
    re_path(r"^pictures/(?P<digest>[0-9a-f]{32})/(?P<width>[1-9][0-9]{0,3})\.webp$", picture, name="h5-picture"),
]
