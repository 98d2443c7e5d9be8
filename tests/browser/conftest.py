"""A phone with a real Chromium, a campaign that is open now, and the door into it."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client, override_settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Campaign
from operations.api_keys import create_api_key
from tests import chromium
from tests.browser import fair
from tests.browser.desks import Desk, Hand, MakeDesk, employ

# Playwright's own loop runs in this thread; the tests' queries are not asynchronous for that.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def server() -> Iterator[LiveServer]:
    """A server that speaks http, as `make run` does on this machine. Its middleware reads these settings once."""
    with override_settings(SECURE_SSL_REDIRECT=False, SECURE_HSTS_SECONDS=0):
        server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def live_server(server: LiveServer) -> LiveServer:
    """The same by the name for which pytest-django empties the database after each test."""
    return server


@pytest.fixture(scope="package", autouse=True)
def cookies_over_http() -> Iterator[None]:
    cookies = {"SESSION_COOKIE_SECURE": False, "CSRF_COOKIE_SECURE": False, "LANGUAGE_COOKIE_SECURE": False}
    # Files as they are: names with a hash, left by an earlier `make run`, are not what the live server finds.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = settings.STORAGES | {"staticfiles": plain}
    with override_settings(LOCAL_HTTP=True, STORAGES=storages, **cookies):
        yield


@pytest.fixture(scope="session", autouse=True)
def connections_beside_the_loop(playwright: Playwright) -> Iterator[None]:
    """Close at the end what tests opened while Playwright's loop ran in this thread.

    Django keeps connections of a thread with a running loop apart from the thread's own, which are what is closed
    before the test database is dropped.
    """
    yield
    connections.close_all()


@pytest.fixture(scope="session")
def base_url() -> None:
    """Tests name whole addresses. (The plugin's own fixture warns under this pytest, and warnings are errors.)"""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    return browser_type_launch_args | {"executable_path": chromium.find(), "args": QUIET}


@pytest.fixture
def browser_context_args(browser_context_args: dict, request: pytest.FixtureRequest) -> dict:
    """A phone; a test may ask for more with @pytest.mark.parametrize("phone", [{…}])."""
    asked = request.getfixturevalue("phone") if "phone" in request.fixturenames else {}
    phone = {"viewport": PHONE, "is_mobile": True, "has_touch": True, "locale": "en-GB"}
    return browser_context_args | phone | asked


@pytest.fixture
def complaints(context: BrowserContext) -> Iterator[list[str]]:
    """What the console complains of: errors of scripts and violations of the CSP. A test ends with none."""
    found: list[str] = []

    def listen(page: Page) -> None:
        page.on("console", lambda said: found.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: found.append(str(error)))

    context.set_default_timeout(8_000)
    context.on("page", listen)
    yield found
    assert [each for each in found if "Failed to load resource" not in each] == []


@pytest.fixture
def page(complaints: list[str], context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def administrator(db) -> User:
    return User.objects.create_superuser("olga", "olga@example.com", "a password")


@pytest.fixture
def signed_in(page: Page, context: BrowserContext, administrator: User, live_server) -> Page:
    client = Client()
    client.force_login(administrator)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    return page


@pytest.fixture
def campaign(live_server) -> Campaign:
    return fair.open_fair(now=timezone.now())


@pytest.fixture
def entry_link(live_server) -> Callable[..., str]:
    """Make the link that a shop's backend makes."""
    key, _plain, secret = create_api_key("shop", ["facts"])

    def link(uid: str, onward: str = "/h5/c/fair/") -> str:
        ends = timezone.now() + timedelta(minutes=5)
        claims = {"sub": uid, "aud": "h5", "exp": int(ends.timestamp()), "jti": uuid4().hex}
        token = jwt.encode(claims, secret, algorithm="HS256", headers={"kid": key.prefix})
        return f"{live_server.url}/h5/enter/?token={token}&next={onward}"

    return link


@pytest.fixture
def desk(browser: Browser, live_server) -> Iterator[MakeDesk]:
    """Make a desk, sign its person in with a role, and see at the end that nothing complained."""
    made: list[Desk] = []

    def sit(name: str, role: str, language: str, hand: type[Hand], *, reads: bool = False) -> Desk:
        employ(name, role)
        made.append(Desk(browser, live_server.url, language, hand, reads=reads))
        made[-1].sign_in(name)
        return made[-1]

    yield sit
    heard = [each.leave() for each in made]
    assert heard == [[]] * len(made)
