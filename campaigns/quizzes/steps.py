"""One question a screen without any script: the answers so far are carried along in the address. Pure.

The question that is shown is asked for as "ask", from 1; nobody gets past one that has no answer. The last question is
on the form that hands all of them in.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

ASK = "ask"
SHEET = "sheet"
Given = Mapping[str, Sequence[str]]
Carried = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """`carried` are the answers to the other questions, `back` the query of the one before, "" for the first.

    `unanswered`: it was passed over, and is asked again.
    """

    question: Mapping[str, Any]
    number: int
    last: bool
    carried: Carried
    back: str
    unanswered: bool


def step_of(questions: Sequence[Mapping[str, Any]], given: Given, wrong: Collection[str], sheet: str = "") -> Step:
    """The question to show. Answers of another sheet are none: their questions stood in another order."""
    if sheet and given.get(SHEET, [sheet])[-1:] != [sheet]:
        given = {}
    asked = _asked_for(given, len(questions))
    open_ones = [index for index, question in enumerate(questions, 1) if not _answered(given, question["field"])]
    faulty = [index for index, question in enumerate(questions, 1) if question["field"] in wrong]
    number = faulty[0] if faulty else min([asked, *open_ones])
    return Step(
        question=questions[number - 1],
        number=number,
        last=number == len(questions),
        carried=_carried(questions, given, beside=number),
        back=_query(questions, given, sheet, number - 1) if number > 1 else "",
        unanswered=not faulty and number < asked,
    )


def _asked_for(given: Given, most: int) -> int:
    text = "".join(given.get(ASK, [])[-1:])
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 1
    return min(max(number, 1), most)


def _answered(given: Given, field: str) -> bool:
    return any(given.get(field, ()))


def _carried(questions: Sequence[Mapping[str, Any]], given: Given, *, beside: int = 0) -> Carried:
    fields = [question["field"] for index, question in enumerate(questions, 1) if index != beside]
    return tuple((field, value) for field in fields for value in given.get(field, ()))


def _query(questions: Sequence[Mapping[str, Any]], given: Given, sheet: str, number: int) -> str:
    named = [(SHEET, sheet)] if sheet else []
    return urlencode([*named, *_carried(questions, given), (ASK, str(number))])
