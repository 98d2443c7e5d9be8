"""Where everybody, signed in or not, gets a stored picture. The address holds what it shows, so it is kept for ever."""

from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from operations import pictures

YEAR = 60 * 60 * 24 * 365


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


urlpatterns = [
    re_path(r"^pictures/(?P<digest>[0-9a-f]{32})/(?P<width>[1-9][0-9]{0,3})\.webp$", picture, name="h5-picture"),
]
