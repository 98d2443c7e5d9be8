import json

import pytest

from campaigns.games import lights, signing
from campaigns.kinds.level_game import KIND
from tests.campaigns.kinds import lamps, pure
from tests.campaigns.story import name_of, play, stories

LIGHTS = {"game": "lights", "levels": 5}


@pytest.mark.parametrize("story", pure.stories("level_game"), ids=lambda story: story["name"])
def test_stories(story):
    pure.play(story, KIND, "level_game")


CASES = json.loads((pure.CASES / "games" / "lights.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_board_and_its_solution_are_those_of_the_page(case):
    seed, level = case["seed"], case["level"]
    assert (lights.size_of(level), lights.board(seed, level)) == (case["size"], case["board"])
    assert lights.is_solved(seed, level, case["presses"]) is case["solved"]


def test_every_board_has_something_to_solve_and_can_be_solved():
    for seed in range(40):
        for level in range(1, lights.MOST_LEVELS + 1):
            assert lights.board(seed, level)
            assert lights.is_solved(seed, level, lamps.solution(seed, level))


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({}, "game"),
        ({"game": "lights"}, "levels"),
        ({**LIGHTS, "levels": 31}, "levels"),
        ({**LIGHTS, "pass": 6}, "pass"),
        ({**LIGHTS, "url": "/game/"}, "url"),
        ({**LIGHTS, "rounds": 3}, "rounds"),
        ({**LIGHTS, "pools": [{"from": 1, "pool": "a"}]}, "pools[0].from"),
        ({"game": "outside", "levels": 3, "url": "javascript:alert(1)"}, "url"),
    ],
)
def test_a_faulty_setting_is_named(config, path):
    assert path in [fault.path for fault in KIND.faults(config)]


def test_the_level_is_the_stage_that_names_the_pool():
    assert KIND.stage(LIGHTS, {"level": 3}) == 3
    assert KIND.stage(LIGHTS, {}) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("story", stories("level_game"), ids=name_of)
def test_stories_in_a_campaign(story):
    for step in story["steps"]:
        if step.get("payload", {}).get("signature"):
            payload, secret = step["payload"], signing.secret_of("autumn", "task", 1)
            payload["signature"] = signing.signature(secret, payload["round"], payload["level"])
    play(story)
