"""A member's page as support meets it: no complaint of the browser, and a timeline for the keyboard."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from members.models import Member
from tests.members import rich_member

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser-admin")]
DESKTOP = {"viewport": {"width": 1366, "height": 768}, "is_mobile": False, "has_touch": False}


@pytest.fixture
def ann(live_server) -> Member:
    return rich_member.make(now=timezone.now())


@pytest.fixture
def opened(page: Page, context: BrowserContext, ann: Member, live_server) -> Page:
    client = Client()
    client.force_login(User.objects.create_superuser("olga", "olga@example.com", "a password"))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page.goto(live_server.url + reverse("admin:members_member_change", args=[ann.pk]))
    return page


def moments(page: Page) -> list[str]:
    return page.locator("#timeline .timeline-words").all_inner_texts()


@pytest.mark.parametrize(
    "phone",
    [DESKTOP, DESKTOP | {"color_scheme": "dark"}, {}, {"color_scheme": "dark", "locale": "zh-CN"}],
    ids=["desktop", "desktop, dark", "phone", "phone, dark, Chinese"],
)
def test_the_page_fits_and_has_no_fault(opened: Page, phone):
    width = opened.viewport_size["width"]
    assert opened.evaluate("document.documentElement.scrollWidth") == width
    expect(opened.get_by_role("heading", name="Ann", exact=True)).to_be_visible()
    assert opened.locator(".portrait h2").count() >= 10
    assert opened.locator(".heat-map .is-marked").count() == 1
    ids = opened.evaluate("[...document.querySelectorAll('.portrait [id]')].map((each) => each.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("phone", [DESKTOP], ids=["desktop"])
def test_the_timeline_is_filtered_and_turned_by_the_keyboard(opened: Page, phone, live_server):
    opened.locator("#timeline-all").focus()
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.id") == "timeline-order"
    opened.keyboard.press("Enter")
    expect(opened.locator("#timeline-order")).to_have_attribute("aria-current", "true")
    newest = moments(opened)
    assert len(newest) == 20
    assert all("paid" in each for each in newest)
    assert opened.url.endswith("?kind=order")
    # Whoever went there by the keyboard is still there.
    assert opened.evaluate("document.activeElement.id") == "timeline-order"

    opened.locator("#timeline-older").focus()
    opened.keyboard.press("Enter")
    expect(opened.locator("#timeline-newest")).to_be_visible()
    older = moments(opened)
    assert len(older) == 10
    assert not set(newest) & set(older)

    opened.reload()
    assert moments(opened) == older
    opened.go_back()
    expect(opened.locator("#timeline-older")).to_be_visible()
    assert moments(opened) == newest


@pytest.mark.parametrize("phone", [DESKTOP], ids=["desktop"])
def test_why_is_one_click_away(opened: Page, phone):
    opened.get_by_role("link", name="Why: Buyers").click()
    expect(opened.get_by_role("heading", name="Why: Ann in “Buyers”")).to_be_visible()
    expect(opened.get_by_text("orders: 30, needed ≥ 3")).to_be_visible()
    opened.get_by_role("link", name="Ann", exact=True).click()
    opened.get_by_role("link", name="Why: Milk fair").click()
    expect(opened.get_by_text("May take part now")).to_be_visible()
    assert opened.evaluate("document.documentElement.scrollWidth") == 1366


@pytest.mark.parametrize("phone", [DESKTOP, {}], ids=["desktop", "phone"])
def test_the_page_leads_to_the_copy_and_the_erasure_of_personal_data(opened: Page, phone, complaints):
    if phone is not DESKTOP:
        opened.get_by_text("more_horiz").click()
    opened.get_by_role("link", name="Personal data").click()
    expect(opened.get_by_text("What an erasure does to it")).to_be_visible()
    assert opened.evaluate("document.documentElement.scrollWidth") == opened.viewport_size["width"]
    assert complaints == []
