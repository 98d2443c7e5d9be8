"""An operator previews a campaign as three members, and goes on inside one of the frames."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from campaigns.models import Enrolment
from operations import undone
from tests.campaigns.scenes import make_level, make_member, publish, task

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
]
DESK = {"viewport": {"width": 1366, "height": 768}, "is_mobile": False}


@pytest.mark.parametrize("phone", [DESK], ids=["desktop"])
def test_three_members_are_previewed_beside_each_other(signed_in: Page, live_server, monkeypatch, phone):
    page = signed_in
    monkeypatch.setattr(undone, "SECONDS", 30)
    paid = make_level("paid")
    campaign = publish(tasks=[task("check-in"), task("extra", audience={"levels": ["paid"]})])
    for uid in ("ann", "bob"):
        make_member(uid)
    make_member("carol", level=paid)

    page.goto(live_server.url + reverse("admin:campaigns_campaign_preview", args=[campaign.pk]))
    for uid in ("ann", "bob", "carol"):
        if uid != "ann":
            page.locator(".preview-chooser > summary").click()
        page.locator("input[name=who][value=member]").check()
        page.locator("input[name=member]").fill(uid)
        page.locator("input[name=at_0]").fill("2026-11-13")
        page.locator("input[name=at_1]").fill("20:00")
        page.locator("button[name=another]" if uid != "ann" else ".preview-form button.is-main").click()
        expect(page.locator(".preview-face")).to_have_count(["ann", "bob", "carol"].index(uid) + 1)

    frames = [page.locator("iframe").nth(number).content_frame for number in range(3)]
    for frame in frames:
        expect(frame.locator(".preview-banner")).to_be_visible()
    assert [frame.get_by_text("Task extra").count() > 0 for frame in frames] == [False, False, True]
    expect(page.locator(".preview-face .is-hidden", has_text="Task extra")).to_have_count(2)

    # What is done in a frame goes on there, and nowhere else.
    frames[0].locator("a[href*='/t/check-in/']").first.click()
    page.wait_for_function("frames[0].location.pathname.includes('/t/check-in/')")
    frames[0].locator("main form button").first.click()
    expect(frames[0].locator(".preview-banner")).to_be_visible()
    page.wait_for_function("frames[0].location.pathname.includes('told-before')", timeout=30_000)
    frames[0].locator(".preview-banner a").click()
    expect(page.locator(".preview-before li")).to_have_count(1)
    # What the frame still loads would meet the end of the test.
    page.wait_for_load_state("networkidle")
    assert not Enrolment.objects.exists()
