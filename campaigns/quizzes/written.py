"""A bank of questions as operators write it, and read it again. Pure.

    Which milk is fresh?
    * this one
    - that one
    ! It was brought this morning.

    What do cows eat?
    @ 30
    + grass
    + hay
    - milk

A question, then its choices: "*" is right and "-" is wrong; several "*", or a "+", say that several may be chosen. "!"
is the explanation and "@" the second of the video. Empty lines part questions. A line that begins with two spaces goes
on with the line before it, and a backslash takes a mark at the beginning of a question for what it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.quizzes.questions import MOST_SECONDS, Question, is_multiple, right_of

MARKS = "*-+!@"


class NotWritten(ValueError):
    """What cannot be read: the number of the line, from 1, and what is wrong there."""

    def __init__(self, line: int, words: str | Promise) -> None:
        super().__init__(line, words)
        self.line = line
        self.words = words


@dataclass
class _Block:
    """A question while it is read. `line` is where it begins."""

    line: int
    text: str
    choices: list[str] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    several: bool = False
    explanation: str = ""
    at: int | None = None


def read(text: str) -> list[dict[str, Any]]:
    """The questions. Raises NotWritten at the first line that cannot be read."""
    blocks: list[_Block] = []
    for line, written in _lines(text):
        if written[0] not in MARKS:
            if blocks and not blocks[-1].choices:
                raise NotWritten(blocks[-1].line, _("This question has no choices."))
            blocks.append(_Block(line, written.removeprefix("\\")))
        elif not blocks:
            raise NotWritten(line, _("A question comes first, and then its choices."))
        else:
            _add(blocks[-1], line, written[0], written[1:].strip())
    return [_question(block) for block in blocks]


def write(questions: Iterable[Question]) -> str:
    """The text that `read` gives these questions for."""
    return "\n\n".join("\n".join(_written(question)) for question in questions)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that say something, with what goes on below them."""
    pending: tuple[int, str] | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        if pending and raw.startswith("  ") and raw.strip():
            pending = (pending[0], f"{pending[1]}\n{raw.strip()}")
            continue
        if pending:
            yield pending
        pending = (number, raw.strip()) if raw.strip() else None
    if pending:
        yield pending


def _add(block: _Block, line: int, mark: str, text: str) -> None:
    if not text:
        raise NotWritten(line, _("There is nothing after the mark."))
    if mark == "!":
        if block.explanation:
            raise NotWritten(
                line, _("This question has an explanation already; two spaces at the beginning go on with it.")
            )
        block.explanation = text
    elif mark == "@":
        if not (text.isascii() and text.isdigit() and int(text[:6]) <= MOST_SECONDS and len(text) <= 5):
            raise NotWritten(line, _("After @ comes a second of the video, such as @ 30."))
        block.at = int(text)
    else:
        block.several |= mark == "+"
        if mark != "-":
            block.right.append(len(block.choices))
        block.choices.append(text)


def _question(block: _Block) -> dict[str, Any]:
    if len(block.choices) < 2:
        raise NotWritten(block.line, _("This question needs two choices or more."))
    if not block.right:
        raise NotWritten(block.line, _("This question has no right choice: begin its line with *."))
    several = block.several or len(block.right) > 1
    question: dict[str, Any] = {
        "text": block.text,
        "choices": block.choices,
        "answer": block.right if several else block.right[0],
    }
    if block.explanation:
        question["explanation"] = block.explanation
    if block.at is not None:
        question["at"] = block.at
    return question


def _written(question: Question) -> Iterator[str]:
    text = _on(question["text"])
    yield f"\\{text}" if text[:1] in f"{MARKS}\\" else text
    if "at" in question:
        yield f"@ {question['at']}"
    right, mark = right_of(question), _mark_of(question)
    for index, choice in enumerate(question["choices"]):
        yield f"{mark if index in right else '-'} {_on(choice)}"
    if question.get("explanation"):
        yield f"! {_on(question['explanation'])}"


def _mark_of(question: Question) -> str:
    return "+" if is_multiple(question) and len(right_of(question)) == 1 else "*"


def _on(text: str) -> str:
    lines: Sequence[str] = [line.strip() for line in text.splitlines() if line.strip()]
    return "\n  ".join(lines)
