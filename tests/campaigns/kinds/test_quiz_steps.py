"""A quiz without scripts: one question a page, and the answers so far in the address."""

from urllib.parse import parse_qs

import pytest

from campaigns.quizzes.steps import step_of

QUESTIONS = [{"field": "q4"}, {"field": "q0"}, {"field": "q2"}]


def step(query="", wrong=(), sheet=""):
    return step_of(QUESTIONS, parse_qs(query), wrong, sheet)


@pytest.mark.parametrize(
    ("query", "number", "unanswered"),
    [
        ("", 1, False),
        ("ask=1", 1, False),
        ("q4=1&ask=2", 2, False),
        ("q4=1&q0=0&q0=2&ask=3", 3, False),
        ("q4=1&q0=0&ask=1", 1, False),
        # Nobody gets past a question without an answer.
        ("ask=2", 1, True),
        ("q4=1&ask=3", 2, True),
        # What a page of ours does not say.
        ("q4=1&q0=0&ask=99", 3, False),
        ("q4=1&q0=0&ask=-1", 1, False),
        ("q4=1&ask=two", 1, False),
        ("q4=1&ask=²", 1, False),
    ],
)
def test_which_question_is_shown(query, number, unanswered):
    found = step(query)
    assert (found.number, found.unanswered, found.last) == (number, unanswered, number == 3)
    assert found.question is QUESTIONS[number - 1]


def test_the_answers_to_the_other_questions_are_carried_along():
    found = step("q4=1&q0=0&q0=2&ask=2&other=5")
    assert found.carried == (("q4", "1"),)
    assert parse_qs(found.back) == {"q4": ["1"], "q0": ["0", "2"], "ask": ["1"]}
    assert step("q4=1&ask=1").back == ""


def test_a_question_that_was_answered_wrongly_is_shown_first():
    assert step("q4=1&q0=0&q2=9&ask=3", wrong=["q0"]).number == 2


def test_answers_of_another_sheet_are_none():
    assert step("sheet=old&q4=1&q0=1&ask=3", sheet="new").number == 1
    found = step("sheet=new&q4=1&ask=2", sheet="new")
    assert (found.number, parse_qs(found.back)["sheet"]) == (2, ["new"])
