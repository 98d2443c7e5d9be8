"""Quiz (答题): questions with one right choice each, and a pass mark. A failed attempt may be repeated.

The configuration is {"questions": [{"text": …, "choices": […], "answer": index}], "pass": n}, and with `pools` the
result names the pool of the draw chances (`campaigns.result_pools`). The result is how many percent of the questions
were right, rounded down. The right answers stay on the server: pages and API show `questions`.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns import result_pools
from campaigns.definition import Task
from campaigns.kinds.face import ConfigFault, Group, Kind, Moved, Standing, Turn
from campaigns.kinds.forms import ConfigForm
from campaigns.pool_choice import SCORE
from campaigns.refusals import BadSubmission

MOST_QUESTIONS = 100
MOST_CHOICES = 20


class Quiz(Kind):
    LABEL = _("quiz")
    GROUP = Group.PLAY
    Form = ConfigForm

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        found = [ConfigFault(str(key), _("A quiz has no such setting.")) for key in config if key not in _SETTINGS]
        questions = config.get("questions")
        if not isinstance(questions, list) or not 1 <= len(questions) <= MOST_QUESTIONS:
            return [*found, ConfigFault("questions", _("A quiz needs a list of 1 to 100 questions."))]
        for index, question in enumerate(questions):
            found += _question_faults(question, f"questions[{index}]")
        mark = config.get("pass")
        if not _is_integer(mark, 1, len(questions)):
            found.append(ConfigFault("pass", _("The pass mark is a number from 1 to the number of questions.")))
        return found + (result_pools.faults(config["pools"], by=SCORE) if "pools" in config else [])

    def target(self, config: Mapping[str, Any]) -> int:
        return config["pass"]

    def takes(self, config: Mapping[str, Any]) -> Collection[str]:
        return {"answers", *(f"q{index}" for index in range(len(config["questions"])))}

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        """The payload is {"answers": [index, …]} or, from a form, {"q0": "1", "q1": "0", …}. The best score counts."""
        chosen = _chosen(config["questions"], payload)
        right = sum(answer == question["answer"] for answer, question in zip(chosen, config["questions"], strict=True))
        attempts = int(standing.data.get("attempts", 0)) + 1
        result = {"right": right, "questions": len(chosen), "pass": config["pass"], "passed": right >= config["pass"]}
        percent = right * 100 // len(chosen)
        data = {"attempts": attempts, "score": right, "percent": percent, "answers": chosen}
        return Moved(count=max(standing.count, right), data=data, result=result)

    def score(self, config: Mapping[str, Any], data: Mapping[str, Any]) -> int:
        """The percentage when it was done; what was done before it was noted is reckoned by today's questions."""
        noted = data.get("percent")
        return noted if noted is not None else min(int(data.get("score", 0)) * 100 // len(config["questions"]), 100)

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        return {"questions": questions(turn.task), "pass_mark": config["pass"]}

    def told(self, config: Mapping[str, Any], result: Mapping[str, Any]) -> str | None:
        if result.get("passed") is False:
            return gettext("%(right)d of %(questions)d right, %(pass)d are needed. Try again!") % result
        return None


_SETTINGS = {"questions", "pass", "pools"}


def _is_integer(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _question_faults(question: Any, path: str) -> Iterator[ConfigFault]:
    if not isinstance(question, Mapping):
        yield ConfigFault(path, _("A question is an object with text, choices and answer."))
        return
    for key in question:
        if key not in {"text", "choices", "answer"}:
            yield ConfigFault(f"{path}.{key}", _("A question has no such setting."))
    if not _is_text(question.get("text")):
        yield ConfigFault(f"{path}.text", _("A question needs a text."))
    choices = question.get("choices")
    if not isinstance(choices, list) or not 2 <= len(choices) <= MOST_CHOICES or not all(map(_is_text, choices)):
        yield ConfigFault(f"{path}.choices", _("A question needs 2 to 20 choices, each a text."))
        return
    answer = question.get("answer")
    if not _is_integer(answer, 0, len(choices) - 1):
        yield ConfigFault(f"{path}.answer", _("The answer is the place of the right choice; the first is 0."))


def questions(task: Task) -> list[dict[str, Any]]:
    """The questions as a page may show them: number, field of the form, text and choices; never the answer."""
    return [
        {"number": index + 1, "field": f"q{index}", "text": question["text"], "choices": list(question["choices"])}
        for index, question in enumerate(task.config["questions"])
    ]


def _chosen(questions: list[Mapping[str, Any]], payload: Mapping[str, Any]) -> list[int]:
    answers = payload.get("answers")
    given = answers if isinstance(answers, list) else [payload.get(f"q{index}") for index in range(len(questions))]
    given = [*given, *[None] * (len(questions) - len(given))]
    chosen: list[int] = []
    wrong: dict[str, str] = {}
    for index, (value, question) in enumerate(zip(given, questions, strict=False)):
        place = _place(value)
        if value is None or value == "":
            wrong[f"q{index}"] = "missing"
        elif place is None or place >= len(question["choices"]):
            wrong[f"q{index}"] = "not_a_choice"
        else:
            chosen.append(place)
    if len(given) > len(questions):
        wrong["answers"] = "not_a_choice"
    if wrong:
        raise BadSubmission(wrong)
    return chosen


def _place(value: Any) -> int | None:
    if _is_integer(value, 0, MOST_CHOICES):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 3:
        return int(value)
    return None


KIND = Quiz()
