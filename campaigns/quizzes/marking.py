"""Reading the answers that a member handed in, and marking them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.quizzes.questions import MOST_CHOICES, Question, is_integer, is_multiple, right_of
from campaigns.refusals import BadSubmission

NOT_ASKED = _("This question was not asked here.")


def read(
    questions: Sequence[Question],
    asked: Sequence[int],
    orders: Sequence[Sequence[int]],
    payload: Mapping[str, Any],
    *,
    some: bool = False,
) -> dict[int, list[int]]:
    """What was chosen, by place in the bank and as places in its own order. Raises BadSubmission with each field.

    The payload is {"answers": [index, or indexes, …]} in the order in which the questions were asked, or from a form
    {"q0": "1", "q4": ["0", "2"], …}. Indexes are those of the choices as they were shown, `orders`. With `some`,
    questions may be left out.
    """
    given = _by_place(asked, payload)
    chosen: dict[int, list[int]] = {}
    wrong: dict[str, str | Promise] = _not_asked(asked, payload)
    if isinstance(answers := payload.get("answers"), list) and len(answers) > len(asked):
        wrong["answers"] = "not_a_choice"
    for place, order in zip(asked, orders, strict=True):
        value = given.get(place)
        if value is None or value in ("", []):
            if not some:
                wrong[f"q{place}"] = "missing"
            continue
        shown = _places(value, multiple=is_multiple(questions[place]))
        if shown is None or any(each >= len(order) for each in shown):
            wrong[f"q{place}"] = "not_a_choice"
        else:
            chosen[place] = sorted(order[each] for each in shown)
    if wrong:
        raise BadSubmission(wrong)
    return chosen


def right(questions: Sequence[Question], chosen: Mapping[int, Sequence[int]]) -> int:
    """How many are right. Where several may be chosen, all that are right and no other."""
    return sum(frozenset(places) == right_of(questions[place]) for place, places in chosen.items())


def review(questions: Sequence[Question], chosen: Mapping[int, Sequence[int]]) -> list[dict[str, Any]]:
    """What was asked, chosen and right, with the explanation: for when no answer can be given any more."""
    reviewed = []
    for place, places in chosen.items():
        question, answer = questions[place], right_of(questions[place])
        choices = [
            {"text": text, "right": index in answer, "chosen": index in places}
            for index, text in enumerate(question["choices"])
        ]
        reviewed.append(
            {
                "text": question["text"],
                "right": frozenset(places) == answer,
                "choices": choices,
                "explanation": question.get("explanation", ""),
            }
        )
    return reviewed


def _by_place(asked: Sequence[int], payload: Mapping[str, Any]) -> dict[int, Any]:
    answers = payload.get("answers")
    if isinstance(answers, list):
        return dict(zip(asked, answers, strict=False))
    return {place: payload.get(f"q{place}") for place in asked}


def _not_asked(asked: Sequence[int], payload: Mapping[str, Any]) -> dict[str, str | Promise]:
    """Answers to questions that were not drawn for this member."""
    known = {f"q{place}" for place in asked}
    return {field: NOT_ASKED for field in payload if field.startswith("q") and field not in known}


def _places(value: Any, *, multiple: bool) -> list[int] | None:
    if isinstance(value, list):
        places = [_place(each) for each in value]
        if not multiple or len(set(map(repr, places))) < len(places):
            return None
        return [each for each in places if each is not None] if None not in places else None
    place = _place(value)
    return None if place is None else [place]


def _place(value: Any) -> int | None:
    if is_integer(value, 0, MOST_CHOICES):
        return int(value)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 3:
        return int(value)
    return None
