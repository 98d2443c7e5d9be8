"""Points draw (积分抽奖): one tap in a period gives an amount of points that chance decides.

The configuration is {"steps": [{"from": 1, "to": 10, "odds": 900000}, …]}: odds are millionths and total exactly
1,000,000, and within a step every amount is as likely as the others. The page shows them before the draw. What was
rolled is kept with the progress, so that a draw can be worked out again.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.config_checks import is_integer, unknown
from campaigns.definition import Reward
from campaigns.kinds.face import ConfigFault, Group, Kind, Moved, Standing, Turn
from campaigns.kinds.forms import ConfigForm
from rewards.drawing import SCALE

MOST_POINTS = 1_000_000
MOST_STEPS = 20
LINE = re.compile(r"\s*(\d{1,7})\s*(?:[-–~]\s*(\d{1,7})\s*)?[:：]\s*(\d{1,3}(?:\.\d{1,4})?)\s*%?\s*", re.ASCII)


class StepsField(forms.CharField):
    """The steps as lines such as "1-10: 90"; what is no such line is refused by its number."""

    widget = forms.Textarea(attrs={"rows": 5})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(_as_line, value)) if isinstance(value, list) and all(map(_is_step, value)) else value

    def clean(self, value: Any) -> list[dict[str, int]]:
        lines = [line for line in (super().clean(value) or "").splitlines() if line.strip()]
        return [self._step(number, line) for number, line in enumerate(lines, 1)]

    def _step(self, number: int, line: str) -> dict[str, int]:
        found = LINE.fullmatch(line)
        if found is None:
            raise forms.ValidationError(
                _("Line %(number)d is no step such as “1-10: 90”."), code="invalid", params={"number": number}
            )
        least, most, percent = found.groups()
        return {"from": int(least), "to": int(most or least), "odds": int(Decimal(percent) * SCALE / 100)}


class PointsDrawForm(ConfigForm):
    steps = StepsField(
        label=_("steps of the points draw"),
        help_text=_(
            "One a line: the points, and how many percent of the draws give them, such as “1-10: 90” and “50: 10”."
            " Together exactly 100."
        ),
    )


class PointsDraw(Kind):
    LABEL = _("points draw")
    GROUP = Group.TRAFFIC
    Form = PointsDrawForm

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        found = list(unknown(config, {"steps"}, _("A points draw has no such setting.")))
        steps = config.get("steps")
        if not isinstance(steps, list) or not 1 <= len(steps) <= MOST_STEPS:
            return [*found, ConfigFault("steps", _("A points draw needs a list of 1 to 20 steps."))]
        wrong = [index for index, step in enumerate(steps) if not _is_step(step)]
        found += [
            ConfigFault(f"steps[{index}]", _("A step has points from 1 to 1,000,000 as “from” and “to”, and odds."))
            for index in wrong
        ]
        if not wrong and sum(step["odds"] for step in steps) != SCALE:
            found.append(ConfigFault("steps", _("The odds of all steps must total exactly 100 %.")))
        return found

    def tap(self, config: Mapping[str, Any]) -> Promise:
        return _("Draw points")

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        roll = turn.chance(SCALE)
        step = step_for(config["steps"], roll)
        points = step["from"] + turn.chance(step["to"] - step["from"] + 1)
        return Moved(count=1, data={"roll": roll, "points": points}, result={"points": points})

    def bonus(self, config: Mapping[str, Any], data: Mapping[str, Any]) -> Reward | None:
        return Reward(points=int(data["points"])) if data.get("points") else None

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        return {"steps": [_shown(step) for step in config["steps"]], "drawn": standing.data.get("points")}

    def told(self, config: Mapping[str, Any], result: Mapping[str, Any]) -> str | None:
        return gettext("You drew %(points)d points.") % result if "points" in result else None


def step_for(steps: Sequence[Mapping[str, int]], roll: int) -> Mapping[str, int]:
    """The step that owns the roll. Odds total SCALE, so every roll has an owner."""
    ceiling = 0
    for step in steps:
        ceiling += step["odds"]
        if roll < ceiling:
            return step
    raise ValueError(f"odds total {ceiling}, and the roll is {roll}")


def _is_step(step: Any) -> bool:
    if not isinstance(step, Mapping) or set(step) != {"from", "to", "odds"}:
        return False
    amounts = is_integer(step["from"], 1, MOST_POINTS) and is_integer(step["to"], 1, MOST_POINTS)
    return amounts and step["from"] <= step["to"] and is_integer(step["odds"], 1, SCALE)


def _amounts(step: Mapping[str, int], dash: str) -> str:
    return str(step["from"]) if step["from"] == step["to"] else f"{step['from']}{dash}{step['to']}"


def _percent(step: Mapping[str, int]) -> str:
    whole, rest = divmod(step["odds"] * 100, SCALE)
    return f"{whole}.{rest:06}".rstrip("0").rstrip(".") if rest else str(whole)


def _shown(step: Mapping[str, int]) -> dict[str, str]:
    return {"points": _amounts(step, "–"), "percent": _percent(step)}


def _as_line(step: Mapping[str, int]) -> str:
    return f"{_amounts(step, '-')}: {_percent(step)}"


KIND = PointsDraw()
