"""Assist (助力): friends help by one tap each; the task is done with the last help needed.

The configuration is {"helps": n}, with the options {"helper_reward": reward for each friend who helps, "per_helper":
how often one member may help with this task in a day, "per_helper_in_all": in the whole campaign, "helpers": "audience"
where only those may help for whom the task is, too; else everyone in the campaign}.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns import helping, sharing_config
from campaigns.answering import Answer
from campaigns.completing import TaskMoved
from campaigns.definition import Reward
from campaigns.help_config import HELP_SETTINGS, HelpForm, help_faults
from campaigns.kinds.face import ConfigFault, Moved, Standing, Turn
from campaigns.refusals import Because
from campaigns.shared_kind import SharedKind, with_link


class Assist(SharedKind):
    LABEL = _("assist")
    Form = HelpForm
    ASKS = _("%(name)s asks for your help")
    BUTTON = _("Help")
    THANKS = _("Thank you! You have helped your friend.")
    OWN_TURN = _("Ask my own friends for help")
    FRIEND_REWARD = "helper_reward"

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        words = _("A task with help by friends has no such setting.")
        return [*sharing_config.unknown_settings(config, HELP_SETTINGS, words), *help_faults(config)]

    def target(self, config: Mapping[str, Any]) -> int:
        return int(config["helps"])

    def rewards(self, config: Mapping[str, Any]) -> Iterator[Reward]:
        return sharing_config.rewards_of(config, "helper_reward")

    def observe(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        return with_link({"helps": helping.received(turn).count()}, self.link_of(config, turn))

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        """The payload is what `observe` loaded: how many friends have helped."""
        return Moved(count=payload["helps"], data={}, result=payload)

    def answer(self, given: Answer) -> TaskMoved:
        return helping.help_friend(given)

    def answered(self, turn: Turn, member_id: int) -> bool:
        return helping.has_helped(turn, member_id)

    def company(self, config: Mapping[str, Any], turn: Turn) -> Collection[int]:
        return helping.helpers(turn)

    def landing(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        helps = helping.helps_of(turn)
        done, needed = helping.received(turn).count(), config["helps"]
        shown = {"friends": [friend for friend, _cut in helps], "helped": min(done, needed), "needed": needed}
        return shown | {"missing": max(needed - done, 0)}

    def closed(self, turn: Turn, shown: Mapping[str, Any]) -> Because | None:
        return None if shown["missing"] else helping.ENOUGH


KIND = Assist()
