"""The editor of odds in a real browser: what is left is shown while one types, and is spread to the millionth."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rewards.models import PrizePool
from tests.rewards.build import gift, pool

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser-admin")]

CASES = json.loads((Path(__file__).parents[1] / "cases" / "odds_spreading.json").read_text())
RUN = """async ([address, cases]) => {
  const editor = await import(address);
  const ways = {give_rest: editor.giveRest, in_proportion: editor.spreadInProportion, evenly: editor.spreadEvenly};
  return cases.map((each) => ways[each.how](each.odds, each.to));
}"""


@pytest.fixture
def draft(live_server) -> PrizePool:
    gold, silver = gift("gold", "shared_coupon", face_value=100, cost=40), gift("silver", "points", amount=5)
    return pool((gold, 10_000, 10), (silver, 20_000, None), consolation=(gift("thanks"), 30_000))


@pytest.fixture
def editor(signed_in: Page, live_server, draft) -> Page:
    signed_in.goto(f"{live_server.url}/admin/rewards/prizepool/{draft.pk}/change/")
    return signed_in


def percents(page: Page) -> list[str]:
    return [page.locator(f"#id_prizes-{number}-percent").input_value() for number in range(3)]


def test_the_browser_spreads_as_the_server_does(editor, live_server):
    address = f"{live_server.url}/static/rewards/odds_editor.js"
    assert editor.evaluate(RUN, [address, CASES]) == [case["after"] for case in CASES]


def test_what_is_left_follows_every_key(editor):
    told = editor.locator("#odds-total")
    expect(told).to_contain_text("94 % is left to 100 %.")
    editor.locator("#id_prizes-0-percent").fill("94.9999")
    expect(told).to_contain_text("0.0001 % is left to 100 %.")
    editor.locator("#id_prizes-0-percent").fill("95.0001")
    expect(told).to_contain_text("That is 0.0001 % over 100 %.")
    editor.locator("#id_prizes-0-percent").fill("95,1")
    expect(told).to_contain_text("not a number with up to four decimals")
    editor.locator("#id_prizes-0-percent").fill("95")
    expect(told).to_contain_text("That is exactly 100 %.")


@pytest.mark.parametrize(
    ("button", "after"),
    [
        ("Give the rest to the consolation prize", ["1", "2", "97"]),
        ("Spread over all in proportion", ["16.6667", "33.3333", "50"]),
        ("Spread over all evenly", ["32.3334", "33.3333", "34.3333"]),
    ],
)
def test_a_button_spreads_the_rest_and_what_is_saved_is_exactly_that(editor, draft, button, after):
    editor.get_by_role("button", name=button).click()
    assert percents(editor) == after
    expect(editor.locator("#odds-total")).to_contain_text("That is exactly 100 %.")
    expect(editor.get_by_role("button", name=button)).to_be_disabled()
    editor.get_by_role("button", name="Save and publish").click()
    expect(editor.get_by_text("is published as version 1")).to_be_visible()
    assert sum(draft.prizes.values_list("odds", flat=True)) == 1_000_000


def test_what_the_odds_bring_is_reckoned_while_one_types(editor, draft):
    preview = editor.locator(".pool-preview")
    expect(preview).to_contain_text("¥400")
    editor.locator("#id_prizes-0-percent").fill("50")
    expect(preview).to_contain_text("¥20,000")
    editor.locator("#id_prizes-0-per_day").fill("11")
    expect(preview).to_contain_text("Released by time")
    expect(preview).to_contain_text("11 a day are more than 10 in all")
    assert draft.prizes.get(key="gold").odds == 10_000


def test_the_bar_below_odds_follows_them(editor):
    editor.locator("#id_prizes-0-percent").fill("42")
    assert editor.locator(".odds-input", has=editor.locator("#id_prizes-0-percent")).locator("progress").evaluate(
        "bar => bar.value"
    ) == pytest.approx(42)


def test_the_rest_goes_to_the_prize_that_is_chosen(editor):
    editor.locator("tr", has=editor.locator("#id_prizes-0-percent")).get_by_role("button", name="Rest to this").click()
    assert percents(editor) == ["95", "2", "3"]
    expect(editor.locator("#odds-total")).to_contain_text("That is exactly 100 %.")
    expect(editor.get_by_role("button", name="Rest to this")).to_have_count(0)
    expect(editor.locator(".odds-stack figcaption")).to_contain_text("95 %")


@pytest.mark.parametrize("phone", [{"java_script_enabled": False}], ids=["without JavaScript"])
def test_without_javascript_a_button_saves_and_spreads_and_enter_only_saves(editor, draft, phone):
    editor.locator("#id_prizes-0-percent").fill("3")
    editor.locator("#id_prizes-0-percent").press("Enter")
    assert list(draft.prizes.values_list("odds", flat=True)) == [30_000, 20_000, 30_000]
    editor.get_by_role("button", name="Give the rest to the consolation prize").click()
    assert list(draft.prizes.values_list("odds", flat=True)) == [30_000, 20_000, 950_000]


def test_another_gift_is_reckoned_as_soon_as_it_is_chosen(editor):
    """A list that is searched tells no event of the browser by itself: the old gift would stand there."""
    preview = editor.locator(".pool-preview")
    expect(preview).to_contain_text("Gold")
    editor.locator("#id_prizes-0-gift").locator("xpath=following-sibling::span[1]").click()
    editor.get_by_role("option", name="Silver", exact=True).click()
    expect(preview).not_to_contain_text("Gold")
