"""Gift pack (礼包): one tap in a period gives the reward of the task, and with `packs` what this one holds beside it.

The configuration is {} or {"packs": [{"name": "Day 1", "reward": {…}}, …]}: the first time a member takes the first
pack, the next time the second. After the last they stay with that one, or with {"again": true} begin anew.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import presenting
from campaigns.config_checks import is_text, reward_faults, unknown
from campaigns.definition import Reward, parse_reward
from campaigns.kinds.face import ConfigFault, Group, Kind, Moved, Standing, Turn
from campaigns.kinds.forms import ConfigForm
from campaigns.periods import number_of
from campaigns.reward_rows import RewardRowsField
from rewards.published_prizes import gift_names

MOST_PACKS = 31
ROWS = 7


class GiftPackForm(ConfigForm):
    packs = RewardRowsField(
        "name",
        forms.CharField,
        rows=ROWS,
        cell_label=_("name of the pack"),
        label=_("packs, one after the other"),
        help_text=_("What each holds beside the reward of the task. Empty: the reward of the task alone."),
    )
    again = forms.BooleanField(
        label=_("after the last pack the first follows again"),
        required=False,
        help_text=_("Otherwise whoever has had all of them goes on with the last."),
    )


class GiftPack(Kind):
    LABEL = _("gift pack")
    GROUP = Group.TRAFFIC
    Form = GiftPackForm
    LOOKS_BACK = True

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        found = list(unknown(config, {"packs", "again"}, _("A gift pack has no such setting.")))
        if "again" in config and not isinstance(config["again"], bool):
            found.append(ConfigFault("again", _("This must be yes or no.")))
        if "packs" not in config:
            return found
        packs = config["packs"]
        if not isinstance(packs, list) or not 1 <= len(packs) <= MOST_PACKS:
            return [*found, ConfigFault("packs", _("This must be a list of 1 to 31 packs."))]
        for index, pack in enumerate(packs):
            found += _pack_faults(pack, f"packs[{index}]")
        return found

    def tap(self, config: Mapping[str, Any]) -> Promise:
        return _("Take the pack")

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        taken = _taken_before(standing) + 1
        return Moved(count=1, data={"taken": taken}, result={"taken": taken})

    def bonus(self, config: Mapping[str, Any], data: Mapping[str, Any]) -> Reward | None:
        place = place_of(config, int(data.get("taken", 1)))
        return None if place is None else parse_reward(config["packs"][place]["reward"])

    def rewards(self, config: Mapping[str, Any]) -> Iterator[Reward]:
        for pack in config.get("packs", ()):
            yield parse_reward(pack["reward"])

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        before = _taken_before(standing)
        taken = int(standing.data.get("taken", before))
        place = place_of(config, taken if standing.count else taken + 1)
        names = gift_names(presenting.gifts_named(self.rewards(config)))
        return {
            "packs": [
                {
                    "name": pack["name"],
                    "chips": presenting.chips(parse_reward(pack["reward"]), names),
                    "taken": place is not None and (each < place or (each == place and standing.count > 0)),
                    "next": each == place and not standing.count,
                }
                for each, pack in enumerate(config.get("packs", ()))
            ]
        }


def place_of(config: Mapping[str, Any], taken: int) -> int | None:
    """The place of the pack that is taken the `taken`-th time; None where no packs follow each other."""
    packs = len(config.get("packs", ()))
    if not packs:
        return None
    return (taken - 1) % packs if config.get("again") else min(taken, packs) - 1


def _taken_before(standing: Standing) -> int:
    """How many were taken before this period. Of a task done several times the period itself says it."""
    time = number_of(standing.period)
    return time - 1 if time else int(standing.earlier_data.get("taken", 0))


def _pack_faults(pack: Any, path: str) -> Iterator[ConfigFault]:
    if not isinstance(pack, Mapping) or set(pack) != {"name", "reward"}:
        yield ConfigFault(path, _("A pack is an object with name and reward."))
        return
    if not is_text(pack["name"], 50):
        yield ConfigFault(f"{path}.name", _("A pack needs a name of at most 50 characters."))
    yield from reward_faults(pack["reward"], f"{path}.reward")


KIND = GiftPack()
