"""A rehearsal as an operator does it: refused, mended, warned, acknowledged, published."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Campaign
from members.models import Member
from tests.campaigns import scenes

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser-admin")]


@pytest.fixture
def draft(live_server) -> Campaign:
    """It takes nine days to view things on nine days, and the campaign is open for five; nobody has gold."""
    now = timezone.now()
    paid, _gold = scenes.make_level("paid"), scenes.make_level("gold", 2)
    Member.objects.bulk_create(Member(uid=f"m{number}", level=paid) for number in range(30))
    views = scenes.task("views", "event", config={"type": "view", "count": 9, "distinct": "days"}, title="Nine days")
    gold = scenes.task("gold", audience={"levels": ["gold"]}, title="For gold")
    return scenes.draft(
        opens_at=(now - timedelta(hours=1)).isoformat(),
        closes_at=(now + timedelta(days=4)).isoformat(),
        tasks=[views, gold],
        pools=[],
    )


def test_it_is_refused_mended_acknowledged_and_published(signed_in: Page, live_server, draft):
    page = signed_in
    with override_settings(CAMPAIGN_REVIEW=False):
        page.goto(f"{live_server.url}/admin/campaigns/campaign/{draft.pk}/change/")
        page.get_by_role("button", name="Save and publish").click()
        expect(page.get_by_text("Task “Nine days” takes 9 days")).to_be_visible()

        page.goto(f"{live_server.url}/admin/campaigns/campaign/{draft.pk}/rehearsal/")
        expect(page.get_by_role("heading", name="This cannot be published yet")).to_be_visible()
        expect(page.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
        too_long = page.get_by_role("listitem").filter(has_text="Task “Nine days” takes 9 days")
        too_long.get_by_role("link", name="Mend it").click()
        page.get_by_label("How many times", exact=False).first.wait_for()
        page.locator("#id_config_count, #id_count").first.fill("3")
        page.get_by_role("button", name="Save", exact=True).click()

        page.goto(f"{live_server.url}/admin/campaigns/campaign/{draft.pk}/rehearsal/")
        expect(page.get_by_role("heading", name="1 warning to acknowledge")).to_be_visible()
        page.get_by_label("I have read this").check()
        page.get_by_role("button", name="Acknowledge what is ticked").click()
        expect(page.get_by_role("heading", name="Nothing stands in the way")).to_be_visible()
        page.get_by_role("button", name="Publish", exact=True).click()
        expect(page.get_by_text("is published as revision 1")).to_be_visible()

    assert Campaign.objects.get().state == "live"
