"""A page of the participants, answered as it would be in the world of a preview, and undone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from io import BytesIO
from time import monotonic, sleep
from typing import Any, TypeVar, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.messages.storage.base import BaseStorage
from django.contrib.sessions.backends import signed_cookies
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.http.response import HttpResponseRedirectBase
from django.middleware.csrf import get_token
from django.urls import Resolver404, get_script_prefix, resolve, set_script_prefix
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from campaigns import explaining, published, subjects
from campaigns.definition import Campaign
from campaigns.eligibility import decide
from campaigns.explaining import Explanation
from campaigns.offers.standing import Standing, standings
from campaigns.playing_before import Before, NotPlayed
from campaigns.presenting import board
from campaigns.sandbox import Busy, NoWorld, Stage, World, standing
from members.models import Member
from members.participants import PATH, take_part

# What a preview shows. The rest is a member's own (addresses, codes, letters, privacy), or the way in and out.
SHOWN = frozenset(
    {
        "h5-home", "h5-campaign", "h5-task", "h5-accept", "h5-claim", "h5-make-up", "h5-draw", "h5-offers", "h5-offer",
        "h5-board", "h5-energy", "h5-energy-collect", "h5-energy-claim", "h5-mall", "h5-mall-item", "h5-me",
        "h5-points", "h5-level", "h5-share", "h5-share-poster", "h5-share-card",
    }
)  # fmt: skip
# Alike for everyone: their own address serves them, and nothing is played for them.
PUBLIC = frozenset({"h5-picture", "h5-tones", "h5-theme", "h5-regions", "h5-worker", "h5-offline"})
# What chance decides, and what would be taken from the stock that everybody draws from.
DRAWS = frozenset({"h5-draw"})
# So many seconds a preview waits for another of the same operator, and looks so often.
WAITS, EVERY = 4.0, 0.05
# What a page says of itself in its own address.
_OF_THE_SITE = ("SERVER_NAME", "SERVER_PORT", "HTTP_HOST", "HTTP_ACCEPT_LANGUAGE")

T = TypeVar("T")


class Told(BaseStorage):
    """Messages that are read on the next page, kept in memory."""

    def _get(self, *_args: Any, **_kwargs: Any) -> tuple[list[Any], bool]:
        return [], True

    def _store(self, _messages: list[Any], _response: HttpResponseBase, *_args: Any, **_kwargs: Any) -> list[Any]:
        return []


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page of the preview says. `to` is the path that it leads on to, below /h5/, "" for a page of its own."""

    body: bytes
    content_type: str
    status: int = HTTPStatus.OK
    to: str = ""


@dataclass(frozen=True, slots=True)
class Face:
    """What a campaign is for one member of the world, and why; and what could not be played before.

    `listed` are the keys of the tasks that the page of the campaign lists, `pool` is that of the next draw.
    """

    member: Member
    definition: Campaign
    explanation: Explanation
    offers: tuple[Standing, ...]
    not_played: tuple[NotPlayed, ...]
    listed: frozenset[str]
    pool: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, from which address below which the pages of the preview lie (it ends in "/")."""

    request: HttpRequest
    prefix: str

    @property
    def operator(self) -> User:
        return cast(User, self.request.user)


def is_public(path: str) -> bool:
    """Whether the page of this path is one that needs no preview."""
    return _name(path) in PUBLIC


def page(world: World, asked: Asked, path: str, *, sent: Before | None = None, tell: bool = False) -> Shown:
    """Answer the path below /h5/, or the form that is sent to it. Raises NoWorld, TookTooLong and Http404.

    `tell`: what the last form that was sent before told is told on this page.
    """
    _refuse(path, sent)
    return _in_turn(lambda: _page(world, asked, path, sent, tell=tell))


def _page(world: World, asked: Asked, path: str, sent: Before | None, *, tell: bool) -> Shown:
    told = Told(asked.request)

    def pages(member: Member, before: Before) -> None:
        # What the forms before the last one told was read on pages that are not shown.
        last = tell and before is world.before[-1]
        _answer(asked, member, before.what, before.fields, told if last else Told(asked.request))

    with _prefixed(asked.prefix), standing(world, asked.operator, pages=pages) as stage:
        response = _answer(asked, stage.member, path, sent.fields if sent else None, told)
        return _shown(response, asked.prefix)


def face(world: World, asked: Asked) -> Face:
    """What the world makes of the campaign, and why. Raises NoWorld and TookTooLong."""
    return _in_turn(lambda: _whole_face(world, asked))


def _in_turn(play: Callable[[], T]) -> T:
    """Frames beside each other are asked for at once, and played one after the other."""
    until = monotonic() + WAITS
    while True:
        try:
            return play()
        except Busy:
            if monotonic() >= until:
                raise
        sleep(EVERY)


def _whole_face(world: World, asked: Asked) -> Face:
    def pages(member: Member, before: Before) -> None:
        _answer(asked, member, before.what, before.fields, Told(asked.request))

    with _prefixed(asked.prefix), standing(world, asked.operator, pages=pages) as stage:
        return _face(stage, world.at)


def _face(stage: Stage, at: datetime) -> Face:
    definition = published.definition_of(stage.slug)
    if definition is None:
        raise NoWorld(_("This campaign was never published: preview its draft."))
    subject = subjects.load_subject(stage.member, definition, now=at)
    decision = decide(definition, subject)
    offers = standings(definition, subject, closed=decision.refusal) if definition.offers else ()
    explanation = explaining.explain(definition, subject)
    laid_out = board(decision, {})
    steps = [step for path in laid_out.chains for step in path.steps]
    listed = frozenset(each.task.key for each in (*steps, *laid_out.tasks)) if decision.refusal is None else frozenset()
    pool = decision.pool.slug if decision.pool else ""
    return Face(stage.member, definition, explanation, tuple(offers), stage.not_played, listed, pool)


def _refuse(path: str, sent: Before | None) -> None:
    name = _name(path)
    if name is None:
        raise Http404
    if name in DRAWS and sent is not None:
        raise NoWorld(_("Nothing is drawn in a preview: what would be won is for the moment itself to decide."))
    if name not in SHOWN:
        raise NoWorld(_("This page is the member's own and is not shown in a preview."))


def _name(path: str) -> str | None:
    address = urlsplit(path).path
    if not address.startswith(PATH):
        return None
    try:
        return resolve(address).url_name
    except Resolver404:
        return None


@contextmanager
def _prefixed(prefix: str) -> Iterator[None]:
    """Let every address that a page makes lie below `prefix`."""
    # Django keeps these with the prefix of who asks first.
    for kept in (settings, "STATIC_URL"), (settings, "MEDIA_URL"), (staticfiles_storage, "base_url"):
        getattr(*kept)
    before = get_script_prefix()
    set_script_prefix(prefix)
    try:
        yield
    finally:
        set_script_prefix(before)


def _answer(asked: Asked, member: Member, path: str, fields: Any, told: BaseStorage) -> HttpResponseBase:
    request = _request(asked, path, fields)
    take_part(request, member)
    request._messages = told  # type: ignore[attr-defined]
    match = resolve(urlsplit(path).path)
    request.resolver_match = match
    response = match.func(request, *match.args, **match.kwargs)
    if callable(render := getattr(response, "render", None)) and not response.is_rendered:
        response = render()
    return cast(HttpResponseBase, response)


def _request(asked: Asked, path: str, fields: Any) -> WSGIRequest:
    parts = urlsplit(path)
    body = b"" if fields is None else urlencode(fields, doseq=True).encode()
    outer = asked.request.META
    environ: dict[str, Any] = {name: outer[name] for name in _OF_THE_SITE if name in outer}
    environ |= {
        "REQUEST_METHOD": "GET" if fields is None else "POST",
        "SCRIPT_NAME": asked.prefix.rstrip("/"),
        "PATH_INFO": parts.path.encode().decode("latin-1"),
        "QUERY_STRING": parts.query,
        "HTTP_ACCEPT": "text/html",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "wsgi.url_scheme": asked.request.scheme,
    }
    request = WSGIRequest(environ)
    get_token(asked.request)
    request.META["CSRF_COOKIE"] = outer["CSRF_COOKIE"]
    request.user = AnonymousUser()
    request.session = signed_cookies.SessionStore()
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    return request


def _shown(response: HttpResponseBase, prefix: str) -> Shown:
    if isinstance(response, HttpResponseRedirectBase):
        to = response.url.removeprefix(prefix.rstrip("/"))
        return Shown(b"", "text/html", to=to if to.startswith(PATH) else PATH)
    if isinstance(response, StreamingHttpResponse):
        body = b"".join(cast(Iterator[bytes], response.streaming_content))
    else:
        body = cast(HttpResponse, response).content
    return Shown(body, response.get("Content-Type", "text/html"), response.status_code)
