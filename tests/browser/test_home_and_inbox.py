"""From a bookmark to what waits, and out again: with scripts and without."""

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from members import inbox, inbox_kinds
from members.models import InboxMessage, Member
from rewards.chances import grant_chances

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

BOTH = pytest.mark.parametrize("phone", [{}, {"java_script_enabled": False}], ids=["scripts", "no-scripts"])


@pytest.fixture
def ann(campaign) -> Member:
    member = Member.objects.get(uid="ann")
    grant_chances(member.pk, "campaign:fair", count=2, key="start", now=campaign.opens_at)
    letters = [("news", "New in the mall", "/h5/mall/"), ("hours", "Our hours", "")]
    told = [
        inbox.Message(member.pk, inbox_kinds.TEXT, key, {"title": title, "text": "Have a look."}, link)
        for key, title, link in letters
    ]
    with transaction.atomic():
        inbox.put(told, now=timezone.now())
    return member


@BOTH
def test_a_bookmark_leads_to_what_waits_and_the_inbox_empties(page: Page, ann, entry_link, phone, live_server):
    page.goto(entry_link("ann", "/h5/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("My campaigns")
    card = page.get_by_role("link", name="Milk fair")
    expect(card).to_contain_text("2 draw chances")
    card.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Milk fair")

    page.get_by_role("link", name="Mine").click()
    page.get_by_role("navigation", name="Mine").get_by_role("link", name="Inbox").click()
    page.get_by_role("link", name="New in the mall").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Points mall")
    # The mall still knows the way back to the campaign.
    expect(page.get_by_role("link", name="Campaign", exact=True)).to_be_visible()
    page.go_back()
    page.reload()
    expect(page.locator(".letter-new")).to_have_count(1)
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("1 message is marked as read.")).to_be_visible()
    expect(page.locator(".badge", has_text="Unread")).to_have_count(0)
    assert not InboxMessage.objects.filter(read_at=None).exists()

    page.get_by_role("link", name="Our hours").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Our hours")
    page.get_by_role("link", name="Mine").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.goto(f"{live_server.url}/h5/me/inbox/")
    expect(page.get_by_role("heading", name="How to get in")).to_be_visible()
