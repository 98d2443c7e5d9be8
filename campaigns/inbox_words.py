"""What the inbox tells members of campaigns: the kinds, their words, and where each leads.

Friends are not named: what stands in one member's inbox must not outlive another's erasure.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import published
from campaigns.definition import Campaign, Task
from campaigns.models import Enrolment
from members import inbox
from members.inbox import Message
from members.inbox_kinds import Kind, Words, register
from operations.sentences import listed

PROOF_APPROVED = "proof.approved"
PROOF_REFUSED = "proof.refused"
REWARD_RELEASED = "reward.released"
REWARD_DENIED = "reward.denied"
REWARD_WAITING = "reward.waiting"
TAKEN_BACK = "reward.taken_back"
FRIEND_JOINED = "friend.joined"
HELP_COMPLETE = "help.complete"
TEAM_COMPLETE = "team.complete"
RANK_PRIZE = "rank.prize"


def register_own() -> None:
    register(
        Kind(PROOF_APPROVED, "proof", _proof_approved),
        Kind(PROOF_REFUSED, "proof", _proof_refused),
        Kind(REWARD_RELEASED, "gift", _reward_released),
        Kind(REWARD_DENIED, "info", _reward_denied),
        Kind(REWARD_WAITING, "clock", _reward_waiting),
        Kind(TAKEN_BACK, "info", _taken_back),
        Kind(FRIEND_JOINED, "invite", _friend_joined),
        Kind(HELP_COMPLETE, "assist", _help_complete),
        Kind(TEAM_COMPLETE, "team", _team_complete),
        Kind(RANK_PRIZE, "crown", _rank_prize),
    )


def of_task(kind: str, member_id: int, definition: Campaign, task: Task, key: str, **more: Any) -> Message:
    """Return a message about a task, that leads to its page. `key` names the event among those of the kind."""
    link = reverse("h5-task", args=[definition.slug, task.key])
    params = {"campaign": definition.name, "task": task.title, **more}
    return Message(member_id, kind, f"{kind}:{key}", params, link)


def tell_of_task(kind: str, enrolment: Enrolment, task_key: str, key: str, *, now: datetime, **more: Any) -> None:
    """Tell the member of an enrolment, whose `campaign` is at hand, about a task, if it is still there."""
    definition = published.definition_of(enrolment.campaign.slug)
    task = definition.by_key.get(task_key) if definition else None
    if definition and task:
        inbox.put([of_task(kind, enrolment.member_id, definition, task, key, **more)], now=now)


def rank_prize(member_id: int, definition: Campaign, *, rank: int, prize_id: int) -> Message:
    params = {"campaign": definition.name, "rank": rank}
    return Message(member_id, RANK_PRIZE, f"{RANK_PRIZE}:{prize_id}", params, reverse("h5-me"))


def _proof_approved(params: Mapping[str, Any]) -> Words:
    if params.get("counts", True):
        return Words(_("“%(task)s”: what you handed in was accepted") % params, _("See what it brought you."))
    return Words(_("“%(task)s”: what you handed in was accepted") % params, _("It does not count any more, sorry."))


def _proof_refused(params: Mapping[str, Any]) -> Words:
    text = _("The reason: %(reason)s You can hand in again.") % {"reason": _sentence(params["reason"])}
    return Words(_("“%(task)s”: what you handed in was not accepted") % params, text)


def _reward_released(params: Mapping[str, Any]) -> Words:
    return Words(
        _("Your reward for “%(task)s” is yours now") % params, _("We have looked at it. Thank you for waiting.")
    )


def _reward_denied(params: Mapping[str, Any]) -> Words:
    text = _("If you think that this is a mistake, ask the shop’s customer service.")
    return Words(_("There is no reward for “%(task)s”") % params, text)


def _reward_waiting(params: Mapping[str, Any]) -> Words:
    moment = parse_datetime(params["until"])
    until = date_format(localtime(moment), "DATETIME_FORMAT") if moment else params["until"]
    text = _("Claim it before %(time)s, or it lapses.") % {"time": until}
    return Words(_("Your reward for “%(task)s” is waiting") % params, text)


def _taken_back(params: Mapping[str, Any]) -> Words:
    text = _("An order was refunded, so what “%(task)s” gave you went back.") % params
    given = _given(params)
    return Words(_("A reward was taken back: %(what)s") % {"what": given}, text)


def _given(params: Mapping[str, Any]) -> str:
    parts = []
    if points := params["points"]:
        parts.append(ngettext("%d point", "%d points", points) % points)
    if growth := params["growth"]:
        parts.append(_("%d growth value") % growth)
    if chances := params["chances"]:
        parts.append(ngettext("%d draw chance", "%d draw chances", chances) % chances)
    if params["gift"]:
        parts.append(_("A gift"))
    return listed(parts)


def _friend_joined(params: Mapping[str, Any]) -> Words:
    return Words(_("A friend whom you invited counts now"), _("See “%(task)s” in %(campaign)s.") % params)


def _help_complete(params: Mapping[str, Any]) -> Words:
    if params.get("bargain"):
        return Words(_("Your friends have brought the price all the way down"), _("See “%(task)s”.") % params)
    return Words(_("Your friends have helped enough"), _("“%(task)s” is done: see what it brought you.") % params)


def _team_complete(params: Mapping[str, Any]) -> Words:
    return Words(_("Your team is complete"), _("See “%(task)s” in %(campaign)s.") % params)


def _rank_prize(params: Mapping[str, Any]) -> Words:
    text = _("Your prize of %(campaign)s has been given to you.") % params
    return Words(_("You came in place %(rank)s") % params, text)


def _sentence(text: str) -> str:
    """Reasons are written with and without a full stop."""
    return text if text.endswith((".", "。", "!", "?", "!", "?", "…")) else f"{text}{_('.')}"
