"""What workers run for campaigns."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from campaigns import (
    answering,
    by_the_clock,
    energy,
    energy_drops,
    following,
    following_events,
    inviting,
    lapsing,
    pacing,
    proof_pictures,
    published,
    rank_prizes,
    rewarding,
    taking_back,
    teaming,
    touched,
    waiting_claims,
    winning_tags,
)
from campaigns.models import BoardClosing, Campaign
from campaigns.offers import coupons, settling
from campaigns.offers import following as offer_following
from campaigns.rehearsal import forecasts
from operations import jobs
from operations.apart import apart

# Drops that one job lets wither.
WITHER_AT_ONCE = 5_000


def follow_orders(activity_ids: Sequence[int]) -> None:
    """Besides their own tasks, whoever bought may move those of a friend who invited them, or of their team."""
    following.follow_activities(activity_ids, now=timezone.now())
    inviting.follow_friends(activity_ids)
    teaming.follow_buyers(activity_ids)


def follow(enrolment_ids: Sequence[int]) -> None:
    following.follow(enrolment_ids, now=timezone.now())


def follow_events(event_ids: Sequence[Sequence[str]]) -> None:
    following_events.follow_events(event_ids, now=timezone.now())


def follow_late(moments: Mapping[str, Sequence[str]]) -> None:
    """`moments`: the id of an enrolment → times in ISO 8601."""
    late = {int(pk): [datetime.fromisoformat(at) for at in times] for pk, times in moments.items()}
    following_events.follow_late(late, now=timezone.now())


def forget_lost_proofs() -> None:
    proof_pictures.forget_lost(now=timezone.now())


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


def tell_of_claims(part: int = 1) -> None:
    now = timezone.now()
    if waiting_claims.tell(now=now) >= waiting_claims.SLICE:
        function = "campaigns.jobs.tell_of_claims"
        jobs.enqueue(function, key=f"{function}:{now.isoformat()}", arguments={"part": part + 1})


def follow_campaign(campaign_id: int) -> None:
    now = timezone.now()
    campaign = Campaign.objects.get(pk=campaign_id)
    following.follow_campaign(campaign, key=f"resumed:{campaign_id}:{now.isoformat()}", now=now)
    inviting.follow_campaign(campaign_id, key=f"resumed:{now.isoformat()}")


def follow_offer_orders(activity_ids: Sequence[int]) -> None:
    offer_following.follow_orders(activity_ids, now=timezone.now())


def settle_offers(enrolment_ids: Sequence[int]) -> None:
    settling.settle(enrolment_ids, now=timezone.now())


def end_offers(part: int = 1) -> None:
    """Each run takes a slice, and the next job follows until nothing is due."""
    now = timezone.now()
    if offer_following.end_due(now=now) >= offer_following.SLICE:
        function = "campaigns.jobs.end_offers"
        jobs.enqueue(function, key=f"{function}:{now.isoformat()}", arguments={"part": part + 1})


def withdraw_coupon(coupon_id: int) -> None:
    coupons.withdraw(coupon_id, now=timezone.now())


def give_for_group(reservation_id: int) -> None:
    """Raises OutOfGifts until there are codes again: the job dies, and is replayed after an import of codes."""
    offer_following.give_for_group(reservation_id, now=timezone.now())


def take_for_group(reservation_id: int) -> None:
    offer_following.take_for_group(reservation_id, now=timezone.now())


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


def follow_the_clock() -> None:
    by_the_clock.follow_the_clock(now=timezone.now())


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


def forget_moves() -> None:
    pacing.forget(now=timezone.now())


def forecast_cost(campaign: int, basis: str, step: int) -> None:
    forecasts.work(campaign, basis, step, now=timezone.now())
