"""An operator sets up a webhook: the secret once, a test that arrives, and what arrived is sent again."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from demo import webhook_receiver
from operations import webhook_sending
from operations.models import WebhookEndpoint

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser-admin")]


def work() -> None:
    """What a worker does."""
    webhook_sending.pump(WebhookEndpoint.objects.get().pk, now=timezone.now, seconds=5)


def test_a_webhook_is_set_up_tried_and_told_again(signed_in: Page, live_server, complaints, settings):
    settings.WEBHOOKS_TO_PRIVATE = True
    page = signed_in
    with webhook_receiver.running() as receiver:
        page.goto(f"{live_server.url}/admin/operations/webhookendpoint/add/")
        page.get_by_label("Name").fill("CRM")
        page.get_by_label("Address").fill(f"{receiver.url}/hooks")
        page.get_by_role("checkbox", name=re.compile("member.level_changed")).check()
        page.get_by_role("button", name="Save", exact=True).click()
        secret = page.locator("code", has_text="whsec_").inner_text()
        receiver.secrets.append(secret)
        page.get_by_role("link", name="I have copied it").click()
        assert secret not in page.content()

        page.get_by_role("button", name="Send a test event").click()
        expect(page.locator("#webhook-tries")).to_contain_text("It is on its way")
        work()
        # The page asks by itself how it stands.
        expect(page.locator("#webhook-tries .webhook-table")).to_contain_text("204")
        first = page.locator("dd code").inner_text()

        page.get_by_role("button", name="Send again").click()
        expect(page.locator("#webhook-tries")).to_contain_text("It is on its way")
        receiver.switches.answer = 500
        work()
        expect(page.locator("#webhook-tries .webhook-table")).to_contain_text("answered 500, as it was told to")

    assert [(each.message_id, each.fault, each.answered) for each in receiver.received] == [
        (first, "", 204),
        (first, "", 500),
    ]
    page.goto(f"{live_server.url}/admin/operations/webhookendpoint/{WebhookEndpoint.objects.get().pk}/change/")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.get_by_role("button", name="New secret").click()
    expect(page.locator("code", has_text="whsec_")).not_to_contain_text(secret)
    assert len(asked) == 1
    page.goto(f"{live_server.url}/admin/operations/webhookendpoint/")
    # What failed was a test: of the facts it says nothing.
    expect(page.locator("#result_list")).to_contain_text("CRM")
    expect(page.locator("#result_list")).not_to_contain_text("failing")
    assert complaints == []
