"""Plays the stories of `tests/cases/play/` with a kind alone: without a database, and with the chance that is written.

A story is {"name", "config", "period"?, "earlier"?, "steps": [{"at": seconds since it began, "do": "begin" or "submit",
"payload", "expect": {"count", "data", "result", "refused", "bad"}}]}. In a payload "$sheet" and "$round" stand for the
ids of what was begun last, "$first" for that of the first round, "$solved" for presses that solve the board of the
round, "$signed:2" for a signature by the second secret of the task, "$signed:round" for one by the key of the round.
Chance draws the first of what there is to draw from, unless the step names numbers.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.definition import EVERYONE, Reward, Task
from campaigns.games import signing
from campaigns.kinds.face import Kind, Moved, Standing, Turn, Window
from campaigns.refusals import BadSubmission, Refused
from tests.campaigns.kinds import lamps

NOW = datetime(2026, 11, 11, 4, tzinfo=UTC)
CASES = Path(__file__).parents[2] / "cases"
# Ids and seeds are drawn from at least so many.
MANY = 2**32


def stories(kind: str) -> list[dict[str, Any]]:
    return json.loads((CASES / "play" / f"{kind}.json").read_text())


def task_of(kind: str, config: Mapping[str, Any], period: str = "once") -> Task:
    return Task("play", "Play", "", kind, config, period, "automatic", EVERYONE, Reward())


def turn_of(task: Task, now: datetime = NOW, chance: Callable[[int], int] | None = None) -> Turn:
    window = Window(NOW - timedelta(days=9), NOW + timedelta(days=9), NOW)
    period = "2026-11-11" if task.period == "daily" else "once"
    return Turn(1, 1, "autumn", task, period, window, now, ZoneInfo("Asia/Shanghai"), chance or first_of(count(1)))


def first_of(numbers: Iterator[int], drawn: Iterable[int] = ()) -> Callable[[int], int]:
    """Chance that draws `drawn`, then the first of whatever there is; ids and seeds count up."""
    falls = iter(drawn)
    return lambda n: next(numbers) if n >= MANY else next(falls, 0)


def play(story: Mapping[str, Any], kind: Kind, name: str) -> None:
    task = task_of(name, story["config"], story.get("period", "once"))
    assert kind.faults(task.config) == []
    turn, numbers = turn_of(task), count(1)
    standing = Standing(turn.period, earlier_data=story.get("earlier", {}))
    firsts: dict[str, Any] = {}
    for number, step in enumerate(story["steps"], start=1):
        chance = first_of(numbers, step.get("chance", ()))
        turn = replace(turn, now=NOW + timedelta(seconds=step["at"]), chance=chance)
        moved, told = _step(kind, standing, turn, step, firsts)
        expected = step.get("expect", {})
        assert told == {key: expected[key] for key in ("refused", "bad") if key in expected}, f"step {number}: {told}"
        if moved:
            standing = replace(standing, count=moved.count, data=json.loads(json.dumps(moved.data)))
            firsts.setdefault("$first", standing.data.get("round", {}).get("id"))
        _check(f"step {number}", expected, standing, moved)


def _step(
    kind: Kind, standing: Standing, turn: Turn, step: Mapping[str, Any], firsts: Mapping[str, Any]
) -> tuple[Moved | None, dict[str, Any]]:
    try:
        if step["do"] == "begin":
            return kind.begin(turn.config, standing, turn), {}
        payload = _filled(step.get("payload", {}), standing.data, firsts)
        if unknown := payload.keys() - set(kind.takes(turn.config)):
            return None, {"bad": sorted(unknown)}
        return kind.move(turn.config, standing, payload, turn), {}
    except Refused as refused:
        return None, {"refused": refused.refusal.value}
    except BadSubmission as bad:
        return None, {"bad": sorted(bad.fields)}


def _filled(payload: Mapping[str, Any], data: Mapping[str, Any], firsts: Mapping[str, Any]) -> dict[str, Any]:
    named = {"$sheet": data.get("sheet", {}).get("id"), "$round": data.get("round", {}).get("id"), **firsts}
    if payload.get("moves") == "$solved" and "round" in data:
        named["$solved"] = lamps.solution(data["round"]["seed"], data["round"]["level"])
    filled = {key: named.get(value, value) if isinstance(value, str) else value for key, value in payload.items()}
    if str(filled.get("signature", "")).startswith("$signed:"):
        key = filled["signature"].removeprefix("$signed:")
        key = data["round"]["key"] if key == "round" else signing.secret_of("autumn", "play", int(key))
        result = int(filled.get("score", filled.get("level", 0)))
        filled["signature"] = signing.signature(key, str(filled["round"]), result, filled.get("moves", ""))
    return filled


def _check(step: str, expected: Mapping[str, Any], standing: Standing, moved: Moved | None) -> None:
    if "count" in expected:
        assert standing.count == expected["count"], step
    for key, value in expected.get("data", {}).items():
        assert standing.data.get(key) == value, f"{step}: {key}"
    for key, value in expected.get("result", {}).items():
        assert moved is not None, step
        assert moved.result.get(key) == value, f"{step}: {key} is {moved.result}"
