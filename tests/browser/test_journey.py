"""From the shop's link to the prize, with and without JavaScript."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from rewards.models import Draw
from tests.browser import fair

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

WITH_AND_WITHOUT = pytest.mark.parametrize(
    "phone", [{"java_script_enabled": True}, {"java_script_enabled": False}], ids=["with-js", "without-js"]
)


def answer_quiz(page: Page, choices: list[str]) -> None:
    for number, choice in enumerate(choices, start=1):
        page.get_by_label(choice, exact=True).check()
        if number < len(choices):
            page.get_by_role("button", name="Next question").click()
    page.get_by_role("button", name="Hand in").click()


@WITH_AND_WITHOUT
def test_a_member_enters_finishes_the_chain_and_draws(page: Page, campaign, entry_link, live_server, phone):
    page.goto(entry_link("ann"))
    expect(page).to_have_url(f"{live_server.url}/h5/c/fair/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Milk fair")
    expect(page.get_by_text("First: Check in today").first).to_be_visible()

    page.get_by_role("button", name="Check in Check in today").first.click()
    expect(page.get_by_text("Done! You received 1 draw chance, 10 points.")).to_be_visible()

    page.get_by_role("link", name="Go Milk quiz").first.click()
    answer_quiz(page, fair.WRONG)
    expect(page.get_by_text("0 of 3 right, 2 are needed. Try again!")).to_be_visible()
    answer_quiz(page, fair.RIGHT)
    expect(page.get_by_text("Done! You received 10 points.")).to_be_visible()

    fair.order("o-1", now=timezone.now())
    page.get_by_role("link", name="Go Two orders").click()
    expect(page.get_by_role("progressbar", name="Progress")).to_have_attribute("value", "1")
    fair.order("o-2", now=timezone.now())
    page.reload()
    expect(page.get_by_text("Done. You have finished this task.")).to_be_visible()

    page.get_by_role("link", name=re.compile("^Draw")).last.click()
    expect(page.get_by_text("2 chances left")).to_be_visible()
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.get_by_role("heading", name="Milk for nothing")).to_be_visible(timeout=10_000)
    code = page.locator("code").inner_text()
    assert code.startswith("MILK-")

    page.get_by_role("link", name="My prizes").click()
    expect(page.get_by_role("heading", name="My prizes")).to_be_visible()
    page.get_by_role("link", name="Milk for nothing").click()
    expect(page.locator("code").last).to_have_text(code)
    assert Draw.objects.count() == 1


@WITH_AND_WITHOUT
def test_a_reward_is_claimed_by_hand(page: Page, campaign, entry_link, phone):
    page.goto(entry_link("ann", "/h5/c/fair/t/extra/"))
    answer_quiz(page, ["Two hours"])
    expect(page.get_by_text("Done! Your reward is waiting to be claimed.")).to_be_visible()
    page.get_by_role("button", name="Claim").click()
    expect(page.get_by_text("Done! You received 10 points.")).to_be_visible()


@pytest.mark.parametrize("phone", [{"java_script_enabled": False}], ids=["without-js"])
def test_a_quiz_with_an_answer_missing_says_which(page: Page, campaign, entry_link, phone):
    page.goto(entry_link("ann", "/h5/c/fair/t/sign/"))
    page.get_by_role("button", name="Check in", exact=True).click()
    page.get_by_role("link", name="Go Milk quiz").click()
    page.locator("form.quiz").evaluate("form => { form.noValidate = true }")
    page.get_by_role("button", name="Next question").click()
    expect(page.get_by_text("Please choose one of the answers.")).to_be_visible()
    page.get_by_label("Two hours").check()
    page.get_by_role("button", name="Next question").click()
    page.get_by_role("link", name="Previous question").click()
    expect(page.get_by_label("Two hours")).to_be_checked()
