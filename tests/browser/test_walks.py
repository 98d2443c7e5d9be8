"""Small things done on the way, with scripts and without; and the whole way by the keys alone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from campaigns import playing
from campaigns.models import EnergyDrop, Enrolment, Progress
from members.models import Member
from rewards.models import Draw
from tests.browser import fair
from tests.browser.test_journey import WITH_AND_WITHOUT
from tests.campaigns import scenes

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

ENERGY = {
    "sources": [{"task": "word", "amount": 20, "per_day": 1}],
    "matures_at": "00:00",
    "lasts_days": 5,
    "milestones": [{"at": 20, "reward": {"points": 7}}],
}


@pytest.fixture
def small_things(live_server) -> Member:
    """A campaign of a word, a page to browse and a friend's wish, and energy; returns the friend."""
    tasks = [
        scenes.task("word", "redeem_code", title="Secret word", config={"words": ["Good Milk"]}),
        scenes.task("tour", "browse", title="Look around", config={"seconds": 15, "url": "https://example.com/"}),
        scenes.task("cheer", "assist", title="Cheer", config={"helps": 2, "helper_reward": {"points": 2}}),
    ]
    fair.open_fair(now=timezone.now(), tasks=tasks, chains=[], features={"energy": ENERGY})
    return Member.objects.create(uid="bea", name="Bea")


@WITH_AND_WITHOUT
def test_a_word_a_look_around_a_friend_helped_and_energy_collected(page: Page, small_things, entry_link, phone):
    page.goto(entry_link("ann", "/h5/c/fair/t/word/"))
    for word, answer in [("Sour Milk", "This is not the code."), ("good milk", "Done! You received 10 points.")]:
        page.get_by_role("textbox", name="Code").fill(word)
        page.get_by_role("button", name="Redeem").click()
        expect(page.get_by_text(answer)).to_be_visible()

    page.goto(entry_link("ann", "/h5/c/fair/t/tour/"))
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("link", name="To the page")).to_have_attribute("href", "https://example.com/")
    looked_for(20)
    page.get_by_role("button", name="I am back").click()
    expect(page.get_by_text("Done! You received 10 points.")).to_be_visible()

    link = playing.submit(small_things, "fair", "cheer", {}, now=timezone.now()).result["link"]
    page.goto(entry_link("ann", link))
    page.locator("form .button-big").click()
    expect(page.get_by_text("You received 2 points.")).to_be_visible()
    expect(page.get_by_role("link", name="To the campaign")).to_be_visible()

    EnergyDrop.objects.update(matures_at=timezone.now() - timedelta(hours=1))
    page.goto(entry_link("ann", "/h5/c/fair/energy/"))
    page.get_by_role("button", name="Collect all 20").click()
    expect(page.get_by_text("Milestone reached!")).to_be_visible()
    page.goto(entry_link("ann", "/h5/me/points/"))
    expect(page.get_by_text("+7", exact=True)).to_be_visible()
    assert Enrolment.objects.get(member__uid="ann").energy_gains.count() == 1


def looked_for(seconds: int) -> None:
    """Let the look around have begun so many seconds ago."""
    progress = Progress.objects.get(task_key="tour")
    progress.data["seen_at"] = (timezone.now() - timedelta(seconds=seconds)).isoformat()
    progress.save()


def test_the_whole_way_by_the_keys_alone(page: Page, campaign, entry_link, live_server):
    page.goto(entry_link("ann"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    press(page, page.get_by_role("button", name="Check in Check in today").first)
    expect(page.get_by_text("Done! You received 1 draw chance, 10 points.")).to_be_visible()

    press(page, page.get_by_role("link", name="Go Milk quiz").first)
    for number, choice in enumerate(fair.RIGHT, start=1):
        tab_to(page, page.locator("fieldset:visible input").first)
        page.keyboard.press("Space")
        for _ in range(fair.QUESTIONS[number - 1]["choices"].index(choice)):
            page.keyboard.press("ArrowDown")
        expect(page.get_by_label(choice, exact=True)).to_be_checked()
        press(page, page.get_by_role("button", name="Hand in" if number == len(fair.RIGHT) else "Next question"))
    expect(page.get_by_text("Done! You received 10 points.")).to_be_visible()

    press(page, page.get_by_role("link", name="Draw").last)
    press(page, page.get_by_role("button", name="Draw", exact=True), "Space")
    expect(page.get_by_role("heading", name="Milk for nothing")).to_be_visible(timeout=10_000)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert Draw.objects.count() == 1


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    tab_to(page, wanted)
    page.keyboard.press(key)


def tab_to(page: Page, wanted: Locator) -> None:
    """Tab until `wanted` has the focus, which can then be seen; twice round the page is far enough."""
    expect(wanted).to_be_visible()
    for _ in range(80):
        if wanted.evaluate("each => each === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()
    seen = (
        "each => { const look = getComputedStyle(each); return each.type === 'radio' || look.outlineStyle !== 'none' }"
    )
    assert wanted.evaluate(seen), "the focus cannot be seen"
