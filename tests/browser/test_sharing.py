"""Members who send links and posters, and friends who come by them, in a real browser."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Help
from members.models import Member
from tests.browser import fair
from tests.campaigns import scenes

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

# What a phone has and this browser has not: the sheet, and files that it takes.
SHEET = """
  window.sent = [];
  navigator.share = async (data) => { window.sent.push(Object.keys(data).sort().join()); };
  navigator.canShare = (data) => Boolean(data.files);
"""
TASKS = [
    scenes.task("help", "assist", config={"helps": 2, "helper_reward": {"points": 3}}),
    scenes.task("pass-on", "share", config={"count": 1}),
]


@pytest.fixture
def shared(live_server):
    return fair.open_fair(now=timezone.now(), tasks=TASKS, chains=[])


def come_in(page: Page, entry_link, uid: str, onward: str) -> None:
    Member.objects.get_or_create(uid=uid, defaults={"name": f"{uid} Example"})
    page.goto(entry_link(uid, onward))


def test_a_link_is_copied_shown_drawn_and_sent_and_a_friend_answers_it(page, shared, entry_link, live_server):
    page.add_init_script(SHEET)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    come_in(page, entry_link, "ann", "/h5/c/fair/t/help/")
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_text("Copied. Now send it to your friends.")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{live_server.url}/h5/s/")
    page.get_by_role("button", name="Send it", exact=True).click()
    # The poster is drawn for who opens it, and not before. By the keyboard:
    assert not any("poster" in each for each in asked)
    page.locator("summary", has_text="Poster").focus()
    page.keyboard.press("Enter")
    poster = page.get_by_role("img", name=re.compile("Poster of"))
    expect(poster).to_have_js_property("naturalWidth", 750)
    page.get_by_role("button", name="Send the poster").click()
    assert page.evaluate("window.sent") == ["text,title,url", "files"]
    page.locator("summary", has_text="QR code").click()
    expect(page.get_by_role("img", name="QR code of your link")).to_be_visible()
    expect(poster).to_be_hidden()

    page.context.clear_cookies()
    come_in(page, entry_link, "bob", link.removeprefix(live_server.url))
    expect(page.get_by_role("heading", level=1)).to_have_text("A** asks for your help")
    page.get_by_role("button", name="Help", exact=True).press("Enter")
    expect(page.get_by_text("You received 3 points.")).to_be_visible()
    assert Help.objects.count() == 1
    page.get_by_role("link", name="To the campaign").click()
    expect(page).to_have_url(f"{live_server.url}/h5/c/fair/")


def test_what_was_sent_by_the_sheet_counts_by_itself(page, shared, entry_link):
    page.add_init_script(SHEET)
    come_in(page, entry_link, "ann", "/h5/c/fair/t/pass-on/")
    page.get_by_role("button", name="Send it", exact=True).click()
    expect(page.get_by_text("Done!").first).to_be_visible()


@pytest.mark.parametrize("phone", [{"java_script_enabled": False}], ids=["no scripts"])
def test_without_scripts_the_link_the_poster_and_the_code_are_there(page, shared, entry_link, live_server, phone):
    come_in(page, entry_link, "ann", "/h5/c/fair/t/help/")
    expect(page.get_by_role("button", name="Copy the link")).to_be_hidden()
    link = page.locator(".share-link a").inner_text()
    page.locator("summary", has_text="Poster").click()
    expect(page.get_by_role("img", name=re.compile("Poster of"))).to_have_js_property("naturalWidth", 750)
    page.context.clear_cookies()
    page.goto(link)
    expect(page.get_by_role("heading", name="How to get in")).to_be_visible()
    come_in(page, entry_link, "bob", link.removeprefix(live_server.url))
    page.get_by_role("button", name="Help", exact=True).click()
    expect(page.get_by_role("heading", name="Now it is your turn")).to_be_visible()
