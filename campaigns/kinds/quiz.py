"""Quiz (答题): questions with one or several right choices, and a pass mark. A failed attempt may be repeated.

The configuration is {"questions": […], "pass": n} (`campaigns.quizzes.questions`), and with any of

- "draw": n, a number of questions drawn from the bank at random, for each "attempt" or each "period" ("draw_per"): the
  daily question is a bank with 1 drawn in the period "daily";
- "shuffle": true, choices in an order by chance;
- "seconds" for all questions, and "least_seconds" below which nobody can have read them;
- "video": {"url": …}: each question is asked at its second, and answers are handed in one after the other;

the quiz is begun on the server, which notes the time and what was drawn (`campaigns.quizzes.sheets`). "attempts"
limits how often it is tried in a period. With `pools` the result names the pool of the draw chances
(`campaigns.result_pools`). The result is how many percent of the questions were right, rounded down. The right answers
stay on the server until no answer can be given any more: then page and API show them with their explanations.

The place in a video is checked by the clock of the server: what is asked at second 30 cannot be answered sooner than 30
seconds after it was begun. A browser cannot prove that its owner looked at the film.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.definition import Task
from campaigns.kinds.face import ConfigFault, Group, Kind, Moved, Standing, Turn
from campaigns.quizzes import marking, questions, settings, sheets
from campaigns.quizzes.forms import QuizForm
from campaigns.quizzes.refusals import (
    ANSWERED,
    CHANGED,
    NO_ATTEMPTS,
    NOT_BEGUN,
    NOT_REACHED,
    OTHER_SHEET,
    TIME_OVER,
    TOO_QUICK,
)
from campaigns.quizzes.sheets import Sheet
from campaigns.refusals import BadSubmission, Refused


class Quiz(Kind):
    LABEL = _("quiz")
    GROUP = Group.PLAY
    Form = QuizForm
    RESULT_POOLS = True
    BEGINS_AGAIN = True
    LOOKS_BACK = True

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        return settings.faults(config)

    def target(self, config: Mapping[str, Any]) -> int:
        return int(config["pass"])

    def takes(self, config: Mapping[str, Any]) -> Collection[str]:
        bank = config["questions"]
        return {"answers", "sheet", *(sheets.field_of(place) for place in range(len(bank)))}

    def begin(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Moved:
        """Draw the questions and note the time; a sheet that can still be handed in is gone on with."""
        if not settings.is_begun(config):
            return Moved(standing.count, standing.data)
        data = dict(standing.data)
        sheet = sheets.kept(data)
        if sheet and not sheets.is_current(sheet, config):
            # The questions were changed under the member: this attempt was none.
            sheet, data["attempts"] = None, data["attempts"] - 1
        if sheet is None or sheets.is_over(sheet, config, turn.now):
            sheet = _begun(config, data, standing, turn)
        return Moved(standing.count, data | {"sheet": sheets.as_data(sheet)}, _sheet_shown(sheet, config, turn))

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        """Mark the answers (`campaigns.quizzes.marking.read`). The best score counts.

        A quiz that was begun takes the id of its "sheet" beside them; one with a video some of the answers.
        """
        data = dict(standing.data)
        if settings.is_begun(config):
            sheet = _in_time(config, data, payload, turn)
            chosen = _answers_so_far(config, sheet, payload, turn)
            if len(chosen) < len(sheet.asked):
                answers = {sheets.field_of(place): places for place, places in chosen.items()}
                data["sheet"] = sheets.as_data(sheet) | {"answers": answers}
                return Moved(standing.count, data, {"answered": len(chosen), "questions": len(sheet.asked)})
            del data["sheet"]
        else:
            _refuse_without_attempts(config, data)
            data["attempts"] = int(data.get("attempts", 0)) + 1
            bank = config["questions"]
            orders = [range(len(question["choices"])) for question in bank]
            chosen = marking.read(bank, range(len(bank)), orders, payload)
        return _marked(config, standing, data, chosen)

    def score(self, config: Mapping[str, Any], data: Mapping[str, Any]) -> int:
        """The percentage when it was done; what was done before it was noted is reckoned by today's questions."""
        noted = data.get("percent")
        return noted if noted is not None else min(int(data.get("score", 0)) * 100 // len(config["questions"]), 100)

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        sheet = sheets.kept(standing.data)
        time_over = sheet is not None and sheets.is_over(sheet, config, turn.now)
        if sheet and (not sheets.is_current(sheet, config) or sheets.is_over(sheet, config, turn.now)):
            sheet = None
        begun = settings.is_begun(config)
        asked = [] if begun else list_questions(turn.task)
        attempts = int(standing.data.get("attempts", 0))
        return {
            "begun": begun,
            "sheet": sheet,
            "time_over": time_over,
            "questions": sheets.shown(sheet, config, turn.now) if sheet else asked,
            "asked": settings.asked_of(config),
            "pass_mark": config["pass"],
            "seconds": config.get("seconds"),
            "until": sheets.ends_at(sheet, config) if sheet else None,
            "now": turn.now,
            "attempts_left": config["attempts"] - attempts if "attempts" in config else None,
            "video": config.get("video"),
            "watched": int(sheets.seconds_since(sheet, turn.now)) if sheet else 0,
            "review": _review(config, standing),
            **(_next(sheet, config) if sheet else {}),
        }

    def told(self, config: Mapping[str, Any], result: Mapping[str, Any]) -> str | None:
        if result.get("passed") is False:
            again = "attempts_left" not in result or result["attempts_left"]
            words = gettext("%(right)d of %(questions)d right, %(pass)d are needed. Try again!")
            return (words if again else gettext("%(right)d of %(questions)d right, %(pass)d were needed.")) % result
        return None


def list_questions(task: Task) -> list[dict[str, Any]]:
    """The questions of a quiz that is not begun, as a page may show them; never the answer."""
    return [
        {
            "number": index + 1,
            "field": sheets.field_of(index),
            "text": question["text"],
            "choices": list(question["choices"]),
            "multiple": questions.is_multiple(question),
        }
        for index, question in enumerate(task.config["questions"])
    ]


def _begun(config: Mapping[str, Any], data: dict[str, Any], standing: Standing, turn: Turn) -> Sheet:
    """A new sheet; what it takes of the attempts is noted in `data`."""
    _refuse_without_attempts(config, data)
    again = data.get("drawn", []) if config.get("draw_per") == "period" else []
    before = standing.earlier_data.get("drawn", [])
    sheet = sheets.draw(config, before=before, again=again, now=turn.now, chance=turn.chance)
    data["attempts"] = int(data.get("attempts", 0)) + 1
    if "draw" in config:
        data["drawn"] = list(sheet.asked)
    return sheet


def _refuse_without_attempts(config: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    if "attempts" in config and int(data.get("attempts", 0)) >= config["attempts"]:
        raise Refused(NO_ATTEMPTS)


def _in_time(config: Mapping[str, Any], data: Mapping[str, Any], payload: Mapping[str, Any], turn: Turn) -> Sheet:
    """The sheet that is handed in. Raises Refused: not begun, another one, too soon, or too late."""
    sheet = sheets.kept(data)
    if sheet is None:
        raise Refused(NOT_BEGUN)
    if payload.get("sheet") != sheet.id:
        raise Refused(OTHER_SHEET)
    if not sheets.is_current(sheet, config):
        raise Refused(CHANGED)
    if sheets.is_too_late(sheet, config, turn.now):
        raise Refused(TIME_OVER)
    if sheets.seconds_since(sheet, turn.now) < config.get("least_seconds", 1):
        raise Refused(TOO_QUICK)
    return sheet


def _answers_so_far(
    config: Mapping[str, Any], sheet: Sheet, payload: Mapping[str, Any], turn: Turn
) -> dict[int, list[int]]:
    bank = config["questions"]
    if "video" not in config:
        return marking.read(bank, sheet.asked, sheet.orders, payload)
    chosen = marking.read(bank, sheet.asked, sheet.orders, payload, some=True)
    reached = sheets.seconds_since(sheet, turn.now)
    wrong: dict[str, str | Promise] = {
        sheets.field_of(place): NOT_REACHED for place in chosen if bank[place]["at"] > reached
    }
    wrong |= {field: ANSWERED for field in map(sheets.field_of, chosen) if field in sheet.answers}
    if not chosen:
        wrong = {sheets.field_of(place): "missing" for place in sheet.asked[len(sheet.answers) :][:1]}
    if wrong:
        raise BadSubmission(wrong)
    given = {int(field[1:]): list(places) for field, places in sheet.answers.items()} | chosen
    return {place: given[place] for place in sheet.asked if place in given}


def _marked(
    config: Mapping[str, Any], standing: Standing, data: dict[str, Any], chosen: Mapping[int, list[int]]
) -> Moved:
    bank = config["questions"]
    right = marking.right(bank, chosen)
    passed = right >= config["pass"]
    percent = right * 100 // len(chosen)
    result: dict[str, Any] = {"right": right, "questions": len(chosen), "pass": config["pass"], "passed": passed}
    answers = [places if questions.is_multiple(bank[place]) else places[0] for place, places in chosen.items()]
    data |= {"score": right, "percent": percent, "answers": answers}
    if settings.is_begun(config):
        data["marked"] = {"asked": list(chosen), "print": sheets.print_of(bank, list(chosen))}
    if "attempts" in config:
        result["attempts_left"] = config["attempts"] - data["attempts"]
    if settings.is_begun(config) or "attempts" in config or questions.any_explained(bank):
        result["percent"] = percent
        if passed or result.get("attempts_left") == 0:
            result["review"] = marking.review(bank, chosen)
    return Moved(count=max(standing.count, right), data=data, result=result)


def _review(config: Mapping[str, Any], standing: Standing) -> list[dict[str, Any]]:
    """What is shown of the last attempt when no answer can be given any more, by the questions as they were asked."""
    data, bank = standing.data, config["questions"]
    tried_out = "attempts" in config and data.get("attempts", 0) >= config["attempts"] and "sheet" not in data
    if "answers" not in data or not (standing.count >= config["pass"] or tried_out):
        return []
    marked = data.get("marked", {"asked": list(range(len(bank)))})
    asked, answers = marked["asked"], data["answers"]
    if len(asked) != len(answers) or marked.get("print", "") not in {"", sheets.print_of(bank, asked)}:
        return []
    chosen = {place: each if isinstance(each, list) else [each] for place, each in zip(asked, answers, strict=True)}
    return marking.review(bank, chosen)


def _next(sheet: Sheet, config: Mapping[str, Any]) -> dict[str, Any]:
    """The question of a video that is asked next, and its second."""
    if "video" in config:
        for place in sheet.asked:
            if sheets.field_of(place) not in sheet.answers:
                return {"next_field": sheets.field_of(place), "next_at": config["questions"][place]["at"]}
    return {}


def _sheet_shown(sheet: Sheet, config: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
    """What the API says of a sheet."""
    shown: dict[str, Any] = {"sheet": sheet.id, "questions": sheets.shown(sheet, config, turn.now)}
    if until := sheets.ends_at(sheet, config):
        shown["until"] = until.isoformat()
    if "video" in config:
        shown["video"] = config["video"]["url"]
    return shown


KIND = Quiz()
