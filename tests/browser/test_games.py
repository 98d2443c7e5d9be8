"""A round of each game of the house, and that the page plays by the rules of the server."""

import json
import re
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Progress
from tests.browser import fair
from tests.campaigns import scenes
from tests.campaigns.kinds import lamps

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "games"
MODELS = ROOT / "static" / "h5" / "games" / "models.js"
SMALL = pytest.mark.parametrize("phone", [{"viewport": {"width": 360, "height": 740}}], ids=["360"])
WITHOUT_SCRIPTS = pytest.mark.parametrize("phone", [{"java_script_enabled": False}], ids=["without-js"])
CATCH = {"game": "catch", "seconds": 10, "pass": 1, "best": 20}
LIGHTS = {"game": "lights", "levels": 2}


@pytest.fixture
def games(live_server):
    tasks = [
        scenes.task("catch", "mini_game", title="Catch", config=CATCH),
        scenes.task("lamps", "level_game", title="Lamps", config=LIGHTS),
    ]
    return fair.open_fair(now=timezone.now(), tasks=tasks, chains=[])


def begun_earlier(key: str, seconds: int) -> dict:
    """Let the round have begun so many seconds ago; the page's clock was put forward as well. Returns the round."""
    progress = Progress.objects.get(task_key=key)
    begun = timezone.datetime.fromisoformat(progress.data["round"]["at"])
    progress.data["round"]["at"] = (begun - timezone.timedelta(seconds=seconds)).isoformat()
    progress.save()
    return progress.data["round"]


def cases(name: str) -> list[dict]:
    return json.loads((CASES / f"{name}.json").read_text())


@pytest.fixture
def models(page: Page) -> Page:
    page.add_script_tag(path=MODELS)
    return page


def test_the_page_reckons_the_numbers_of_the_server(models: Page):
    reckon = "({seed, below, numbers}) => { const next = models.numbers(seed); return numbers.map(() => next(below)); }"
    for case in cases("numbers"):
        assert models.evaluate(reckon, case) == case["numbers"]


def test_the_page_plays_a_catch_game_as_the_server_plays_it_again(models: Page):
    play = """({seed, seconds, inputs}) => {
        const wanted = new Map(inputs.split(" ").filter(Boolean).map((each) => each.split(":").map(Number)));
        const game = models.catching(seed, seconds);
        while (game.tick < game.total) game.step(wanted.get(game.tick + 1) ?? game.target);
        return [game.score(), game.falls.map(({born, lands, x, kind}) => [born, lands, x, kind])];
    }"""
    for case in cases("catching"):
        score, fallen = models.evaluate(play, case)
        assert score == case["score"], case["name"]
        assert (len(fallen), fallen[0], fallen[-1]) == (case["falls"], case["first"], case["last"])


def test_the_page_has_the_boards_of_the_server(models: Page):
    solve = """({seed, level, presses}) => {
        const size = models.sizeOf(level);
        const first = models.board(seed, level);
        const cells = presses.split(" ").filter(Boolean).map(Number);
        const on = cells.reduce((now, cell) => models.press(now, size, cell), first);
        return [size, first, on === 0];
    }"""
    for case in cases("lights"):
        assert models.evaluate(solve, case) == [case["size"], case["board"], case["solved"]]


@SMALL
def test_a_round_of_the_catch_game(page: Page, games, entry_link, phone):
    page.clock.install()
    page.goto(entry_link("ann", "/h5/c/fair/t/catch/"))
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    begun_earlier("catch", 15)
    page.get_by_role("button", name="Start").click()
    field = page.locator("canvas").bounding_box()
    page.touchscreen.tap(field["x"] + field["width"] * 0.9, field["y"] + 200)
    page.clock.run_for(3_000)
    page.keyboard.down("ArrowLeft")
    page.clock.run_for(700)
    page.keyboard.up("ArrowLeft")
    page.clock.run_for(9_000)
    page.clock.resume()
    expect(page.get_by_text(re.compile("Done! You received 10 points|You reached 0, 1 are needed"))).to_be_visible()
    data = Progress.objects.get(task_key="catch").data
    assert "round" not in data
    assert len(data["used"]) == 1


def test_a_game_begun_again_after_too_low_a_score(page: Page, games, entry_link):
    scenes.publish(
        slug="second",
        opens_at=games.opens_at.isoformat(),
        closes_at=games.closes_at.isoformat(),
        tasks=[scenes.task("catch", "mini_game", config=CATCH | {"pass": 500, "rounds": 2})],
    )
    page.goto(entry_link("ann", "/h5/c/second/t/catch/"))
    expect(page.get_by_text("2 rounds left")).to_be_visible()
    page.get_by_role("button", name="Play").click()
    begun_earlier("catch", 15)
    form = page.locator("form[data-once]").last
    form.evaluate(
        "form => { form.elements.score.value = '999'; form.elements.moves.value = ''; form.requestSubmit(); }"
    )
    expect(page.get_by_text("This score is not what was played.")).to_be_visible()


@SMALL
def test_the_lamps_level_by_level(page: Page, games, entry_link, phone):
    page.goto(entry_link("ann", "/h5/c/fair/t/lamps/"))
    page.get_by_role("button", name="Play").click()
    for level in (1, 2):
        expect(page.get_by_role("heading", name=f"Level {level}")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        begun = begun_earlier("lamps", 5)
        for cell in lamps.solution(begun["seed"], level).split():
            row, column = divmod(int(cell), 3)
            page.get_by_role("button", name=f"Lamp in row {row + 1}, column {column + 1}").click()
    expect(page.get_by_text("Done! You received 10 points.")).to_be_visible()


def test_the_lamps_are_played_with_the_keys(page: Page, games, entry_link):
    page.goto(entry_link("ann", "/h5/c/fair/t/lamps/"))
    page.get_by_role("button", name="Play").click()
    first = page.get_by_role("button", name="Lamp in row 1, column 1")
    was = first.get_attribute("aria-pressed")
    first.focus()
    page.keyboard.press("Space")
    expect(first).not_to_have_attribute("aria-pressed", was)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Lamp in row 2, column 1")).to_be_focused()
    page.get_by_role("button", name="Start this level over").click()
    expect(first).to_have_attribute("aria-pressed", was)


@WITHOUT_SCRIPTS
@pytest.mark.parametrize("key", ["catch", "lamps"])
def test_without_scripts_a_game_says_so_and_offers_nothing(page: Page, games, entry_link, phone, key):
    page.goto(entry_link("ann", f"/h5/c/fair/t/{key}/"))
    expect(page.get_by_text("This game needs JavaScript.")).to_be_visible()
    assert page.get_by_role("button", name="Play").count() == 0
