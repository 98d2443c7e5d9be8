"""Bargain (砍价): each friend's help cuts something off a price, and the last one ends exactly at the floor.

The configuration is {"title": …, "price": "99.00", "floor": "9.90", "helps": cuts needed, "hours": from the beginning},
with the options {"sku": …} and those of help by friends (`campaigns.help_config`). A cut is random within bounds
(`campaigns.cutting`). A bargain keeps the terms on which it was begun. Done, it gives the task's reward, such as a
coupon; or the shop sells at the price that the result says.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import bargaining, helping, sharing_config
from campaigns.answering import Answer
from campaigns.completing import TaskMoved
from campaigns.definition import Reward, Task
from campaigns.help_config import HELP_SETTINGS, HelpForm, help_faults
from campaigns.kinds.face import ConfigFault, Moved, Standing, Turn
from campaigns.refusals import Because
from campaigns.share_links import Shared
from campaigns.shared_kind import SharedKind, with_link

SETTINGS = ("sku", "title", "price", "floor", "hours", *HELP_SETTINGS)
LONGEST = 200


class BargainForm(HelpForm):
    title = forms.CharField(label=_("What is sold"), max_length=LONGEST)
    sku = forms.CharField(label=_("Its SKU"), required=False, max_length=LONGEST)
    price = forms.CharField(label=_("Price"), help_text=_("Such as 99.00"))
    floor = forms.CharField(label=_("Floor price"), help_text=_("Where the last cut ends, such as 9.90"))
    hours = forms.IntegerField(label=_("Hours to bargain"), min_value=1, max_value=sharing_config.MOST_HOURS)

    field_order = ("title", "sku", "price", "floor", "helps", "hours")


class Bargain(SharedKind):
    LABEL = _("bargain")
    Form = BargainForm
    ASKS = _("%(name)s asks you to cut the price")
    BUTTON = _("Cut the price")
    THANKS = _("Thank you! You have cut the price for your friend.")
    OWN_TURN = _("Start my own bargain")
    FRIEND_REWARD = "helper_reward"

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        found = list(sharing_config.unknown_settings(config, SETTINGS, _("A bargain has no such setting.")))
        if not _is_text(config.get("title")):
            found.append(ConfigFault("title", _("A bargain says what is sold.")))
        if "sku" in config and not _is_text(config["sku"]):
            found.append(ConfigFault("sku", _("This must be a text.")))
        words = _("This must be an amount above 0 such as 99.50, as a text.")
        wrong = [key for key in ("price", "floor") if not _is_price(config.get(key), least=int(key == "price"))]
        found += [ConfigFault(key, words) for key in wrong]
        found += sharing_config.number_faults(
            config, "hours", least=1, most=sharing_config.MOST_HOURS, words=sharing_config.HOURS
        )
        found += help_faults(config)
        return found or _room_faults(config)

    def target(self, config: Mapping[str, Any]) -> int:
        return int(config["helps"])

    def rewards(self, config: Mapping[str, Any]) -> Iterator[Reward]:
        return sharing_config.rewards_of(config, "helper_reward")

    def write(self, config: Mapping[str, Any], payload: Mapping[str, Any], turn: Turn) -> None:
        bargaining.begin(config, turn)

    def observe(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        return with_link(bargaining.observe(turn), self.link_of(config, turn))

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        """The payload is what `observe` loaded. It is done at the floor, on the terms on which it was begun."""
        target = self.target(config)
        count = target if payload.get("done") else min(payload.get("helped", 0), target - 1)
        data = {"price": payload["now_at"]} if payload.get("done") else {}
        sold = {"title": config["title"], "sku": config.get("sku")}
        return Moved(count=count, data=data, result={**sold, **payload})

    def answer(self, given: Answer) -> TaskMoved:
        return bargaining.cut(given)

    def answered(self, turn: Turn, member_id: int) -> bool:
        return helping.has_helped(turn, member_id)

    def link_until(self, config: Mapping[str, Any], turn: Turn) -> datetime | None:
        bargain = bargaining.of(turn)
        return bargain.until if bargain and bargain.left else None

    def company(self, config: Mapping[str, Any], turn: Turn) -> Collection[int]:
        return helping.helpers(turn)

    def landing(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        bargain = bargaining.of(turn)
        sold = {"sold": config["title"], "hours": config["hours"], "price": config["price"], "floor": config["floor"]}
        if bargain is None:
            return sold
        cuts = [(friend, sharing_config.money(cut or 0)) for friend, cut in helping.helps_of(turn)]
        room, off = bargain.price - bargain.floor, bargain.price - bargain.now_at
        told = bargaining.told(bargain, turn.now) | {"until": bargain.until, "missing": bargain.helps - bargain.helped}
        amounts = {"off_money": sharing_config.money(off), "left_money": sharing_config.money(bargain.left)}
        return sold | amounts | {"bargain": told, "cuts": cuts, "room": room, "off": off}

    def closed(self, turn: Turn, shown: Mapping[str, Any]) -> Because | None:
        bargain = shown.get("bargain")
        if bargain is None:
            return helping.NOT_BEGUN
        if bargain["done"]:
            return helping.ENOUGH
        return helping.OVER if bargain["over"] else None

    def about(self, task: Task) -> str:
        return str(task.config["title"])

    def poster_price(self, shared: Shared) -> tuple[str, str] | None:
        """On the terms on which it was begun."""
        bargain = bargaining.latest(shared.enrolment_id, shared.task.key)
        if bargain is None:
            return None
        return f"¥{sharing_config.money(bargain.floor)}", f"¥{sharing_config.money(bargain.price)}"


def _is_price(value: Any, *, least: int) -> bool:
    """A floor may be 0."""
    return sharing_config.is_amount(value) or (not least and value in ("0", "0.0", "0.00"))


def _room_faults(config: Mapping[str, Any]) -> list[ConfigFault]:
    if sharing_config.cents(config["price"]) - sharing_config.cents(config["floor"]) < config["helps"]:
        return [ConfigFault("floor", _("Each friend must be able to cut at least 0.01 off the price."))]
    return []


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= LONGEST


KIND = Bargain()
