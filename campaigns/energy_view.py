"""The energy of one member as pages and the API show it: the drops, the milestones, the friends, the shared total."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q

from campaigns import energy as energies
from campaigns import friends
from campaigns.definition import Reward
from campaigns.energy_rules import Energy
from campaigns.models import EnergyDrop, EnergyGain, EnergyMilestone, Enrolment
from members.masking import masked_name

# Of one member on one page; more are shown when these are collected.
MOST_DROPS = 60
MOST_FRIENDS = 30


@dataclass(frozen=True, slots=True)
class Drop:
    id: int
    source: str
    amount: int
    matures_at: datetime
    withers_at: datetime
    ripe: bool
    # What the one who looks may take of a friend's; 0 of their own.
    share: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone: reached or not, and whether its reward waits to be claimed."""

    at: int
    reward: Reward
    reached: bool
    claimable: bool


@dataclass(frozen=True, slots=True)
class Friend:
    enrolment_id: int
    uid: str
    name: str
    ripe: int


@dataclass(frozen=True, slots=True)
class Shown:
    total: int
    drops: Sequence[Drop]
    milestones: Sequence[Step]
    shared: int | None

    @property
    def ripe(self) -> int:
        """What can be collected now."""
        return sum(drop.amount for drop in self.drops if drop.ripe)


def of_member(energy: Energy, enrolment: Enrolment, *, now: datetime) -> Shown:
    """What a member has, and what waits."""
    total = energies.total_of(enrolment.pk)
    noted = EnergyMilestone.objects.filter(enrolment=enrolment)
    rewarded = dict(noted.values_list("at", "rewarded_at"))
    steps = [
        Step(each.at, each.reward, each.at <= total, each.at in rewarded and rewarded[each.at] is None)
        for each in energy.milestones
    ]
    shared = energies.shared_total(enrolment.campaign_id) if energy.cause else None
    return Shown(total, drops_of(enrolment.pk, now=now), steps, shared)


def drops_of(enrolment_id: int, *, now: datetime) -> list[Drop]:
    """The drops that are there, those that are ripe first."""
    there = EnergyDrop.objects.filter(enrolment=enrolment_id, remaining__gt=0, withers_at__gt=now)
    return [
        Drop(each.pk, each.source, each.remaining, each.matures_at, each.withers_at, each.matures_at <= now)
        for each in there.order_by("matures_at", "pk")[:MOST_DROPS]
    ]


def ripe_of_friend(energy: Energy, friend_id: int, own_id: int, *, now: datetime) -> list[Drop]:
    """A friend's ripe drops, with what may be taken of each."""
    ripe = EnergyDrop.objects.filter(
        enrolment=friend_id, remaining__gt=0, matures_at__lte=now, withers_at__gt=now
    ).order_by("matures_at", "pk")[:MOST_DROPS]
    taken = EnergyGain.objects.filter(by=own_id, kind=EnergyGain.Kind.STOLEN, drop__enrolment=friend_id)
    before = set(taken.values_list("drop_id", flat=True)) if energy.steal else set()
    return [
        Drop(
            each.pk, each.source, each.remaining, each.matures_at, each.withers_at, True,
            share=energy.steal.share(each.amount, each.remaining) if energy.steal and each.pk not in before else 0,
        )
        for each in ripe
    ]  # fmt: skip


def friends_of(enrolment: Enrolment, *, now: datetime) -> list[Friend]:
    """Friends who take part, those with most ripe drops first."""
    those = friends.of(enrolment.member_id, enrolment.campaign_id)
    if not those:
        return []
    ripe = Q(energy_drops__remaining__gt=0, energy_drops__matures_at__lte=now, energy_drops__withers_at__gt=now)
    found = (
        Enrolment.objects.filter(campaign=enrolment.campaign_id, member__in=those, member__erased_at=None)
        .annotate(ripe=Count("energy_drops", filter=ripe), uid=F("member__uid"), name=F("member__name"))
        .order_by("-ripe", "pk")
        .values_list("pk", "uid", "name", "ripe")
    )
    return [Friend(pk, uid, masked_name(name), count) for pk, uid, name, count in found[:MOST_FRIENDS]]
