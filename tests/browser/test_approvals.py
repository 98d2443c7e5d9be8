"""From a raised budget to an approved one: two people, one after the other, at a desk and on a phone."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from rewards.models import Budget
from tests.rewards.build import SCOPE
from tests.rewards.two_people import olga, rei

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser-admin")]
SIZES = pytest.mark.parametrize(
    "phone",
    [{"viewport": {"width": 1366, "height": 768}, "is_mobile": False}, {"viewport": {"width": 390, "height": 844}}],
    ids=["desk", "phone"],
)


def sign_in(page: Page, user: User, live_server) -> None:
    client = Client()
    client.force_login(user)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )


@SIZES
def test_one_asks_another_comments_and_approves_and_it_is_done(page: Page, live_server, phone, complaints):
    asker, reviewer = olga(), rei()
    held = Budget.objects.create(scope=SCOPE, per="total", cents=10_000)
    wide = phone["viewport"]["width"]

    sign_in(page, asker, live_server)
    page.goto(f"{live_server.url}/admin/rewards/budget/{held.pk}/change/")
    page.get_by_label("Amount in ¥").fill("500")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Look at the request").click()
    expect(page.get_by_text("then ¥500.00")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") == wide

    sign_in(page, reviewer, live_server)
    page.goto(f"{live_server.url}/admin/operations/approvalrequest/")
    assert page.evaluate("document.documentElement.scrollWidth") == wide
    page.get_by_role("link", name="A higher budget").click()
    page.get_by_role("textbox", name="Comment").fill("Why so much?")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("Why so much?")).to_be_visible()
    page.get_by_role("button", name="Approve").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Approved, and done")).to_be_visible()
    held.refresh_from_db()
    assert held.cents == 50_000
    assert complaints == []
