"""The sheet (答题卡) that a member works on: what was drawn, in which order the choices stand, and since when.

It is kept in the data of the member's progress as {"sheet": {"id", "at", "asked": [places in the bank], "orders":
[[places of the choices as they are shown], …], "print", "answers": {field: […]}}} and handed in once. Pure.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from campaigns.quizzes.questions import Question, is_multiple
from campaigns.quizzes.settings import asked_of

Chance = Callable[[int], int]
# What the way from the server to the page and back may take beside the time that there is.
GRACE = 2.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """`answers` are those given already, by field, as places in the bank's own order."""

    id: str
    at: datetime
    asked: tuple[int, ...]
    orders: tuple[tuple[int, ...], ...]
    print: str
    answers: Mapping[str, Sequence[int]]

    def order_of(self, field: str) -> tuple[int, ...]:
        """The places of the choices of a question in the order in which they are shown."""
        return self.orders[self.asked.index(int(field[1:]))]


def field_of(place: int) -> str:
    """The field of the form that belongs to a question of the bank."""
    return f"q{place}"


def kept(data: Mapping[str, Any]) -> Sheet | None:
    """The sheet that was begun and not handed in."""
    part = data.get("sheet")
    if not part:
        return None
    return Sheet(
        id=part["id"],
        at=datetime.fromisoformat(part["at"]),
        asked=tuple(part["asked"]),
        orders=tuple(tuple(order) for order in part["orders"]),
        print=part["print"],
        answers=part.get("answers", {}),
    )


def as_data(sheet: Sheet) -> dict[str, Any]:
    return {
        "id": sheet.id,
        "at": sheet.at.isoformat(),
        "asked": list(sheet.asked),
        "orders": [list(order) for order in sheet.orders],
        "print": sheet.print,
        "answers": {field: list(chosen) for field, chosen in sheet.answers.items()},
    }


def draw(
    config: Mapping[str, Any], *, before: Sequence[int], again: Sequence[int], now: datetime, chance: Chance
) -> Sheet:
    """Begin a sheet. `again` are questions to ask once more; `before` are only asked where the bank has no others."""
    bank = config["questions"]
    asked = [place for place in again if place < len(bank)] or _drawn(config, before, chance)
    if "video" in config:
        asked.sort(key=lambda place: (bank[place]["at"], place))
    orders = []
    for place in asked:
        order = list(range(len(bank[place]["choices"])))
        orders.append(tuple(sample(order, len(order), chance) if "shuffle" in config else order))
    token = f"{chance(2**64):016x}"
    return Sheet(token, now, tuple(asked), tuple(orders), print_of(bank, asked), {})


def _drawn(config: Mapping[str, Any], before: Sequence[int], chance: Chance) -> list[int]:
    number, everything = asked_of(config), range(len(config["questions"]))
    if "draw" not in config:
        return list(everything)
    fresh = [place for place in everything if place not in before]
    if len(fresh) >= number:
        return sample(fresh, number, chance)
    return fresh + sample([place for place in everything if place in before], number - len(fresh), chance)


def sample(things: Sequence[int], number: int, chance: Chance) -> list[int]:
    """`number` of the things, each as likely as any other, in an order by chance (Fisher and Yates)."""
    left = list(things)
    for place in range(number):
        other = place + chance(len(left) - place)
        left[place], left[other] = left[other], left[place]
    return left[:number]


def print_of(bank: Sequence[Question], asked: Sequence[int]) -> str:
    """Changes with the wording of what is asked: a revision in between takes a sheet out of use."""
    if any(place >= len(bank) for place in asked):
        return ""
    parts = [[bank[place][key] for key in ("text", "choices", "answer")] for place in asked]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def is_current(sheet: Sheet, config: Mapping[str, Any]) -> bool:
    return sheet.print == print_of(config["questions"], sheet.asked)


def seconds_since(sheet: Sheet, now: datetime) -> float:
    return (now - sheet.at).total_seconds()


def is_over(sheet: Sheet, config: Mapping[str, Any], now: datetime) -> bool:
    """Whether the time for all questions has passed, as it is shown."""
    return "seconds" in config and seconds_since(sheet, now) >= config["seconds"]


def is_too_late(sheet: Sheet, config: Mapping[str, Any], now: datetime) -> bool:
    """Whether answers that arrive now were handed in when the time was over."""
    return "seconds" in config and seconds_since(sheet, now) > config["seconds"] + GRACE


def shown(sheet: Sheet, config: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """The questions as the member may see them, never with the answer; of a video only those that it has reached."""
    reached = seconds_since(sheet, now)
    questions = []
    for number, (place, order) in enumerate(zip(sheet.asked, sheet.orders, strict=True), start=1):
        question, field = config["questions"][place], field_of(place)
        part: dict[str, Any] = {"number": number, "field": field, "multiple": is_multiple(question)}
        if "video" in config:
            part |= {"at": question["at"], "answered": field in sheet.answers}
        if "video" not in config or question["at"] <= reached:
            part |= {"text": question["text"], "choices": [question["choices"][each] for each in order]}
        questions.append(part)
    return questions


def ends_at(sheet: Sheet, config: Mapping[str, Any]) -> datetime | None:
    """When the time for all questions is over, as it is shown; None without a limit."""
    return sheet.at + timedelta(seconds=config["seconds"]) if "seconds" in config else None
