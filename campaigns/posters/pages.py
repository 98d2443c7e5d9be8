"""The pictures of a link: the poster that the member sends, and the one of the campaign that chats show beside it.

Both are at addresses below the link, without a cookie: whoever has the link has been given what they show. Chats and
the savers of WeChat ask for pictures without cookies.
"""

import io
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe
from PIL import Image

from campaigns import kinds, share_links
from campaigns.posters import drawing
from campaigns.posters.drawing import Art, Card, Poster
from campaigns.posters.fonts import Typeface, typeface
from campaigns.posters.wordings import card_of, digest, poster_of
from campaigns.refusals import Because, Refused
from campaigns.share_links import UNKNOWN, Shared
from campaigns.shared_kind import Linked
from operations import clock, pictures
from operations.picture_reference import read

POSTER_AGE = 3600
CARD_AGE = 24 * 3600


@require_safe
def poster(request: HttpRequest, token: str, language: str) -> HttpResponse:
    """The member's own poster: for them and whoever they sent the link."""

    def picture(shared: Shared, kind: Linked, art: Typeface | None) -> HttpResponse:
        link = request.build_absolute_uri(share_links.address(token))
        words = poster_of(shared, kind, link, art)
        return _answer(request, digest(words, art), lambda: _poster(words, art))

    return _kept(_of_link(token, language, picture), private=True, max_age=POSTER_AGE)


@require_safe
def card(request: HttpRequest, token: str, language: str) -> HttpResponse:
    """The campaign's picture, alike for every link to it."""

    def picture(shared: Shared, _kind: Linked, art: Typeface | None) -> HttpResponse:
        words = card_of(shared.definition, art)
        return _answer(request, digest(words, art), lambda: _card(words, art))

    return _kept(_of_link(token, language, picture), public=True, max_age=CARD_AGE)


def _kept(response: HttpResponse, **how: bool | int) -> HttpResponse:
    """Why there is no picture is not kept: a task that is put back has one at once."""
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        how = {"no_store": True}
    patch_cache_control(response, **how)
    return response


def _of_link(
    token: str, language: str, picture: Callable[[Shared, Linked, Typeface | None], HttpResponse]
) -> HttpResponse:
    """The picture in a language of the house; without words, and with the status of the reason, where there is none."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    try:
        shared = share_links.follow(token, now=clock.now())
        kind = kinds.find(shared.task.kind)
        if not isinstance(kind, Linked):
            raise Refused(UNKNOWN)
    except Refused as refused:
        why = refused.refusal
        return HttpResponse(status=why.status if isinstance(why, Because) else 404)
    with translation.override(language):
        return picture(shared, kind, typeface())


def _answer(request: HttpRequest, etag: str, drawn: Callable[[], bytes]) -> HttpResponse:
    """Draw only what the browser has not got."""
    known = get_conditional_response(request, etag=f'"{etag}"')
    if known is not None:
        return HttpResponse(status=known.status_code, headers={"ETag": f'"{etag}"'})
    return HttpResponse(drawn(), content_type="image/jpeg", headers={"ETag": f'"{etag}"'})


# About 4 MB of those that were asked for last: asking again and again draws nothing again.
@lru_cache(maxsize=32)
def _poster(words: Poster, art: Typeface | None) -> bytes:
    return drawing.draw(words, Art(art, _banner(words.banner)))


@lru_cache(maxsize=16)
def _card(words: Card, art: Typeface | None) -> bytes:
    return drawing.draw_card(words, Art(art, _banner(words.banner)))


def _banner(named: str) -> Image.Image | None:
    """The campaign's banner in its largest width; None where there is none, or none any more."""
    reference = read(named)
    content = pictures.content_of(reference.digest, reference.width) if reference else None
    return Image.open(io.BytesIO(content)).convert("RGB") if content else None


urlpatterns = [
    path("s/<str:token>/poster.<str:language>.jpg", poster, name="h5-share-poster"),
    path("s/<str:token>/card.<str:language>.jpg", card, name="h5-share-card"),
]
