"""What the builder's forms do in a browser; how a campaign is built with them is told in test_operator_story."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser-admin")]
DESK = pytest.mark.parametrize(
    "phone", [{"viewport": {"width": 1366, "height": 768}, "is_mobile": False}], ids=["desk"]
)


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


@pytest.mark.parametrize(
    "phone", [{"viewport": {"width": 1366, "height": 1200}, "is_mobile": False}], ids=["high desk"]
)
def test_tasks_are_dragged_into_their_order(signed_in: Page, campaign, live_server, phone):
    for number in range(2):
        campaign.tasks.create(key=f"more-{number}", title=f"More {number}", kind="checkin", position=10 + number)
    signed_in.goto(f"{live_server.url}/admin/campaigns/campaign/{campaign.pk}/build/tasks/")
    before = list(campaign.tasks.values_list("key", flat=True))
    handles = signed_in.locator("section[aria-labelledby=tasks] [data-handle]")
    start, end = handles.last.bounding_box(), handles.first.bounding_box()
    assert start
    assert end
    # No scrolling and nothing above it: the whole way is in sight.
    assert start["y"] < 1_000
    signed_in.mouse.move(start["x"] + 5, start["y"] + 5)
    signed_in.mouse.down()
    signed_in.mouse.move(end["x"] + 5, end["y"] - 12, steps=12)
    signed_in.mouse.up()
    expect(signed_in.locator("[data-said]")).to_contain_text("Saved at")
    assert list(campaign.tasks.values_list("key", flat=True)) == [before[-1], *before[:-1]]
