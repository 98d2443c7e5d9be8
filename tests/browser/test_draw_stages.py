"""Nine-grid, scratch card and golden eggs in a real browser: each shows what the server decided, and nothing else."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from members.models import Member
from rewards.chances import grant_chances
from rewards.models import Draw
from tests.browser import fair

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

DRAW = "/h5/c/fair/draw/"
BUTTONS = {"wheel": "Draw", "grid": "Draw", "scratch": "Take a card", "eggs": "Smash egg 1"}
CALM = {"reduced_motion": "reduce"}


@pytest.fixture
def stage(request, live_server) -> str:
    """A fair whose pool is played on the stage that the test names; Ann has two chances."""
    now = timezone.now()
    pool = fair.pool() | {"stage": request.param}
    campaign = fair.open_fair(now=now, pools=[pool])
    ann = Member.objects.get(uid="ann")
    grant_chances(ann.pk, "campaign:fair", count=2, key="start", now=campaign.opens_at)
    return request.param


def on(*names: str):
    return pytest.mark.parametrize("stage", names, indirect=True)


def go(page: Page, stage: str):
    return page.get_by_role("button", name=BUTTONS[stage], exact=True)


def close(page: Page) -> None:
    expect(page.get_by_role("dialog", name="Milk for nothing")).to_be_visible(timeout=10_000)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


@on("grid")
def test_the_light_stops_at_what_the_server_decided(page: Page, stage, entry_link):
    page.goto(entry_link("ann", DRAW))
    go(page, stage).dblclick()
    close(page)
    assert Draw.objects.count() == 1
    expect(page.locator(".cell-lit")).to_have_attribute("data-prize", "milk")
    expect(go(page, stage)).to_be_focused()


@on("scratch")
def test_a_card_is_scratched_and_shows_what_was_drawn(page: Page, stage, entry_link):
    page.goto(entry_link("ann", DRAW))
    assert page.locator("[data-face]").inner_text() == ""
    go(page, stage).click()
    expect(page.get_by_role("button", name="Reveal")).to_be_focused()
    expect(page.locator("[data-face]")).to_contain_text("Milk for nothing")
    assert Draw.objects.count() == 1, "the draw is made when the card is taken"

    box = page.locator("[data-canvas]").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    for row in range(1, 8):
        page.mouse.move(box["x"] + box["width"] * (row % 2), box["y"] + box["height"] * row / 8, steps=10)
    page.mouse.up()
    close(page)
    expect(go(page, stage)).to_be_focused()

    # The next card is all keys: taken by Enter, revealed by Enter.
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Reveal")).to_be_focused()
    page.keyboard.press("Enter")
    close(page)
    expect(go(page, stage)).to_have_count(0)
    expect(page.locator("[data-refusal]")).to_be_focused()
    assert Draw.objects.count() == 2


@on("eggs")
def test_the_egg_that_was_chosen_breaks(page: Page, stage, entry_link):
    page.goto(entry_link("ann", DRAW))
    page.get_by_role("button", name="Smash egg 3").dblclick()
    expect(page.locator(".egg-open")).to_have_attribute("aria-label", "Smash egg 3")
    close(page)
    assert Draw.objects.count() == 1
    expect(page.locator(".egg-open")).to_have_count(0)
    expect(page.get_by_role("button", name="Smash egg 3")).to_be_focused()


@pytest.mark.parametrize("phone", [CALM], ids=["calm"])
@on("grid", "scratch", "eggs")
def test_a_lost_answer_is_the_same_draw_and_calm_members_see_it_at_once(page: Page, stage, entry_link, phone):
    page.goto(entry_link("ann", DRAW))

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.fulfill(status=502, body="gone")

    page.route("**/draw/", lose_the_answer, times=1)
    go(page, stage).click()
    expect(page.get_by_text("The answer did not arrive.")).to_be_visible()
    first = Draw.objects.get()

    go(page, stage).click()
    expect(page.get_by_role("dialog")).to_be_visible(timeout=2_000)
    expect(page.locator("dialog code")).to_have_text(first.award.coupon_code.code)
    assert page.evaluate("document.getAnimations().length") == 0
    assert Draw.objects.count() == 1


@pytest.mark.parametrize("phone", [{"java_script_enabled": False}], ids=["without-js"])
@on("grid", "scratch", "eggs")
def test_without_scripts_a_form_leads_to_the_result(page: Page, stage, entry_link, phone):
    page.goto(entry_link("ann", DRAW))
    go(page, stage).click()
    expect(page.get_by_role("heading", name="Milk for nothing")).to_be_visible()
    expect(page.locator(f".outcome-{stage}")).to_be_visible()
    page.get_by_role("link", name="Draw again (1 left)").click()
    go(page, stage).click()
    expect(page.get_by_role("heading", name="Milk for nothing")).to_be_visible()
    assert Draw.objects.count() == 2
