"""Tasks as members do them: by keys alone, without scripts, on a bad network, with what a phone brings along."""

import re
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, Route, expect

from campaigns.models import Submission
from tests.browser import fair
from tests.browser.looking import FAULTS
from tests.campaigns import scenes

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

WITHOUT = pytest.mark.parametrize("phone", [{"java_script_enabled": False}], ids=["without-js"])
NARROW = pytest.mark.parametrize("phone", [{"viewport": {"width": 360, "height": 740}}], ids=["360px"])
STREAK = {
    "streaks": [{"days": 3, "reward": {"points": 5}}],
    "make_up": {"days_back": 1, "per_month": 2, "unit": "points", "price": 5},
}
QUIZ = {"questions": fair.QUESTIONS, "pass": 2}


@pytest.fixture
def tasks(live_server):
    tasks = [
        scenes.task("quiz", "quiz", title="Quiz", config=QUIZ | {"attempts": 2}),
        scenes.task("days", title="Every day", period="daily", config=STREAK),
        scenes.task("proof", "proof", title="Proof", config={"picture": "required"}),
        scenes.task("rich", title="For the best", audience={"score_from": 80}),
        scenes.task("first", title="The first"),
        scenes.task("second", title="The second"),
    ]
    return fair.open_fair(now=timezone.now(), tasks=tasks, chains=[scenes.chain("path", "first", "second")])


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@NARROW
def test_a_quiz_by_keys_alone_outlasts_a_lost_network(page: Page, complaints, tasks, entry_link, phone):
    page.goto(entry_link("ann", "/h5/c/fair/t/quiz/"))
    expect(page.get_by_role("group")).to_have_count(1)
    page.get_by_label("Two hours").focus()
    press(page, "Space", "Enter")
    expect(page.get_by_text("Who keeps the cows?")).to_be_visible()
    press(page, "ArrowDown", "Enter")
    expect(page.get_by_text("Where is it kept?")).to_be_visible()
    press(page, "ArrowDown")

    def lose(route: Route) -> None:
        route.abort()

    page.route("**/t/quiz/", lose)
    press(page, "Enter")
    expect(page.get_by_text("The answer did not arrive.")).to_be_visible()
    page.unroute("**/t/quiz/", lose)
    complaints.clear()  # of the lost answer
    page.reload()
    expect(page.get_by_label("In the cold")).to_be_checked()
    page.get_by_role("button", name="Hand in").press("Enter")
    expect(page.locator(".notice:focus")).to_have_text("Done! You received 10 points.")
    assert page.evaluate(FAULTS) == []


@WITHOUT
def test_without_scripts_a_quiz_is_one_question_a_page(page: Page, tasks, entry_link, phone):
    page.goto(entry_link("ann", "/h5/c/fair/t/quiz/"))
    for number, choice in enumerate(fair.WRONG, start=1):
        expect(page.get_by_role("group")).to_have_count(1)
        page.get_by_label(choice, exact=True).check()
        page.get_by_role("button", name="Hand in" if number == 3 else "Next question").click()
    expect(page.get_by_text("0 of 3 right, 2 are needed. Try again!")).to_be_visible()
    expect(page.get_by_text("How fresh is the milk?")).to_be_visible()
    expect(page.get_by_label("Two weeks")).not_to_be_checked()


@NARROW
def test_a_check_in_changes_the_calendar_in_place(page: Page, tasks, entry_link, phone):
    page.goto(entry_link("ann", "/h5/c/fair/t/days/"))
    today = page.locator("td[aria-current=date]")
    expect(today).to_contain_text("today")
    page.evaluate("window.here = true")
    page.get_by_role("button", name="Check in", exact=True).press("Enter")
    expect(page.locator(".notice:focus")).to_have_text("Done! You received 10 points.")
    expect(today).to_contain_text("checked in")
    assert page.evaluate("window.here")
    page.get_by_role("button", name="Make up").first.press("Enter")
    expect(page.get_by_text("2 days checked in")).to_be_visible()
    assert page.evaluate("window.here")
    assert page.evaluate(FAULTS) == []


def picture(path: Path) -> Path:
    """A photograph's worth of noise, which no format makes small."""
    Image.effect_noise((1400, 1400), 90).convert("RGB").save(path, "PNG")
    return path


@NARROW
def test_a_proof_is_shown_made_smaller_and_refused_before_it_is_sent(page: Page, tasks, entry_link, phone, tmp_path):
    page.goto(entry_link("ann", "/h5/c/fair/t/proof/"))
    chooser = page.get_by_label("Picture")
    too_large = tmp_path / "film.png"
    with too_large.open("wb") as file:
        file.truncate(10 * 1024 * 1024 + 1)
    chooser.set_input_files(too_large)
    expect(page.get_by_role("alert").filter(has_text="larger than 10 MB")).to_be_visible()
    page.get_by_role("button", name="Hand in").click()
    assert not Submission.objects.exists()

    chooser.set_input_files(picture(tmp_path / "cow.png"))
    expect(page.locator("[data-shown] canvas")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="larger than 10 MB")).to_be_hidden()
    assert page.evaluate("document.querySelector('#picture').files[0].type") == "image/jpeg"
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator(".notice:focus")).to_contain_text("Handed in. We look at it soon")
    assert Submission.objects.get().file


@NARROW
def test_what_is_kept_from_a_member_leads_to_what_opens_it(page: Page, tasks, entry_link, live_server, phone):
    page.goto(entry_link("ann", "/h5/c/fair/t/rich/"))
    expect(page.get_by_role("heading", name="From 80 campaign score on")).to_be_visible()
    expect(page.get_by_text("You have 0 campaign score: 80 more, and it opens.")).to_be_visible()
    assert page.evaluate(FAULTS) == []
    page.goto(f"{live_server.url}/h5/c/fair/t/second/")
    expect(page.get_by_role("heading", name=re.compile("First: .*The first"))).to_be_visible()
    page.get_by_role("link", name="To this step").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The first")
