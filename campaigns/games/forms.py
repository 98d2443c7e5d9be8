"""The forms in which operators set up games."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.games.bonuses import MOST_STEPS
from campaigns.games.game_settings import SECONDS
from campaigns.kinds.forms import ConfigForm, RewardField
from rewards.models import PrizePool

ROWS = MOST_STEPS
PER = {
    "each": _("brings for each so many points"),
    "points": _("so many points"),
    "score": _("so much campaign score"),
    "growth": _("so much growth value"),
    "most": _("at most so many times"),
}


class GameForm(ConfigForm):
    """What games have in common: what a result brings, in rows of "from" and a reward."""

    url = forms.CharField(
        label=_("address of the game"),
        required=False,
        help_text=_("Of a game that is not one of the house: https://… The round is added after a #."),
    )
    secret = forms.IntegerField(
        label=_("number of its secret"),
        required=False,
        min_value=1,
        help_text=_(
            "The server of an outside game signs with the secret of this task: manage.py game_secret CAMPAIGN TASK"
            " prints it. A higher number makes another secret, and the one before is of no use any more."
        ),
    )
    least_seconds = forms.IntegerField(
        label=_("least time, in seconds"),
        required=False,
        min_value=1,
        help_text=_("A result that comes sooner after its beginning is refused."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in range(self.rows_of("step", "from")):
            self.fields[f"step_{row}_from"] = forms.IntegerField(label=self.step_label, required=False, min_value=1)
            self.fields[f"step_{row}_reward"] = RewardField(label=_("brings besides"))

    step_label = _("A score from")

    def rows_of(self, name: str, part: str) -> int:
        """A few rows, and more where the configuration has more."""
        row = ROWS
        while f"{name}_{row}_{part}" in self.initial or self.add_prefix(f"{name}_{row}_{part}") in self.data:
            row += 1
        return row

    def gathered(self, config: dict[str, Any], name: str, *parts: str) -> list[list[Any]]:
        """The rows that were filled in, taken out of the configuration."""
        rows = [
            [config.pop(f"{name}_{row}_{part}", None) for part in parts] for row in range(self.rows_of(name, parts[0]))
        ]
        return [row for row in rows if any(row)]

    @classmethod
    def initial_of(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        initial = dict(config)
        steps = initial.pop("steps", [])
        for row, step in enumerate(steps):
            initial |= {f"step_{row}_from": step.get("from"), f"step_{row}_reward": step.get("reward")}
        return initial

    def config(self) -> dict[str, Any]:
        config = super().config()
        steps = [
            {"from": begins, "reward": reward or {}}
            for begins, reward in self.gathered(config, "step", "from", "reward")
        ]
        return config | ({"steps": steps} if steps else {})


class MiniGameForm(GameForm):
    game = forms.ChoiceField(
        label=_("game"),
        choices=[
            ("catch", _("the catch game of the house: the server plays each round again")),
            ("hosted", _("a page of one's own, which signs with the key of its round")),
            ("outside", _("a game whose server signs with the secret of the task")),
        ],
    )
    seconds = forms.IntegerField(
        label=_("seconds of a round"),
        required=False,
        min_value=10,
        max_value=120,
        help_text=_("Of the catch game; empty: %(seconds)d.") % {"seconds": SECONDS},
    )
    best = forms.IntegerField(
        label=_("score that is 100 percent"),
        min_value=1,
        initial=60,
        help_text=_("For the ranges that name prize pools."),
    )
    rounds = forms.IntegerField(
        label=_("rounds in a period"), required=False, min_value=1, help_text=_("Empty: as many as they like.")
    )
    most_score = forms.IntegerField(label=_("highest score that can be reached"), required=False, min_value=1)
    most_per_second = forms.IntegerField(label=_("highest score in a second"), required=False, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pass"] = forms.IntegerField(label=_("score to finish the task"), min_value=1, initial=20)
        self.order_fields(["game", "pass", "best", "seconds", "rounds"])
        for part, label in PER.items():
            self.fields[f"per_{part}"] = forms.IntegerField(label=label, required=False, min_value=1)

    @classmethod
    def initial_of(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        initial = super().initial_of(config)
        return initial | {f"per_{part}": value for part, value in initial.pop("per", {}).items()}

    def config(self) -> dict[str, Any]:
        config = super().config()
        per = {part: value for part in PER if (value := config.pop(f"per_{part}", None))}
        return config | ({"per": per} if per else {})


class LevelGameForm(GameForm):
    step_label = _("A level from")
    game = forms.ChoiceField(
        label=_("game"),
        choices=[
            ("lights", _("the lamps of the house: the server checks each solution")),
            ("outside", _("a game whose server signs with the secret of the task")),
        ],
    )
    levels = forms.IntegerField(label=pgettext_lazy("game", "levels"), min_value=1, initial=5)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pass"] = forms.IntegerField(
            label=_("may be ended from level"),
            required=False,
            min_value=1,
            help_text=_("The level that was reached then counts. Empty: all levels are played."),
        )
        self.order_fields(["game", "levels", "pass"])
        for row in range(self.rows_of("pool", "stage")):
            self.fields[f"pool_{row}_stage"] = forms.IntegerField(label=_("Level from"), required=False, min_value=1)
            self.fields[f"pool_{row}_pool"] = forms.ChoiceField(label=_("prize pool"), required=False, choices=_pools)

    @classmethod
    def initial_of(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        initial = super().initial_of(config)
        for row, named in enumerate(initial.pop("pools", [])):
            initial |= {f"pool_{row}_stage": named.get("stage"), f"pool_{row}_pool": named.get("pool")}
        return initial

    def config(self) -> dict[str, Any]:
        config = super().config()
        pools = [{"stage": stage, "pool": pool} for stage, pool in self.gathered(config, "pool", "stage", "pool")]
        return config | ({"pools": pools} if pools else {})


def _pools() -> list[tuple[str, str]]:
    return [("", "—"), *PrizePool.objects.order_by("name").values_list("slug", "name")]
