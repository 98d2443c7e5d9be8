"""Invite (邀请有礼): friends come by the member's link, and count once they have done what is asked of them.

The configuration is {"count": n, "qualify": "enter" | "register" | "buy"}, with the options {"friend": reward for each
friend who qualifies, "new_only": true for friends whom the shop did not know before the campaign}, and of "buy"
{"amount": "50.00" at least, net of refunds, "within_days": n after coming}.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns import inviting, sharing_config
from campaigns.answering import Answer
from campaigns.completing import TaskMoved
from campaigns.definition import Campaign, Reward, Task
from campaigns.inviting import BUY, ENTER, REGISTER
from campaigns.kinds.face import ConfigFault, Moved, Standing, Turn
from campaigns.kinds.forms import ConfigForm, RewardField
from campaigns.refusals import Because
from campaigns.shared_kind import SharedKind, with_link
from members.models import Member

MOST_FRIENDS = 1000
MOST_DAYS = 366
SETTINGS = ("count", "qualify", "friend", "new_only", "amount", "within_days")


class InviteForm(ConfigForm):
    count = forms.IntegerField(label=_("Friends to invite"), min_value=1, max_value=MOST_FRIENDS)
    qualify = forms.ChoiceField(
        label=_("A friend counts who"),
        choices=[
            (ENTER, _("enters the campaign")),
            (REGISTER, _("becomes a member of the shop")),
            (BUY, _("buys something")),
        ],
    )
    amount = forms.CharField(label=_("Amount to buy for"), required=False, help_text=_("Such as 50.00; empty: any."))
    within_days = forms.IntegerField(
        label=_("Days to buy in"), required=False, min_value=1, max_value=MOST_DAYS, help_text=_("After coming.")
    )
    new_only = forms.BooleanField(
        label=_("New members only"), required=False, help_text=_("Whom the shop did not know before the campaign.")
    )
    friend = RewardField(label=_("Reward for each friend"), help_text=_("The friend gets it, once they count."))


class Invite(SharedKind):
    LABEL = _("invite")
    Form = InviteForm
    ASKS = _("%(name)s invites you")
    BUTTON = _("Accept the invitation")
    THANKS = _("Welcome! Your friend is told that you came.")
    OWN_TURN = _("Invite my own friends")
    FRIEND_REWARD = "friend"

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        found = list(sharing_config.unknown_settings(config, SETTINGS, _("An invitation has no such setting.")))
        words = _("This must be a whole number of friends from 1 to 1,000.")
        found += sharing_config.number_faults(config, "count", least=1, most=MOST_FRIENDS, words=words)
        if config.get("qualify") not in (ENTER, REGISTER, BUY):
            found.append(ConfigFault("qualify", _("A friend counts who does one of: enter, register, buy.")))
        elif config["qualify"] != BUY:
            only_of_buy = _("Only a friend who has to buy has this.")
            found += [ConfigFault(key, only_of_buy) for key in ("amount", "within_days") if key in config]
        if "new_only" in config and not isinstance(config["new_only"], bool):
            found.append(ConfigFault("new_only", _("This is true or false.")))
        if "amount" in config and not sharing_config.is_amount(config["amount"]):
            found.append(ConfigFault("amount", _("This must be an amount above 0 such as 99.50, as a text.")))
        if "within_days" in config:
            words = _("This must be a whole number of days from 1 to 366.")
            found += sharing_config.number_faults(config, "within_days", least=1, most=MOST_DAYS, words=words)
        return found + sharing_config.reward_faults(config, "friend")

    def target(self, config: Mapping[str, Any]) -> int:
        return int(config["count"])

    def takes(self, config: Mapping[str, Any]) -> Collection[str]:
        return ()

    def rewards(self, config: Mapping[str, Any]) -> Iterator[Reward]:
        return sharing_config.rewards_of(config, "friend")

    def observe(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        return with_link(inviting.observe(turn), self.link_of(config, turn))

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        """The payload is what `observe` loaded: how many friends came, and how many of them count."""
        return Moved(count=payload["qualified"], data={"invited": payload["invited"]}, result=payload)

    def answer(self, given: Answer) -> TaskMoved:
        return inviting.accept(given)

    def answered(self, turn: Turn, member_id: int) -> bool:
        return inviting.has_accepted(turn, member_id)

    def company(self, config: Mapping[str, Any], turn: Turn) -> Collection[int]:
        return inviting.counted(turn)

    def closed_to(self, task: Task, definition: Campaign, member: Member) -> Because | None:
        return inviting.closed_to(task, definition, member)

    def friend_terms(self, config: Mapping[str, Any]) -> str | Promise:
        if config["qualify"] == REGISTER:
            return _("For new members of the shop.")
        if config["qualify"] == ENTER:
            return _("For new members of the shop.") if config.get("new_only") else ""
        return " ".join(str(each) for each in _terms_of_buying(config))

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        return {**super().page(config, standing, turn), "friends": inviting.friends_of(turn)}

    def landing(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        return {"qualify": config["qualify"], "amount": config.get("amount"), "within_days": config.get("within_days")}


def _terms_of_buying(config: Mapping[str, Any]) -> Iterator[str]:
    if config.get("new_only"):
        yield gettext("For new members of the shop.")
    if "amount" in config:
        words = gettext("You and your friend are rewarded once you have bought for ¥%(amount)s.")
        yield words % {"amount": config["amount"]}
    else:
        yield gettext("You and your friend are rewarded once you have bought something.")
    if days := config.get("within_days"):
        yield ngettext("You have %(n)s day.", "You have %(n)s days.", days) % {"n": days}


KIND = Invite()
