"""A friend answers a share link: comes by invitation, helps, joins a team.

It is a submission {"link": TOKEN} to the sharer's task, made on the friend's behalf; what it does is the kind's own
(`campaigns.shared_kind.SharedKind.answer`). The friend enters the campaign, whose audience must admit them; the task
itself may be for others.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from campaigns import completing, entering, kinds, moving_tasks, published, share_links, sharing_config, suspicion
from campaigns.completing import TaskMoved
from campaigns.definition import Campaign, Reward, Task
from campaigns.entering import Chance, Origin, Play
from campaigns.models import Enrolment
from campaigns.refusals import BadSubmission, Because, Refusal, Refused
from campaigns.share_links import LINK, UNKNOWN, Shared
from campaigns.shared_kind import SharedKind
from members import locking
from members.models import Member
from operations import jobs
from rewards.awards import OutOfGifts

OWN_LINK = Because("own_link", _("This is your own link. Send it to your friends."))
SHARER_OUT = Because("sharer_out", _("Your friend does not take part in this any more."))


@dataclass(frozen=True, slots=True)
class Answer:
    """A friend who answers a link, and the circumstances of it."""

    member: Member
    shared: Shared
    now: datetime
    chance: Chance
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Meeting:
    """Friend and sharer, both locked until the transaction ends."""

    friend: Play
    sharer: Play
    task: Task

    @property
    def definition(self) -> Campaign:
        return self.friend.definition

    def told(self, result: Mapping[str, Any], reward: Reward | None = None) -> TaskMoved:
        """What the friend is told: how the task stands for themselves, and what the answer brought."""
        decision = self.friend.decision.task(self.task.key)
        if decision is None:
            raise Refused(Refusal.NO_TASK)
        return replace(completing.unmoved(decision), result=result, reward=reward, refusal=None)


def answer(  # noqa: PLR0913 a move says who, what, when, by what chance and from where
    member: Member,
    slug: str,
    task_key: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    chance: Chance,
    origin: Origin | None,
) -> TaskMoved | None:
    """Answer the link that was submitted to a task; None where none was, or the task's kind has no links.

    Raises Refused, also for a link to another task or campaign than the one it was submitted to.
    """
    definition = published.definition_of(slug) if LINK in payload else None
    task = definition.by_key.get(task_key) if definition else None
    kind = kinds.find(task.kind) if task else None
    if not isinstance(kind, SharedKind):
        return None
    if unknown := payload.keys() - {LINK}:
        raise BadSubmission(dict.fromkeys(sorted(unknown), "unknown"))
    shared = share_links.follow(payload[LINK], now=now)
    if (shared.definition.slug, shared.task.key) != (slug, task_key):
        raise Refused(UNKNOWN)
    if shared.sharer.pk == member.pk:
        raise Refused(OWN_LINK)
    return kind.answer(Answer(member, shared, now, chance, origin))


def meet(given: Answer, *, others: Collection[int] = ()) -> Meeting:
    """Lock friend and sharer, and the members with the ids of `others`; the friend enters. Inside a transaction.

    Raises Refused: by the friend's own reason, or because the sharer is out.
    """
    shared, slug = given.shared, given.shared.definition.slug
    entering.lock_all([given.member.pk, shared.sharer.pk, *others], slug)
    friend = entering.enter(given.member, slug, now=given.now, chance=given.chance, origin=given.origin)
    try:
        sharer = entering.enter(shared.sharer, slug, now=given.now, chance=given.chance)
    except (Refused, Member.DoesNotExist):
        raise Refused(SHARER_OUT) from None
    locking.lock_by_id({given.member.pk, shared.sharer.pk, *others})
    task = friend.definition.by_key.get(shared.task.key)
    if task is None:
        raise Refused(UNKNOWN)
    suspicion.refuse(friend, task)
    if friend.entered:
        moving_tasks.observe_open(friend)
        friend = friend.again()
    return Meeting(friend, sharer, task)


def meet_again(sharer: Enrolment, friend: Enrolment, task_key: str, *, now: datetime) -> Meeting | None:
    """Lock two who take part; None where one of them does not any more, or the task is gone. Inside a transaction."""
    slug = friend.campaign.slug
    entering.lock_all([sharer.member_id, friend.member_id], slug)
    try:
        plays = [entering.enter(each.member, slug, now=now) for each in (friend, sharer)]
    except (Refused, Member.DoesNotExist):
        return None
    locking.lock_by_id({sharer.member_id, friend.member_id})
    task = plays[0].definition.by_key.get(task_key)
    return Meeting(plays[0], plays[1], task) if task else None


def reward_friend(play: Play, task: Task, part: str, *, key: str) -> Reward | None:
    """Give what the task's configuration has for a friend under `part`, once per key, and return it.

    A gift without codes is given by a job, which waits for an operator's replay; then nothing is given now.
    """
    reward = sharing_config.reward_in(task.config, part)
    if reward is None:
        return None
    try:
        with transaction.atomic():
            completing.give(play.definition, play.member.pk, reward, key=key, title=task.title, now=play.now)
    except OutOfGifts:
        where = {"slug": play.definition.slug, "task_key": task.key, "part": part}
        arguments = where | {"member_id": play.member.pk, "key": key}
        jobs.enqueue("campaigns.jobs.reward_friend", key=key, arguments=arguments)
        return None
    return reward


def reward_later(  # noqa: PLR0913 a grant says what, to whom, why and when
    definition: Campaign, task: Task, part: str, *, member_id: int, key: str, now: datetime
) -> None:
    """What the job gives. Raises OutOfGifts until there are codes again."""
    if reward := sharing_config.reward_in(task.config, part):
        completing.give(definition, member_id, reward, key=key, title=task.title, now=now)
