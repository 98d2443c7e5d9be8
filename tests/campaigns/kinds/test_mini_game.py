import json
from dataclasses import astuple

import pytest

from campaigns.games import catching
from campaigns.games.numbers import numbers
from campaigns.kinds.mini_game import KIND
from tests.campaigns.kinds import pure
from tests.campaigns.story import name_of, play, stories

CATCH = {"game": "catch", "pass": 20, "best": 60}
HOSTED = {
    "game": "hosted",
    "url": "https://games.example/jump/",
    "pass": 20,
    "best": 60,
    "least_seconds": 5,
    "most_score": 100,
    "most_per_second": 5,
}


def cases(name):
    return json.loads((pure.CASES / "games" / f"{name}.json").read_text())


@pytest.mark.parametrize("story", pure.stories("mini_game"), ids=lambda story: story["name"])
def test_stories(story):
    pure.play(story, KIND, "mini_game")


@pytest.mark.parametrize("case", cases("numbers"), ids=lambda case: f"seed {case['seed']}")
def test_numbers_are_those_of_the_page(case):
    below = numbers(case["seed"])
    assert [below(case["below"]) for _each in case["numbers"]] == case["numbers"]


@pytest.mark.parametrize("case", cases("catching"), ids=lambda case: case["name"])
def test_a_round_played_again_is_the_round_of_the_page(case):
    fallen = [list(astuple(fall)) for fall in catching.falls(case["seed"], case["seconds"])]
    assert (len(fallen), fallen[0], fallen[-1]) == (case["falls"], case["first"], case["last"])
    assert catching.score(case["seed"], case["seconds"], case["inputs"]) == case["score"]


def test_what_falls_lands_within_the_round_and_the_field():
    for seed in range(50):
        for fall in catching.falls(seed, 30):
            assert fall.born < fall.lands <= 30 * catching.TICKS
            assert 0 <= fall.x <= catching.WIDTH


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({}, "game"),
        ({"game": "chess"}, "game"),
        ({"game": ["catch"]}, "game"),
        ({**CATCH, "pass": 0}, "pass"),
        ({"game": "catch", "pass": 1}, "best"),
        ({**CATCH, "seconds": 9}, "seconds"),
        ({**CATCH, "url": "/game/"}, "url"),
        ({**CATCH, "secret": 1}, "secret"),
        ({**CATCH, "rounds": 0}, "rounds"),
        ({**CATCH, "pools": [{"stage": 1, "pool": "a"}]}, "pools[0].stage"),
        ({**CATCH, "steps": [{"from": 0, "reward": {}}]}, "steps[0].from"),
        ({**CATCH, "steps": [{"from": 1, "reward": {"money": 1}}]}, "steps[0].reward.money"),
        ({**CATCH, "steps": [{"from": 1}]}, "steps[0]"),
        ({**CATCH, "per": {"each": 10, "most": 3}}, "per"),
        ({**CATCH, "per": {"each": 0, "most": 3, "points": 1}}, "per.each"),
        ({**CATCH, "steps": [], "per": {}}, "per"),
        ({key: value for key, value in HOSTED.items() if key != "most_score"}, "most_score"),
        ({key: value for key, value in HOSTED.items() if key != "url"}, "url"),
        ({**HOSTED, "url": "http://games.example/"}, "url"),
        ({**HOSTED, "url": "https://games.example/#round=1"}, "url"),
    ],
)
def test_a_faulty_setting_is_named(config, path):
    assert path in [fault.path for fault in KIND.faults(config)]


@pytest.mark.parametrize(("best", "percent"), [(0, 0), (29, 48), (30, 50), (60, 100), (61, 100)])
def test_the_best_score_as_percent_names_the_pool(best, percent):
    assert KIND.score(CATCH, {"best": best}) == percent


STEPS = {**CATCH, "steps": [{"from": 50, "reward": {"points": 30}}, {"from": 20, "reward": {"points": 5}}]}
PER = {**CATCH, "per": {"each": 10, "points": 2, "score": 3, "most": 4}}


@pytest.mark.parametrize(
    ("config", "best", "points", "score"),
    [
        (STEPS, 19, 0, 0),
        (STEPS, 20, 5, 0),
        (STEPS, 49, 5, 0),
        (STEPS, 50, 30, 0),
        (PER, 9, 0, 0),
        (PER, 10, 2, 3),
        (PER, 39, 6, 9),
        (PER, 99, 8, 12),
    ],
)
def test_what_a_score_brings_besides(config, best, points, score):
    bonus = KIND.bonus(config, {"best": best})
    assert (bonus.points, bonus.score) == (points, score) if points else bonus is None


@pytest.mark.django_db
@pytest.mark.parametrize("story", stories("mini_game"), ids=name_of)
def test_stories_in_a_campaign(story):
    play(story)
