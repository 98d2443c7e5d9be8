"""Leaderboards (排行榜) and the prizes of their ranks; configured as `campaigns.board_rules` says."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import board_rules
from campaigns.definition import DefinitionError, Reward
from campaigns.features.face import Feature
from campaigns.kinds.face import ConfigFault
from campaigns.kinds.forms import ConfigForm, JSONText

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
    prizes = JSONText(
        label=_("prizes of the ranks"),
        help_text=_('Such as [{"from": 1, "to": 1, "reward": {"gift": "cup"}}, {"from": 2, "to": 10, …}].'),
    )


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
