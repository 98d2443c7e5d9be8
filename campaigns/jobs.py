"""What workers run for campaigns."""

from collections.abc import Sequence

from django.utils import timezone

from campaigns import energy, energy_drops, following, lapsing, published, rank_prizes, rewarding, winning_tags
from campaigns.models import BoardClosing, Campaign
from operations.apart import apart

# Drops that one job lets wither.
WITHER_AT_ONCE = 5_000


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


def close_boards() -> None:
    rank_prizes.close_due(now=timezone.now())


def grant_rank_prizes(closing_id: int, from_id: int) -> None:
    """A slice, and a job for the next: what was granted stays so, whatever becomes of this job."""
    next_id = apart(rank_prizes.grant_slice, closing_id, from_id, now=timezone.now())
    if next_id is not None:
        rank_prizes.grant_later(BoardClosing.objects.get(pk=closing_id), from_id=next_id)


def energy_of_events(event_ids: Sequence[tuple[str, str]]) -> None:
    energy_drops.follow_events(event_ids, now=timezone.now())


def energy_of_orders(activity_ids: Sequence[int]) -> None:
    energy_drops.follow_orders(activity_ids, now=timezone.now())


def give_milestones(enrolment_id: int) -> None:
    energy.give_reached(enrolment_id, now=timezone.now())


def wither_energy() -> None:
    energy_drops.wither(now=timezone.now(), limit=WITHER_AT_ONCE)


def tag_winners() -> None:
    winning_tags.follow(now=timezone.now())
