"""What the builder does by itself while a form is filled in: it saves, says why it cannot, counts, and finds words."""

import time
from functools import partial

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, Route, expect

from campaigns import audience_pages
from campaigns.models import Campaign
from tests.browser.test_builder import DESK
from tests.campaigns import scenes
from tests.workers import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser-admin")]


@pytest.fixture
def look(signed_in: Page, campaign: Campaign, live_server) -> Page:
    signed_in.goto(f"{live_server.url}/admin/campaigns/campaign/{campaign.pk}/build/look/")
    return signed_in


@pytest.fixture
def audience(signed_in: Page, campaign: Campaign, live_server) -> Page:
    for rank, name in enumerate(("silver", "gold"), 1):
        scenes.make_level(name, rank)
    signed_in.goto(f"{live_server.url}/admin/campaigns/campaign/{campaign.pk}/build/audience/")
    signed_in.locator("summary", has_text="Choose").first.click()
    # Counted once as it comes into sight.
    expect(signed_in.locator(".audience-figure").first).to_be_visible()
    return signed_in


@DESK
def test_whose_session_has_ended_signs_in_beside_and_loses_nothing(
    look: Page, context: BrowserContext, campaign, phone
):
    Session.objects.all().delete()
    look.locator("[name=tagline]").fill("Typed too late")
    expect(look.get_by_role("alert")).to_contain_text("Your session has ended")
    expect(look.locator("[data-said]")).to_contain_text("Nothing is saved until you have signed in again")
    look.get_by_role("button", name="Save", exact=True).click()
    expect(look.locator("[data-said]")).to_contain_text("Nothing is saved until you have signed in again")
    assert look.locator("[name=tagline]").input_value() == "Typed too late"

    with context.expect_page() as opened:
        look.get_by_role("link", name="Sign in again").click()
    beside = opened.value
    beside.locator("[name=username]").fill("olga")
    beside.locator("[name=password]").fill("a password")
    beside.keyboard.press("Enter")
    beside.wait_for_url("**/admin/")
    beside.close()
    # The browser of the tests always believes that its page has the focus.
    look.evaluate("window.dispatchEvent(new Event('focus'))")

    expect(look.locator("[data-said]")).to_contain_text("Saved at")
    expect(look.get_by_role("alert")).to_be_hidden()
    campaign.refresh_from_db()
    assert campaign.tagline == "Typed too late"
    look.locator("[name=tagline]").fill("And on")
    look.get_by_role("button", name="Save and on to Check").click()
    look.wait_for_url("**/build/check/")
    campaign.refresh_from_db()
    assert campaign.tagline == "And on"


@DESK
def test_the_button_does_not_leave_a_page_whose_words_would_be_lost(look: Page, campaign, phone):
    """At once after typing, before anything was saved by itself."""
    tagline, said = look.locator("[name=tagline]"), look.locator("[data-said]")
    go_on = look.get_by_role("button", name="Save and on to Check")
    look.route("**/autosave/", lambda route: route.abort())
    tagline.fill("Typed without a network")
    go_on.click()
    expect(said).to_contain_text("No connection")
    look.unroute("**/autosave/")

    Session.objects.all().delete()
    tagline.fill("Typed too late")
    go_on.click()
    expect(look.get_by_role("alert")).to_contain_text("Your session has ended")
    expect(tagline).to_have_value("Typed too late")
    assert look.url.endswith("/build/look/")


@DESK
def test_who_goes_elsewhere_while_it_is_saved_is_not_called_back(look: Page, campaign, phone):
    held: dict[str, Route] = {}

    def hold(route: Route) -> None:
        held[route.request.url.rsplit("/", 2)[-2]] = route

    look.route("**/autosave/", hold)
    look.route("**/build/check/", hold)
    look.once("dialog", lambda dialog: dialog.accept())
    said = look.locator("[data-said]")

    look.locator("[name=tagline]").fill("Typed last")
    look.get_by_role("button", name="Save", exact=True).click()
    expect(said).to_contain_text("Saving")
    look.locator(".build-bar a[href$='/build/check/']").click(no_wait_after=True)
    # The other page is on its way; what was typed is in the draft before it is there.
    held["autosave"].continue_()
    wait_until(lambda: Campaign.objects.filter(tagline="Typed last").exists(), seconds=10)
    look.wait_for_timeout(500)
    held["check"].continue_()
    look.wait_for_url("**/build/check/")


@DESK
def test_what_cannot_be_saved_says_why_and_is_saved_later(look: Page, campaign, phone):
    why = {
        None: "No connection",
        403: "The server refuses this (error 403)",
        503: "The server is in trouble (error 503)",
    }
    for status, words in why.items():
        answer = partial(_answer, status)
        look.route("**/autosave/", answer)
        look.locator("[name=tagline]").fill(f"Typed for {status}")
        expect(look.locator("[data-said]")).to_contain_text(words)
        expect(look.get_by_role("alert")).to_be_hidden()
        look.unroute("**/autosave/", answer)
    look.locator("[name=tagline]").fill("Typed again")
    expect(look.locator("[data-said]")).to_contain_text("Saved at")
    campaign.refresh_from_db()
    assert campaign.tagline == "Typed again"


def _answer(status: int | None, route: Route) -> None:
    if status is None:
        route.abort()
    else:
        route.fulfill(status=status)


@DESK
def test_the_audience_is_said_in_words_as_it_is_ticked(audience: Page, campaign, complaints, phone):
    said = audience.locator(".audience-said").first
    expect(said).to_have_text("Everyone")
    for level in ("silver", "gold"):
        audience.locator(f"[name=audience_levels][value={level}]").check()
    expect(said.locator(".audience-part")).to_have_text(["One of these levels silver, gold"])
    expect(said.locator(".audience-everyone")).to_be_hidden()
    at_once = said.inner_text()
    expect(audience.locator("[data-said]")).to_contain_text("Saved at")
    audience.reload()
    assert said.inner_text() == at_once

    audience.locator("summary", has_text="Choose").first.click()
    for level in ("silver", "gold"):
        audience.locator(f"[name=audience_levels][value={level}]").uncheck()
    expect(said.locator(".audience-part")).to_have_count(0)
    expect(said.locator(".audience-everyone")).to_be_visible()
    assert complaints == []


@DESK
def test_a_count_that_is_given_up_is_no_error(audience: Page, live_server, monkeypatch, complaints, phone):
    began: list[float] = []
    counted = audience_pages.reach_of

    def slowly(*args, **kwargs):
        began.append(time.monotonic())
        time.sleep(1)
        return counted(*args, **kwargs)

    monkeypatch.setattr(audience_pages, "reach_of", slowly)
    for number, level in enumerate(("silver", "gold"), 1):
        # The second takes the place of the first, and is itself given up with its page.
        audience.locator(f"[name=audience_levels][value={level}]").check()
        while len(began) < number:
            audience.wait_for_timeout(50)
    # What is not saved yet would ask before the page is left.
    expect(audience.locator("[data-said]")).to_contain_text("Saved at")
    audience.goto(f"{live_server.url}/admin/campaigns/campaign/")
    assert began[1] - began[0] < 1
    assert complaints == []
