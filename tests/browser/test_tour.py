"""The tour: every page at both widths, in both languages, with scripts and without, and as axe-core sees it.

Scripts are off in two of the six walks, which cover each width and each language: what a page lays out without them
depends on neither. axe-core looks at a phone's pages, where the same markup is tightest, in the light and in the dark.
Pictures are kept of a phone in Chinese and of a desktop in English.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from members import participants
from tests import emptying
from tests.browser import looking, pictures, stops, toured_shop
from tests.browser.stops import Stop

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db, pytest.mark.xdist_group("browser-tour")]


class Way(NamedTuple):
    """How a walk goes."""

    width: int
    language: str
    scripts: bool = True
    axe: bool = False
    pictures: bool = False

    @property
    def label(self) -> str:
        return f"{self.width}-{self.language[:2]}{'' if self.scripts else '-without-scripts'}"


WAYS = [
    Way(360, "zh-hans", axe=True, pictures=True),
    Way(360, "en"),
    Way(1280, "zh-hans"),
    Way(1280, "en", pictures=True),
    Way(360, "en", scripts=False),
    Way(1280, "zh-hans", scripts=False),
]


# The shop has an account with WeChat, which is out of reach: the pages of a member outside WeChat do without.
AN_ACCOUNT = {"WECHAT_APP_ID": "wx0", "WECHAT_APP_SECRET": "secret", "WECHAT_API_URL": "http://127.0.0.1:9"}


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[dict[str, Any]]:
    """The whole shop, once for all walks; they look and leave things as they are."""
    data = override_settings(DATA_DIR=tmp_path_factory.mktemp("data"), **AN_ACCOUNT)
    with django_db_blocker.unblock(), data:
        assert connection.settings_dict["NAME"].startswith("test_")
        try:
            yield toured_shop.open_shop(now=timezone.localtime())
        finally:
            # Numbers are not given out again: what the house keeps in memory by them never goes stale.
            emptying.empty()


@pytest.fixture
def walk(shop: dict[str, Any], server: LiveServer, browser: Browser) -> Callable[[Way], list[str]]:
    """Walk one way along all stops; return what was wrong on them."""

    def walk(way: Way) -> list[str]:
        known = _context(browser, way, server.url)
        known.add_cookies([_cookie(server.url, participants.COOKIE, _participant(shop["member"]), "/h5/")])
        stranger = _context(browser, way, server.url)
        visits = {False: _Visits(known, way), True: _Visits(stranger, way)}
        wrong = [
            f"{stop.name} ({stop.address}): {fault}"
            for stop in stops.STOPS
            for fault in visits[stop.stranger].look(stop, server.url + stop.address.format(**shop))
        ]
        known.close()
        stranger.close()
        return wrong

    return walk


class _Visits:
    """One person's pages on one walk."""

    def __init__(self, context: BrowserContext, way: Way) -> None:
        self.way = way
        self.watch = looking.Watch(context)
        self.page: Page = context.new_page()

    def look(self, stop: Stop, address: str) -> Iterator[str]:
        answer = self.page.goto(address)
        if answer is None or answer.status != stop.status:
            yield f"answers {answer and answer.status}, not {stop.status}"
        yield from self.watch.complaints(self.page)
        yield from looking.faults(self.page)
        if self.way.language == "zh-hans" and not stop.bilingual:
            yield from looking.untranslated(self.page)
        if self.way.pictures:
            pictures.keep(self.page, f"{stop.name}-{self.way.label}")
        if self.way.axe:
            yield from looking.axe_violations(self.page)


def _context(browser: Browser, way: Way, url: str) -> BrowserContext:
    phone = way.width < 600
    context = browser.new_context(
        viewport={"width": way.width, "height": 740 if phone else 900},
        is_mobile=phone,
        has_touch=phone,
        java_script_enabled=way.scripts,
        reduced_motion="reduce",
    )
    context.add_cookies([_cookie(url, settings.LANGUAGE_COOKIE_NAME, way.language, "/")])
    return context


def _cookie(url: str, name: str, value: str, path: str) -> Any:
    return {"name": name, "value": value, "url": url + path}


def _participant(member) -> str:
    response = HttpResponse()
    participants.sign_in(response, member, RequestFactory().get("/"))
    return response.cookies[participants.COOKIE].value


def test_every_page_is_a_stop_of_the_tour():
    assert stops.visited() == stops.pages()


def test_stops_have_names_of_their_own():
    names = [stop.name for stop in stops.STOPS]
    assert sorted(set(names)) == sorted(names)


BAD_PAGE = """<!doctype html><html lang="zh-hans"><title>坏</title><style>
p { color: #999; background: #888 } .dark em { color: #999; background: #888 }</style>
<main style="width: 2000px"><h1>一</h1><h1>二</h1><p>This was never translated</p>
<em>2026</em><img src="/h5/nothing.png"></main>
<script>undefined.undone</script></html>"""


def test_the_tour_sees_what_is_wrong(server: LiveServer, browser: Browser):
    context = _context(browser, WAYS[0], server.url)
    watch, page = looking.Watch(context), context.new_page()
    policy = {"Content-Security-Policy": "script-src 'self'"}
    page.route("**/bad/", lambda route: route.fulfill(body=BAD_PAGE, content_type="text/html", headers=policy))
    page.goto(f"{server.url}/bad/")
    heard = [*watch.complaints(page), *looking.faults(page), *looking.untranslated(page), *looking.axe_violations(page)]
    context.close()
    assert [each for each in heard if "<em>" in each and "contrast" in each] == [
        "dark: axe color-contrast: <em>2026</em>"
    ]
    told = ["404:", "console:", "script-src-elem:", "not one h1", "px too wide", "inline:", "English: This was"]
    for fault in [*told, "axe image-alt", "axe color-contrast", "dark: axe color-contrast"]:
        assert any(each.startswith(fault) or each.endswith(fault) for each in heard), (fault, heard)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.label)
def test_nothing_is_wrong_on_any_page(walk, way: Way):
    wrong = walk(way)
    assert not wrong, "\n".join(wrong)
