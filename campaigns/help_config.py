"""The settings that tasks with help by friends have in common."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import helping, sharing_config
from campaigns.kinds.face import ConfigFault
from campaigns.kinds.forms import ConfigForm, RewardField

MOST_HELPS = 1000
HELP_SETTINGS = ("helps", "per_helper", "per_helper_in_all", "helpers", "helper_reward")


class HelpForm(ConfigForm):
    """What tasks with help by friends have in common."""

    helps = forms.IntegerField(label=_("Helps needed"), min_value=1, max_value=MOST_HELPS)
    per_helper = forms.IntegerField(
        label=_("Helps of one friend a day"), required=False, min_value=1, max_value=MOST_HELPS
    )
    per_helper_in_all = forms.IntegerField(
        label=_("Helps of one friend in all"), required=False, min_value=1, max_value=MOST_HELPS
    )
    helpers = forms.ChoiceField(
        label=_("Who may help"),
        required=False,
        choices=[("", _("everyone in the campaign")), ("audience", _("only those for whom the task is, too"))],
    )
    helper_reward = RewardField(label=_("Reward for each friend who helps"))


def help_faults(config: Mapping[str, Any]) -> list[ConfigFault]:
    """What is wrong with the settings that tasks with help by friends have in common."""
    words = _("This must be a whole number from 1 to 1,000.")
    found = sharing_config.number_faults(config, "helps", least=1, most=MOST_HELPS, words=words)
    for key in ("per_helper", "per_helper_in_all"):
        if key in config:
            found += sharing_config.number_faults(config, key, least=1, most=MOST_HELPS, words=words)
    if config.get("helpers", helping.EVERYONE) not in (helping.EVERYONE, helping.AUDIENCE):
        found.append(ConfigFault("helpers", _("This is one of: everyone, audience.")))
    return found + sharing_config.reward_faults(config, "helper_reward")
