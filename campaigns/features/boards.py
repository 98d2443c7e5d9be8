"""Leaderboards (排行榜) and the prizes of their ranks; configured as `campaigns.board_rules` says."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import board_rules
from campaigns.definition import DefinitionError, Reward
from campaigns.features.face import Feature
from campaigns.kinds.face import ConfigFault
from campaigns.kinds.forms import ConfigForm
from campaigns.reward_rows import RewardRowsField

TABS = [
    (board_rules.ALL, _("everyone, all the time")),
    (board_rules.WEEK, _("everyone, this week")),
    (board_rules.FRIENDS, _("friends")),
]


class BoardsForm(ConfigForm):
    boards = forms.MultipleChoiceField(
        label=_("leaderboards"), choices=TABS, widget=forms.CheckboxSelectMultiple, required=False
    )
    shown = forms.IntegerField(
        label=_("places shown"), min_value=1, max_value=board_rules.MOST_SHOWN, required=False,
        help_text=_("Empty: the first 50. A member's own place is always shown."),
    )  # fmt: skip
    prizes_for = forms.ChoiceField(
        label=_("prizes are for"),
        choices=[("", _("the whole campaign")), (board_rules.WEEK, _("each week"))],
        required=False,
    )
    prizes = RewardRowsField(
        "to",
        forms.IntegerField,
        rows=6,
        cell_label=_("up to rank"),
        label=_("prizes of the ranks"),
        help_text=_("Each row begins with the rank behind the one before: 1, then up to 10, then up to 100."),
    )

    @classmethod
    def initial_of(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        """Ranks between two prizes, which only a file can leave out, become a row without a reward."""
        rows: list[dict[str, Any]] = []
        for prize in config.get("prizes", ()):
            if prize["from"] > (rows[-1]["to"] if rows else 0) + 1:
                rows.append({"to": prize["from"] - 1, "reward": {}})
            rows.append({"to": prize["to"], "reward": prize["reward"]})
        return {**config, "prizes": rows}

    def config(self) -> dict[str, Any]:
        config = super().config()
        prizes: list[dict[str, Any]] = []
        rank = 1
        for row in config.get("prizes", ()):
            if row["reward"]:
                prizes.append({"from": rank, "to": row["to"], "reward": row["reward"]})
            rank = (row["to"] or rank) + 1
        return {key: value for key, value in (config | {"prizes": prizes}).items() if value}


class BoardsFeature(Feature):
    LABEL = _("leaderboards")
    TELLS = _("Who has the highest campaign score: in all, this week, among friends; prizes for ranks at the end.")
    Form = BoardsForm

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        try:
            board_rules.parse(config)
        except DefinitionError as error:
            return [ConfigFault(error.path, error.message)]
        return []

    def rewards(self, config: Mapping[str, Any]) -> Iterator[Reward]:
        yield from (each.reward for each in board_rules.parse(config).prizes)


FEATURE = BoardsFeature()
