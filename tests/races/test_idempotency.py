"""Thirty callers with one key, at the same moment, on real connections."""

import threading

import pytest

from operations.api_keys import create_api_key
from operations.models import IdempotencyKey
from tests.operations.test_idempotency import BeatingView, beats, post
from tests.races.together import at_once

CALLERS = 30


@pytest.mark.django_db(transaction=True)
def test_thirty_repeats_of_one_key_have_one_effect_and_one_answer():
    plain = create_api_key("shop", ["play"])[1]
    answers = at_once(CALLERS, lambda _number: post(plain, {"name": "a"}))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer for answer in answers) == 1
    assert beats() == 1


@pytest.mark.django_db(transaction=True)
def test_when_the_first_is_refused_the_next_does_the_work(monkeypatch):
    plain = create_api_key("shop", ["play"])[1]
    refusals = iter([True] * 3 + [False] * CALLERS)
    turn = threading.Lock()
    perform = BeatingView.perform

    def refuse_the_first_three(view, data):
        with turn:
            refuse = next(refusals)
        return perform(view, data | {"refuse": refuse})

    monkeypatch.setattr(BeatingView, "perform", refuse_the_first_three)
    answers = at_once(CALLERS, lambda _number: post(plain, {"name": "a"}))
    assert sorted(answer.status_code for answer in answers) == [201] * 27 + [409] * 3
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert beats() == 1
    assert IdempotencyKey.objects.count() == 1
