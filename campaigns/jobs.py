"""What workers run for campaigns."""

from collections.abc import Sequence

from django.utils import timezone

from campaigns import following, lapsing, pacing, published, rewarding
from campaigns.models import Campaign


def follow_orders(activity_ids: Sequence[int]) -> None:
    following.follow_activities(activity_ids, now=timezone.now())


def follow(enrolment_ids: Sequence[int]) -> None:
    following.follow(enrolment_ids, now=timezone.now())


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


def forget_moves() -> None:
    pacing.forget(now=timezone.now())
