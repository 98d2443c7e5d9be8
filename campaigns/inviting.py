"""Invitations (邀请): a friend comes by a member's link, and counts once they have done what is asked of them.

Who invited whom is written when the friend first enters the campaign, and only then: whoever takes part already cannot
be invited, so there are no rings. The database says so too (`campaigns.models.Invitation`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns import answering, following, inbox_words, order_totals, published, sharing_config, states
from campaigns.answering import Answer, Meeting
from campaigns.completing import TaskMoved
from campaigns.definition import Campaign, Reward, Task
from campaigns.entering import Play
from campaigns.kinds.face import Turn
from campaigns.models import Campaign as Draft
from campaigns.models import Enrolment, Invitation
from campaigns.periods import number_of
from campaigns.refusals import Because, Refused
from campaigns.shared_kind import Friend, shown_name
from members import inbox, touches
from members.models import Activity, Member
from operations import jobs

ENTER, REGISTER, BUY = "enter", "register", "buy"
KIND = "invite"

ENTERED_BEFORE = Because("entered_before", _("You take part already, so nobody can invite you any more."))
INVITED_BEFORE = Because("invited_before", _("Another friend has invited you already."))
NOT_NEW = Because("not_new", _("This invitation is for new members."))

SHOWN_FRIENDS = 50
STATES = {True: pgettext_lazy("invited friend", "counts"), False: _("has still to qualify")}


def accept(given: Answer) -> TaskMoved:
    """The friend enters by the invitation. Accepting the same one again changes nothing. Raises Refused."""
    if known := _known(given):
        meeting = answering.meet(given)
        return meeting.told(_result(known, given.shared.sharer.name))
    meeting = answering.meet(given)
    friend, task = meeting.friend, meeting.task
    if not friend.entered:
        raise Refused(ENTERED_BEFORE)
    if _asks_for_new(task) and not is_new(given.member, friend.definition):
        raise Refused(NOT_NEW)
    invitation = Invitation.objects.create(
        inviter=meeting.sharer.enrolment, invitee=friend.enrolment, task_key=task.key, invited_at=given.now
    )
    reward = _settle(meeting, invitation)
    return meeting.told(_result(invitation, given.shared.sharer.name), reward)


def closed_to(task: Task, definition: Campaign, member: Member) -> Because | None:
    """Why the member cannot accept an invitation to the task, whoever sent it. Changes nothing."""
    enrolment = Enrolment.objects.filter(member=member, campaign__slug=definition.slug).first()
    if enrolment is not None:
        return INVITED_BEFORE if Invitation.objects.filter(invitee=enrolment).exists() else ENTERED_BEFORE
    if _asks_for_new(task) and not is_new(member, definition):
        return NOT_NEW
    return None


def _known(given: Answer) -> Invitation | None:
    """The friend's invitation by this sharer. Raises Refused for who came by another or by themselves."""
    slug = given.shared.definition.slug
    enrolment = Enrolment.objects.filter(member=given.member, campaign__slug=slug).first()
    if enrolment is None:
        return None
    invitation = Invitation.objects.filter(invitee=enrolment).first()
    if invitation is None:
        raise Refused(ENTERED_BEFORE)
    if (invitation.inviter_id, invitation.task_key) != (given.shared.enrolment_id, given.shared.task.key):
        raise Refused(INVITED_BEFORE)
    return invitation


def _result(invitation: Invitation, inviter: str) -> dict[str, Any]:
    qualified = invitation.qualified_at is not None
    return {"answered": True, "invited_by": shown_name(inviter), "qualified": qualified}


def _asks_for_new(task: Task) -> bool:
    return bool(task.config.get("new_only")) or task.config["qualify"] == REGISTER


def is_new(member: Member, definition: Campaign) -> bool:
    """Whether the shop did not know the member before the campaign opened."""
    return (member.joined_at or member.created_at) >= definition.opens_at


def has_qualified(task: Task, friend: Play, invited_at: datetime) -> bool:
    """Whether the friend has done what the task asks of them: to enter, to be registered, or to buy."""
    config = task.config
    match config["qualify"]:
        case "enter":
            return True
        case "register":
            joined_at = Member.objects.values_list("joined_at", flat=True).get(pk=friend.member.pk)
            return joined_at is not None and joined_at >= friend.definition.opens_at
    until = friend.definition.closes_at
    if days := config.get("within_days"):
        until = min(until, invited_at + timedelta(days=days))
    bought = order_totals.load(friend.member.pk, since=invited_at, until=until)
    least = sharing_config.cents(config["amount"]) if "amount" in config else 1
    return bought["amount"] * 100 >= least


def _settle(meeting: Meeting, invitation: Invitation) -> Reward | None:
    """Note whether the friend qualifies now, reward them the first time, and let the inviter's tasks follow.

    Until the inviter's task is done, a refund takes the credit back as it does in a purchase.
    """
    friend, task = meeting.friend, meeting.task
    qualifies = has_qualified(task, friend, invitation.invited_at)
    if qualifies == (invitation.qualified_at is not None):
        return None
    invitation.qualified_at = friend.now if qualifies else None
    first = qualifies and invitation.rewarded_at is None
    if first:
        invitation.rewarded_at = friend.now
    invitation.save(update_fields=["qualified_at", "rewarded_at"])
    key = f"invited:{friend.definition.slug}:{friend.member.pk}"
    reward = answering.reward_friend(friend, task, "friend", key=key) if first else None
    following.look_again([meeting.sharer.member.pk], friend.definition.slug, now=friend.now)
    if first:
        told = inbox_words.of_task(
            inbox_words.FRIEND_JOINED, meeting.sharer.member.pk, friend.definition, task, str(invitation.pk)
        )
        inbox.put([told], now=friend.now)
    return reward


def observe(turn: Turn) -> dict[str, int]:
    """How many friends qualified in the turn's window. Of a task done several times, each friend counts once in all."""
    window = turn.window
    came = Invitation.objects.filter(inviter=turn.enrolment_id, task_key=turn.task.key)
    qualified = came.filter(qualified_at__gte=window.since, qualified_at__lt=window.until).count()
    before = max(number_of(turn.period) - 1, 0) * turn.task.target
    return {"qualified": max(qualified - before, 0), "invited": came.count()}


def counted(turn: Turn) -> list[int]:
    """The members who came by the invitation and count."""
    came = Invitation.objects.filter(inviter=turn.enrolment_id, task_key=turn.task.key, qualified_at__isnull=False)
    return list(came.values_list("invitee__member_id", flat=True))


def friends_of(turn: Turn) -> list[Friend]:
    """Who came by the member's invitation, the latest first."""
    came = Invitation.objects.filter(inviter=turn.enrolment_id, task_key=turn.task.key).order_by("-pk")
    rows = came.values_list("invitee__member__name", "invited_at", "qualified_at")[:SHOWN_FRIENDS]
    return [Friend(shown_name(name), at, STATES[done is not None], done is not None) for name, at, done in rows]


def has_accepted(turn: Turn, member_id: int) -> bool:
    came = Invitation.objects.filter(inviter=turn.enrolment_id, task_key=turn.task.key)
    return came.filter(invitee__member=member_id).exists()


def _look_later(which: Q, *, key: str) -> int:
    """Ask for a job for each invitation: it locks two members, and several pairs at once could wait in a circle."""
    live = Q(invitee__campaign__state__in=states.OPEN)
    found = list(Invitation.objects.filter(which & live).order_by("pk").values_list("pk", flat=True))
    for pk in found:
        arguments = {"invitation_id": pk}
        jobs.enqueue("campaigns.jobs.settle_invitation", key=f"invitation:{pk}:{key}", arguments=arguments)
    return len(found)


def follow_friends(activity_ids: Sequence[int]) -> int:
    """Look at the invitations of whoever bought or sent back something; return how many."""
    members = Activity.objects.filter(pk__in=activity_ids).values("member_id")
    return _look_later(Q(invitee__member__in=members), key=str(min(activity_ids)))


def follow_campaign(campaign_id: int, *, key: str) -> int:
    """Look at every invitation that does not count yet, such as after a pause; return how many."""
    return _look_later(Q(qualified_at=None, invitee__campaign=campaign_id), key=key)


def follow_registered(*, now: datetime) -> int:
    """Look at the invitations of friends who became members of the shop meanwhile; return how many."""
    registered = Q(qualified_at=None, invitee__member__joined_at__isnull=False)
    return _look_later(registered & Q(task_key__in=_tasks_to_register_for()), key=now.strftime("%Y%m%d%H%M"))


def _tasks_to_register_for() -> list[str]:
    slugs = Draft.objects.filter(state__in=states.OPEN).values_list("slug", flat=True)
    definitions = [published.definition_of(slug) for slug in slugs]
    tasks = [task for definition in definitions if definition for task in definition.tasks if task.kind == KIND]
    return sorted({task.key for task in tasks if task.config["qualify"] == REGISTER})


@touches.together()
def settle(invitation_id: int, *, now: datetime) -> None:
    """Look whether the friend of an invitation qualifies now. Raises Refused where one of the two is out."""
    known = Invitation.objects.select_related("inviter__member", "invitee__member", "invitee__campaign")
    invitation = known.get(pk=invitation_id)
    meeting = answering.meet_again(invitation.inviter, invitation.invitee, invitation.task_key, now=now)
    if meeting is not None:
        # Behind the locks: another job may have settled it meanwhile.
        _settle(meeting, Invitation.objects.get(pk=invitation_id))
