"""What a double tap, a lost answer and the back button do: nothing twice, nothing stale."""

import pytest
from playwright.sync_api import Page, Route, expect

from campaigns.models import Completion
from members.models import Member
from rewards.chances import chances_left, grant_chances
from rewards.models import Draw
from tests.browser import fair

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

SCOPE = "campaign:fair"
CALM = pytest.mark.parametrize("phone", [{"reduced_motion": "reduce"}], ids=["calm"])


@pytest.fixture
def ann(campaign) -> Member:
    member = Member.objects.get(uid="ann")
    grant_chances(member.pk, SCOPE, count=3, key="start", now=campaign.opens_at)
    return member


def test_a_double_tap_draws_once(page: Page, ann, entry_link):
    page.goto(entry_link("ann", "/h5/c/fair/draw/"))
    page.get_by_role("button", name="Draw", exact=True).dblclick()
    expect(page.get_by_role("dialog")).to_be_visible(timeout=10_000)
    assert Draw.objects.count() == 1
    expect(page.get_by_text("2 chances left")).to_be_visible()
    expect(page.locator("[data-chances]")).to_have_text("2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@CALM
def test_a_lost_answer_is_asked_for_again_and_is_the_same_draw(page: Page, ann, entry_link, phone):
    page.goto(entry_link("ann", "/h5/c/fair/draw/"))

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/draw/", lose_the_answer, times=1)
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.get_by_text("The answer did not arrive.")).to_be_visible()
    first = Draw.objects.get()

    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator("dialog code")).to_have_text(first.award.coupon_code.code)
    assert Draw.objects.count() == 1
    assert chances_left(ann.pk, SCOPE) == 2


@CALM
def test_the_wheel_draws_again_with_a_fresh_key(page: Page, ann, entry_link, phone):
    page.goto(entry_link("ann", "/h5/c/fair/draw/"))
    for drawn in (1, 2, 3):
        page.get_by_role("button", name="Draw", exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert Draw.objects.count() == drawn
        if drawn < 3:
            page.get_by_role("link", name="Draw again").click()
            expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("link", name="Earn more chances").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Milk fair")


def test_the_wheel_stops_at_what_the_server_decided(page: Page, ann, entry_link):
    page.goto(entry_link("ann", "/h5/c/fair/draw/"))
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible(timeout=10_000)
    turned = page.locator("[data-wheel]").evaluate(
        "wheel => { const at = new DOMMatrix(getComputedStyle(wheel).transform);"
        " return (Math.atan2(at.b, at.a) * 180 / Math.PI + 360) % 360 }"
    )
    won = page.locator("[data-prize=milk]")
    count = page.locator("[data-prize]").count()
    off = (turned + float(won.get_attribute("data-angle")) + 180) % 360 - 180
    assert abs(off) < 360 / count / 2


@pytest.mark.parametrize("phone", [{"java_script_enabled": False}], ids=["without-js"])
def test_a_form_sent_again_by_the_back_button_draws_once(page: Page, ann, entry_link, phone):
    page.goto(entry_link("ann", "/h5/c/fair/draw/"))
    key = page.locator("form.draw-form [name=request_key]").input_value()
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.get_by_role("heading", name="Milk for nothing")).to_be_visible()
    page.go_back()
    assert page.locator("form.draw-form [name=request_key]").input_value() != key
    assert Draw.objects.count() == 1


def test_a_double_tap_checks_in_once(page: Page, campaign, entry_link):
    page.goto(entry_link("ann", "/h5/c/fair/t/sign/"))
    page.get_by_role("button", name="Check in", exact=True).dblclick()
    expect(page.get_by_text("Done for today.")).to_be_visible()
    assert Completion.objects.count() == 1


def test_back_from_the_shop_the_progress_is_fresh(page: Page, campaign, entry_link):
    page.goto(entry_link("ann", "/h5/c/fair/t/sign/"))
    page.get_by_role("button", name="Check in", exact=True).click()
    page.get_by_role("link", name="Go Milk quiz").click()
    for choice in fair.RIGHT:
        page.get_by_label(choice, exact=True).check()
        page.get_by_role("button", name="Hand in" if choice == fair.RIGHT[-1] else "Next question").click()
    page.get_by_role("link", name="Go Two orders").click()
    expect(page.get_by_role("progressbar", name="Progress")).to_have_attribute("value", "0")
    fair.order("o-1", now=campaign.opens_at)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("progressbar", name="Progress")).to_have_attribute("value", "1")
