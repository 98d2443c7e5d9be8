"""One round of a game handed in, and rounds and attempts begun, many times at once."""

from collections import Counter
from datetime import timedelta

import pytest

from campaigns import playing
from campaigns.models import Progress
from campaigns.refusals import Refused
from tests.campaigns.scenes import NOW, make_member, publish, task
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
GAME = {"game": "catch", "seconds": 10, "pass": 1000, "best": 1000, "rounds": 5}
QUIZ = {"questions": [{"text": "?", "choices": ["a", "b"], "answer": 0}], "pass": 1, "attempts": 5}


def outcomes(results):
    return Counter(each.refusal.value if isinstance(each, Refused) else type(each).__name__ for each in results)


def test_a_round_handed_in_twenty_times_at_once_counts_once():
    publish(tasks=[task("game", "mini_game", config=GAME)])
    ann = make_member()
    begun = playing.accept(ann, "autumn", "game", now=NOW, chance=lambda _n: 0).result
    payload = {"round": begun["round"], "score": 0, "moves": ""}

    results = at_once(20, lambda _: playing.submit(ann, "autumn", "game", payload, now=NOW + timedelta(minutes=1)))

    assert outcomes(results) == {"TaskMoved": 1, "round_used": 19}


def test_twenty_rounds_begun_at_once_are_no_more_than_are_allowed():
    publish(tasks=[task("game", "mini_game", config=GAME)])
    ann = make_member()
    playing.accept(ann, "autumn", "game", now=NOW)

    results = at_once(20, lambda _: playing.accept(ann, "autumn", "game", now=NOW))

    assert outcomes(results) == {"TaskMoved": 4, "round_none_left": 16}
    assert Progress.objects.get().data["rounds"] == 5


def test_twenty_attempts_at_once_are_no_more_than_are_allowed():
    publish(tasks=[task("quiz", "quiz", config=QUIZ)])
    ann = make_member()
    playing.submit(ann, "autumn", "quiz", {"answers": [1]}, now=NOW)

    results = at_once(20, lambda _: playing.submit(ann, "autumn", "quiz", {"answers": [1]}, now=NOW))

    assert outcomes(results) == {"TaskMoved": 4, "quiz_no_attempts": 16}
