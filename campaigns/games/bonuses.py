"""What a score brings beside the task's reward: steps, or so much for so many points. Pure.

"steps": [{"from": 50, "reward": {"points": 10}}, …]: the highest that was reached counts. "per": {"each": 10, "points":
1, "score": 2, "most": 20}: for each 10 of the score 1 point and 2 of the campaign score, at most 20 times.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.checked_json import DefinitionError
from campaigns.definition import Reward, parse_reward
from campaigns.kinds.face import ConfigFault
from campaigns.quizzes.questions import is_integer

MOST_STEPS = 5
BEST = 1_000_000
_PER = {"each", "points", "score", "growth", "most"}


def bonus(config: Mapping[str, Any], reached: int) -> Reward | None:
    """What the score or the level brings."""
    passed = [step for step in config.get("steps", ()) if step["from"] <= reached]
    if passed:
        return parse_reward(max(passed, key=lambda step: step["from"])["reward"])
    if per := config.get("per"):
        times = min(reached // per["each"], per["most"])
        given = {part: times * per[part] for part in ("points", "score", "growth") if times * per.get(part, 0)}
        return Reward(**given) if given else None
    return None


def rewards(config: Mapping[str, Any]) -> Iterator[Reward]:
    for step in config.get("steps", ()):
        yield parse_reward(step["reward"])


def faults(config: Mapping[str, Any]) -> list[ConfigFault]:
    if "steps" in config and "per" in config:
        return [ConfigFault("per", _("A score brings steps or so much for so many points, not both."))]
    return [*_step_faults(config), *_per_faults(config)]


def _step_faults(config: Mapping[str, Any]) -> Iterator[ConfigFault]:
    steps = config.get("steps", [])
    if not isinstance(steps, list) or len(steps) > MOST_STEPS:
        yield ConfigFault("steps", _("Steps are a list of at most 5."))
        return
    seen = set()
    for index, step in enumerate(steps):
        path = f"steps[{index}]"
        if not isinstance(step, Mapping) or set(step) != {"from", "reward"}:
            yield ConfigFault(path, _("A step says from which result on, and what it brings."))
            continue
        if not is_integer(step["from"], 1, BEST) or step["from"] in seen:
            yield ConfigFault(f"{path}.from", _("A step begins at a whole number from 1 that no other step begins at."))
        else:
            seen.add(step["from"])
        try:
            parse_reward(step["reward"])
        except DefinitionError as error:
            yield ConfigFault(f"{path}.reward.{error.path}".rstrip("."), error.message)


def _per_faults(config: Mapping[str, Any]) -> Iterator[ConfigFault]:
    if "per" not in config:
        return
    per = config["per"]
    if not isinstance(per, Mapping) or not {"each", "most"} <= set(per) <= _PER or len(per) < 3:
        words = _("For so many points: each, most, and one or more of points, growth and score.")
        yield ConfigFault("per", words)
        return
    for key, value in per.items():
        if not is_integer(value, 1, 100_000):
            yield ConfigFault(f"per.{key}", _("This must be a whole number from 1 to 100000."))
