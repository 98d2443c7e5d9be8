"""What frames every page: the policy, the campaign's colour, the language, the door, and rest for who wants none.

That each page fits, can be read aloud and keeps to the policy is what the tour looks at.
"""

import pytest
from playwright.sync_api import Page, expect

from members.models import Member
from rewards.chances import grant_chances
from rewards.models import Draw

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]


def test_the_policy_is_strict_and_the_campaigns_colour_is_there(page: Page, campaign, entry_link):
    answer = page.goto(entry_link("ann"))
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--brand')") == "#d4380d"


def test_the_language_is_switched_at_the_foot_of_the_page(page: Page, campaign, entry_link, live_server):
    page.goto(entry_link("ann"))
    page.get_by_role("button", name="中文").click()
    expect(page).to_have_url(f"{live_server.url}/h5/c/fair/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")


def test_a_link_opens_the_door_once(page: Page, context, campaign, entry_link):
    link = entry_link("ann")
    page.goto(link)
    context.clear_cookies()
    answer = page.goto(link)
    assert answer.status == 403
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has been used already.")
    expect(page.get_by_text("Please open the campaign again from the shop's app.")).to_be_visible()


@pytest.mark.parametrize("phone", [{"reduced_motion": "reduce"}], ids=["calm"])
def test_who_wants_no_motion_sees_the_result_at_once(page: Page, campaign, entry_link, phone):
    ann = Member.objects.get(uid="ann")
    grant_chances(ann.pk, "campaign:fair", count=1, key="start", now=campaign.opens_at)
    page.goto(entry_link("ann", "/h5/c/fair/draw/"))
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible(timeout=2_000)
    expect(page.get_by_role("dialog").get_by_role("button", name="Copy")).to_be_visible()
    assert page.locator(".confetti").count() == 0
    assert page.locator("[data-wheel]").evaluate("wheel => wheel.getAnimations().length") == 0
    assert Draw.objects.count() == 1
