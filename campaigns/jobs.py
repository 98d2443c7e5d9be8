"""What workers run for campaigns."""

from collections.abc import Sequence

from django.utils import timezone

from campaigns import (
    answering,
    following,
    inviting,
    lapsing,
    published,
    rewarding,
    taking_back,
    teaming,
    touched,
)
from campaigns.models import Campaign


def follow_orders(activity_ids: Sequence[int]) -> None:
    """Besides their own tasks, whoever bought may move those of a friend who invited them, or of their team."""
    following.follow_activities(activity_ids, now=timezone.now())
    inviting.follow_friends(activity_ids)
    teaming.follow_buyers(activity_ids)


def follow(enrolment_ids: Sequence[int]) -> None:
    following.follow(enrolment_ids, now=timezone.now())


def follow_refunds(activity_ids: Sequence[int]) -> None:
    taking_back.follow_refunds(activity_ids, now=timezone.now())


def take_back(enrolment_ids: Sequence[int]) -> None:
    taking_back.look_at(enrolment_ids, now=timezone.now())


def follow_touched() -> None:
    touched.follow_touched(now=timezone.now())


def reward_chain(slug: str, chain_key: str, member_id: int) -> None:
    """Raises OutOfGifts until there are codes again: the job dies, and is replayed after an import of codes."""
    definition = published.definition_of(slug)
    if definition is None:
        raise LookupError(f"no campaign {slug} is published")
    chain = next(each for each in definition.chains if each.key == chain_key)
    rewarding.give_chain(definition, chain, member_id, now=timezone.now())


def lapse() -> None:
    lapsing.lapse(now=timezone.now())


def follow_campaign(campaign_id: int) -> None:
    now = timezone.now()
    campaign = Campaign.objects.get(pk=campaign_id)
    following.follow_campaign(campaign, key=f"resumed:{campaign_id}:{now.isoformat()}", now=now)


def reward_friend(slug: str, task_key: str, part: str, member_id: int, key: str) -> None:
    """Raises OutOfGifts until there are codes again, as above."""
    definition = published.definition_of(slug)
    if definition is None:
        raise LookupError(f"no campaign {slug} is published")
    task = definition.by_key[task_key]
    answering.reward_later(definition, task, part, member_id=member_id, key=key, now=timezone.now())


def follow_registered() -> None:
    inviting.follow_registered(now=timezone.now())


def settle_invitation(invitation_id: int) -> None:
    inviting.settle(invitation_id, now=timezone.now())


def look_at_team(team_id: int) -> None:
    teaming.look_at(team_id, now=timezone.now())
