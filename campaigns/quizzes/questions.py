"""The questions of a quiz as operators wrote them, and what can be wrong with them.

A question is {"text": …, "choices": […], "answer": index}: one right choice, the first is 0. With a list of indexes
several may be chosen, and just these are right. "explanation" is shown when no answer can be given any more, "at" is
the second of the video at which it is asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.kinds.face import ConfigFault

MOST_QUESTIONS = 100
MOST_CHOICES = 20
MOST_SECONDS = 24 * 3600
Question = Mapping[str, Any]

_PARTS = {"text", "choices", "answer", "explanation", "at"}


def is_integer(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def is_multiple(question: Question) -> bool:
    """Whether several choices may be chosen."""
    return isinstance(question["answer"], list)


def right_of(question: Question) -> frozenset[int]:
    answer = question["answer"]
    return frozenset(answer if isinstance(answer, list) else [answer])


def any_explained(questions: Sequence[Question]) -> bool:
    return any(question.get("explanation") for question in questions)


def faults(questions: Any, *, video: bool) -> list[ConfigFault]:
    """What is wrong with the bank. In a video quiz each question has its second, in any other none has."""
    if not isinstance(questions, list) or not 1 <= len(questions) <= MOST_QUESTIONS:
        return [ConfigFault("questions", _("A quiz needs a list of 1 to 100 questions."))]
    found: list[ConfigFault] = []
    for index, question in enumerate(questions):
        path = f"questions[{index}]"
        found += _faults_of(question, path)
        if isinstance(question, Mapping):
            found += _place_faults(question, path, video=video)
    return found


def _faults_of(question: Any, path: str) -> Iterator[ConfigFault]:
    if not isinstance(question, Mapping):
        yield ConfigFault(path, _("A question is an object with text, choices and answer."))
        return
    for key in question:
        if key not in _PARTS:
            yield ConfigFault(f"{path}.{key}", _("A question has no such setting."))
    if not is_text(question.get("text")):
        yield ConfigFault(f"{path}.text", _("A question needs a text."))
    if "explanation" in question and not is_text(question["explanation"]):
        yield ConfigFault(f"{path}.explanation", _("An explanation is a text."))
    choices = question.get("choices")
    if not isinstance(choices, list) or not 2 <= len(choices) <= MOST_CHOICES or not all(map(is_text, choices)):
        yield ConfigFault(f"{path}.choices", _("A question needs 2 to 20 choices, each a text."))
        return
    yield from _answer_faults(question.get("answer"), len(choices), f"{path}.answer")


def _answer_faults(answer: Any, choices: int, path: str) -> Iterator[ConfigFault]:
    if isinstance(answer, list):
        known = all(is_integer(each, 0, choices - 1) for each in answer)
        if not known or not answer or len(set(answer)) < len(answer):
            words = _("The answers are a list of the places of the right choices, each once; the first is 0.")
            yield ConfigFault(path, words)
    elif not is_integer(answer, 0, choices - 1):
        yield ConfigFault(path, _("The answer is the place of the right choice; the first is 0."))


def _place_faults(question: Question, path: str, *, video: bool) -> Iterator[ConfigFault]:
    if video and not is_integer(question.get("at"), 0, MOST_SECONDS):
        yield ConfigFault(f"{path}.at", _("A question in a video needs the second at which it is asked."))
    if not video and "at" in question:
        yield ConfigFault(f"{path}.at", _("Only a question in a video has a second."))
