"""An operator builds a campaign with a chain from nothing in the builder, with the keyboard alone."""

import pytest
from playwright.sync_api import Locator, Page, expect

from campaigns.models import Campaign, ChainStep
from rewards.models import PrizePool

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser-admin")]
DESK = pytest.mark.parametrize(
    "phone", [{"viewport": {"width": 1366, "height": 768}, "is_mobile": False}], ids=["desk"]
)


def press(control: Locator, key: str = "Enter") -> None:
    control.focus()
    control.press(key)


def add_task(page: Page, kind: str, title: str, key: str) -> None:
    press(page.get_by_role("link", name="Add a task"))
    press(page.get_by_role("link", name=kind, exact=True))
    page.locator("[name=title]").focus()
    page.keyboard.type(title)
    page.locator("[name=key]").focus()
    page.keyboard.type(key)
    page.locator("[name=points]").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("5")
    press(page.get_by_role("button", name="Add this task"))
    expect(page.get_by_role("link", name=title, exact=True)).to_be_visible()


@DESK
def test_a_chain_campaign_is_built_from_nothing_by_keyboard(signed_in: Page, campaign, live_server, complaints, phone):
    page = signed_in
    page.goto(f"{live_server.url}/admin/campaigns/campaign/build/")
    page.locator("[name=name]").focus()
    page.keyboard.type("Spring")
    press(page.get_by_role("button", name="Begin"))
    press(page.get_by_role("button", name="Save and on to Tasks and chains"))

    add_task(page, "check-in", "Check in", "sign")
    add_task(page, "daily login", "Look around", "look")
    made = Campaign.objects.get(name="Spring")
    assert list(made.tasks.values_list("key", flat=True)) == ["sign", "look"]

    press(page.get_by_role("button", name="Move “Check in” down"))
    expect(page.get_by_text("Check in: now 2 of 2")).to_be_attached()
    expect(page.locator("[data-said]")).to_contain_text("Saved at")
    assert list(made.tasks.values_list("key", flat=True)) == ["look", "sign"]

    press(page.locator("summary", has_text="Add a chain"))
    page.locator("[name=chains-0-title]").focus()
    page.keyboard.type("Path")
    page.locator("[name=chains-0-key]").focus()
    page.keyboard.type("path")
    for place, title in enumerate(("Look around", "Check in")):
        page.locator(f"[name=chains-0-steps_{place}]").focus()
        page.keyboard.type(title)
    # Exchanged by its button: the check-in comes first.
    press(page.locator("[data-steps] li").first.get_by_role("button", name="One step later"))
    page.locator("[name=chains-0-chances]").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("1")
    press(page.get_by_role("button", name="Save and on to Prize pools"))
    expect(page.get_by_text("Path × 1")).to_be_visible()
    assert list(ChainStep.objects.filter(chain__campaign=made).values_list("task__key", flat=True)) == ["sign", "look"]

    page.locator("[name=pools-0-pool]").select_option(str(PrizePool.objects.get().pk))
    press(page.get_by_role("button", name="Save and on to Look"))
    page.locator("[name=tagline]").focus()
    page.keyboard.type("Come")
    expect(page.locator("[data-said]")).to_contain_text("Saved at")
    made.refresh_from_db()
    assert made.tagline == "Come"
    press(page.get_by_role("button", name="Save and on to Check"))
    expect(page.get_by_role("navigation", name="Steps of the campaign").get_by_role("link")).to_have_count(6)
    press(page.get_by_role("link", name="On to Publish"))
    expect(page.get_by_role("heading", name="Publish")).to_be_visible()
    assert complaints == []


@DESK
def test_what_is_typed_survives_the_closing_of_the_page(signed_in: Page, campaign, live_server, phone):
    page, address = signed_in, f"{live_server.url}/admin/campaigns/campaign/{campaign.pk}/build/audience/"
    page.goto(address)
    page.locator("[name=name]").fill("")
    expect(page.locator("[data-said]")).to_contain_text("Kept as you typed it")
    page.goto(address)
    expect(page.get_by_role("heading", name="You were not finished here")).to_be_visible()
    assert page.locator("[name=name]").input_value() == ""


@DESK
def test_two_tabs_do_not_write_over_each_other(signed_in: Page, campaign, live_server, phone):
    address = f"{live_server.url}/admin/campaigns/campaign/{campaign.pk}/build/look/"
    one, other = signed_in, signed_in.context.new_page()
    for tab in (one, other):
        tab.goto(address)
    one.locator("[name=tagline]").fill("One")
    expect(one.locator("[data-said]")).to_contain_text("Saved at")
    other.locator("[name=tagline]").fill("Other")
    expect(other.locator("[data-stale]")).to_be_visible()
    campaign.refresh_from_db()
    assert campaign.tagline == "One"
    other.get_by_role("button", name="Put mine in its place").click()
    expect(other.locator("[data-said]")).to_contain_text("Saved at")
    campaign.refresh_from_db()
    assert campaign.tagline == "Other"


@DESK
def test_tasks_are_dragged_into_their_order(signed_in: Page, campaign, live_server, phone):
    for number in range(2):
        campaign.tasks.create(key=f"more-{number}", title=f"More {number}", kind="checkin", position=10 + number)
    signed_in.goto(f"{live_server.url}/admin/campaigns/campaign/{campaign.pk}/build/tasks/")
    before = list(campaign.tasks.values_list("key", flat=True))
    handles = signed_in.locator("section[aria-labelledby=tasks] [data-handle]")
    start, end = handles.last.bounding_box(), handles.first.bounding_box()
    assert start
    assert end
    signed_in.mouse.move(start["x"] + 5, start["y"] + 5)
    signed_in.mouse.down()
    signed_in.mouse.move(end["x"] + 5, end["y"] - 12, steps=12)
    signed_in.mouse.up()
    expect(signed_in.locator("[data-said]")).to_contain_text("Saved at")
    assert list(campaign.tasks.values_list("key", flat=True)) == [before[-1], *before[:-1]]
