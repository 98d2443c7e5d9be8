"""Energy (能量): members collect their ripe drops, friends help or, where it is allowed, take a share.

Every amount is in one place at a time: each move is one guarded statement over the drops, behind the locks of the
enrolments that it concerns, and what is gained goes into the books in the same transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from campaigns import completing, energy_rules, friends, published
from campaigns.definition import Campaign, Reward
from campaigns.energy_rules import Energy, Milestone, Steal
from campaigns.entering import Play, enter, enter_all
from campaigns.models import EnergyAccount, EnergyDrop, EnergyGain, EnergyMilestone, EnergyPot, Enrolment
from campaigns.refusals import Because, Refusal, Refused
from campaigns.zones import zone_of
from members import locking, touches
from members.models import Member
from operations import jobs
from rewards.awards import OutOfGifts

NO_ENERGY = Because("no_energy", _("This campaign has no energy to collect."), 404)
NO_DROP = Because("no_drop", _("There is no such energy here."), 404)
NOT_RIPE = Because("not_ripe", _("This energy is not ripe yet."))
GONE = Because("drop_gone", _("This energy has been collected already, or is lost."))
NOT_FRIENDS = Because("not_friends", _("You can only help friends in this campaign."))
NO_HELP = Because("no_help", _("In this campaign everybody collects for themselves."))
NO_STEALING = Because("no_stealing", _("In this campaign nobody takes from friends."))
ONCE_ONLY = Because("taken_before", _("You have taken from this already."))
LEFT_TO_OWNER = Because("left_to_owner", _("What is left of it is your friend's."))
NO_MILESTONE = Because("no_milestone", _("You have not reached this milestone yet."), 404)

# Rows over which the shared total of a campaign is spread.
PARTS = 16

Kind = EnergyGain.Kind
# Waiting for a drop's lock, a statement sees what whoever held it has left of it.
TAKE = """
    WITH ripe AS MATERIALIZED (
        SELECT id, remaining FROM campaigns_energydrop
        WHERE enrolment_id = %(owner)s AND (%(drop)s::bigint IS NULL OR id = %(drop)s)
            AND remaining > 0 AND matures_at <= %(now)s AND withers_at > %(now)s
        ORDER BY id FOR NO KEY UPDATE
    ), taken AS (
        UPDATE campaigns_energydrop taken SET collected = taken.collected + ripe.remaining, remaining = 0
        FROM ripe WHERE taken.id = ripe.id
        RETURNING taken.id, ripe.remaining
    ), gained AS (
        INSERT INTO campaigns_energygain (enrolment_id, drop_id, by_id, kind, amount, day, gained_at)
        SELECT %(owner)s, id, %(by)s, %(kind)s, remaining, %(day)s, %(now)s FROM taken
        RETURNING drop_id, amount
    )
    SELECT drop_id, amount FROM gained ORDER BY drop_id
"""
CREDIT = """
    INSERT INTO campaigns_energyaccount AS account (enrolment_id, total) VALUES (%s, %s)
    ON CONFLICT (enrolment_id) DO UPDATE SET total = account.total + EXCLUDED.total RETURNING total
"""
POUR = """
    INSERT INTO campaigns_energypot AS pot (campaign_id, part, total) VALUES (%s, %s, %s)
    ON CONFLICT (campaign_id, part) DO UPDATE SET total = pot.total + EXCLUDED.total
"""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a move brought whoever made it: how much, what they have now, and the milestones that it reached.

    `helped` is what a friend gained by it.
    """

    gained: int
    total: int
    reached: tuple[int, ...] = ()
    helped: int = 0


@touches.together()
def collect(member: Member, slug: str, drop_id: int | None, *, now: datetime) -> Gathered:
    """Collect one ripe drop of the member's own, or all of them. Raises Refused."""
    play = enter(member, slug, now=now)
    energy = _energy(play)
    own = play.enrolment.pk
    taken = _take(play, own, drop_id, by=own, kind=Kind.COLLECTED)
    if drop_id is not None and not taken:
        raise Refused(_why(own, drop_id, now))
    return _settle(play, energy, {own: sum(taken.values())})


@touches.together()
def help_friend(member: Member, friend: Member, slug: str, drop_id: int, *, now: datetime) -> Gathered:
    """Collect a ripe drop for a friend, whose it stays; whoever helps is thanked, so often a day. Raises Refused."""
    plays = _both(member, friend, slug, now)
    play, other = plays[member.pk], plays[friend.pk]
    energy = _energy(play)
    if energy.help is None:
        raise Refused(NO_HELP)
    own, owner = play.enrolment.pk, other.enrolment.pk
    taken = _take(play, owner, drop_id, by=own, kind=Kind.HELPED)
    if not taken:
        raise Refused(_why(owner, drop_id, now))
    today = _today(play)
    thanked = EnergyGain.objects.filter(by=own, day=today, kind=Kind.THANKS).count() < energy.help.per_day
    bonus = energy.help.bonus if thanked else 0
    if bonus:
        _note(own, drop_id, by=own, kind=Kind.THANKS, amount=bonus, today=today, now=now)
    return _settle(play, energy, {owner: taken[drop_id], own: bonus})


@touches.together()
def steal(member: Member, friend: Member, slug: str, drop_id: int, *, now: datetime) -> Gathered:
    """Take a share of a friend's ripe drop: once each, and never what is left to the owner. Raises Refused."""
    plays = _both(member, friend, slug, now)
    play, other = plays[member.pk], plays[friend.pk]
    energy = _energy(play)
    if energy.steal is None:
        raise Refused(NO_STEALING)
    own, owner = play.enrolment.pk, other.enrolment.pk
    share = _take_share(energy.steal, owner, drop_id, own, now)
    _note(own, drop_id, by=own, kind=Kind.STOLEN, amount=share, today=_today(play), now=now)
    return _settle(play, energy, {own: share})


@touches.together()
def claim(member: Member, slug: str, at: int, *, now: datetime) -> Reward:
    """Give the reward of a milestone whose gift could not be given when it was reached. Raises Refused."""
    play = enter(member, slug, now=now)
    milestone = next((each for each in _energy(play).milestones if each.at == at), None)
    reached = EnergyMilestone.objects.filter(enrolment=play.enrolment.pk, at=at).first()
    if milestone is None or reached is None:
        raise Refused(NO_MILESTONE)
    if reached.rewarded_at is not None:
        raise Refused(Refusal.DONE)
    if not _reward(play.definition, play.enrolment, milestone, now=now):
        raise Refused(Refusal.OUT_OF_GIFTS)
    return milestone.reward


def _energy(play: Play) -> Energy:
    energy = energy_rules.of(play.definition.features)
    if energy is None:
        raise Refused(NO_ENERGY)
    return energy


def _both(member: Member, friend: Member, slug: str, now: datetime) -> dict[int, Play]:
    """Both take part and are friends; both are locked in the order of the house."""
    theirs = Enrolment.objects.filter(member=friend, campaign__slug=slug, member__erased_at=None).first()
    if theirs is None or not friends.are(member.pk, friend.pk, theirs.campaign_id):
        raise Refused(NOT_FRIENDS)
    return enter_all([member, friend], slug, now=now)


def _today(play: Play) -> date:
    return play.now.astimezone(zone_of(play.definition)).date()


def _take(play: Play, owner: int, drop_id: int | None, *, by: int, kind: Kind) -> dict[int, int]:
    """Take all that is left of the owner's ripe drop, or of all of them; amounts by drop."""
    values = {"owner": owner, "drop": drop_id, "by": by, "kind": kind, "day": _today(play), "now": play.now}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        return dict(cursor.fetchall())


def _take_share(steal_by: Steal, owner: int, drop_id: int, own: int, now: datetime) -> int:
    drop = EnergyDrop.objects.filter(pk=drop_id, enrolment=owner).first()
    if drop is None or not (drop.remaining and drop.matures_at <= now < drop.withers_at):
        raise Refused(_why(owner, drop_id, now))
    if EnergyGain.objects.filter(drop=drop, by=own, kind=Kind.STOLEN).exists():
        raise Refused(ONCE_ONLY)
    share = steal_by.share(drop.amount, drop.remaining)
    ripe = EnergyDrop.objects.filter(pk=drop_id, matures_at__lte=now, withers_at__gt=now)
    there = ripe.filter(remaining__gte=share + steal_by.floor(drop.amount))
    if not share or not there.update(remaining=F("remaining") - share, stolen=F("stolen") + share):
        raise Refused(LEFT_TO_OWNER)
    return share


def _note(  # noqa: PLR0913 a gain is what it records
    enrolment_id: int, drop_id: int, *, by: int, kind: Kind, amount: int, today: date, now: datetime
) -> None:
    EnergyGain.objects.create(
        enrolment_id=enrolment_id, drop_id=drop_id, by_id=by, kind=kind, amount=amount, day=today, gained_at=now
    )


def _why(owner: int, drop_id: int, now: datetime) -> Because:
    """Why nothing can be taken from a drop."""
    drop = EnergyDrop.objects.filter(pk=drop_id, enrolment=owner).first()
    if drop is None:
        return NO_DROP
    return NOT_RIPE if drop.remaining and now < drop.matures_at else GONE


def _settle(play: Play, energy: Energy, gains: Mapping[int, int]) -> Gathered:
    """Book what each enrolment gained, and give what the member's own milestones give; a friend's are given by a job,
    so that nothing of two members is given in one transaction. The row that many share comes last.
    """
    own = play.enrolment.pk
    gained = {enrolment: amount for enrolment, amount in sorted(gains.items()) if amount}
    totals = {enrolment: _credit(enrolment, amount) for enrolment, amount in gained.items()}
    reached = {enrolment: _pass(enrolment, energy, totals[enrolment], now=play.now) for enrolment in gained}
    for enrolment, milestones in reached.items():
        if milestones and enrolment != own:
            key = f"energy-milestones:{enrolment}:{milestones[-1].at}"
            jobs.enqueue("campaigns.jobs.give_milestones", key=key, arguments={"enrolment_id": enrolment})
    if reached.get(own):
        # Before any account: of several milestones a later one may bring a tag.
        locking.lock_by_id([play.member.pk])
    for milestone in reached.get(own, ()):
        _reward(play.definition, play.enrolment, milestone, now=play.now)
    if gained:
        with connection.cursor() as cursor:
            cursor.execute(POUR, [play.enrolment.campaign_id, own % PARTS, sum(gained.values())])
    mine = gained.get(own, 0)
    told = tuple(each.at for each in reached.get(own, ()))
    return Gathered(mine, totals.get(own, total_of(own)), told, sum(gained.values()) - mine)


def _credit(enrolment_id: int, amount: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(CREDIT, [enrolment_id, amount])
        (total,) = cursor.fetchone()
    return int(total)


def total_of(enrolment_id: int) -> int:
    """All that a member has gained."""
    return EnergyAccount.objects.filter(pk=enrolment_id).values_list("total", flat=True).first() or 0


def _pass(enrolment_id: int, energy: Energy, total: int, *, now: datetime) -> list[Milestone]:
    """Note the milestones up to the total that were not noted before; return them."""
    due = [each for each in energy.milestones if each.at <= total]
    noted = EnergyMilestone.objects.filter(enrolment=enrolment_id, at__in=[each.at for each in due])
    known = set(noted.values_list("at", flat=True)) if due else set()
    new = [each for each in due if each.at not in known]
    rows = [EnergyMilestone(enrolment_id=enrolment_id, at=each.at, reached_at=now) for each in new]
    EnergyMilestone.objects.bulk_create(rows)
    return new


@touches.together()
def give_reached(enrolment_id: int, *, now: datetime) -> None:
    """Give what a member's milestones give that were reached with a friend's help. Who was erased gets nothing."""
    enrolment = Enrolment.objects.select_related("campaign").get(pk=enrolment_id)
    definition = published.definition_of(enrolment.campaign.slug)
    energy = energy_rules.of(definition.features) if definition else None
    if definition is None or energy is None or not locking.hold_by_id(enrolment.member_id):
        return
    # As a member's own move: the enrolment before what is given, the member before their accounts.
    Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment_id)
    locking.lock_by_id([enrolment.member_id])
    open_ = EnergyMilestone.objects.filter(enrolment=enrolment, rewarded_at=None)
    waiting = set(open_.values_list("at", flat=True))
    for milestone in energy.milestones:
        if milestone.at in waiting:
            _reward(definition, enrolment, milestone, now=now)


def _reward(definition: Campaign, enrolment: Enrolment, milestone: Milestone, *, now: datetime) -> bool:
    """Give what a milestone gives, once; False while its gift is not to be had: then it stays to be claimed."""
    unrewarded = EnergyMilestone.objects.filter(enrolment=enrolment.pk, at=milestone.at, rewarded_at=None)
    at, member_id = milestone.at, enrolment.member_id
    key = f"energy:{definition.slug}:{at}:{member_id}"
    try:
        with transaction.atomic():
            if unrewarded.update(rewarded_at=now):
                completing.give(definition, member_id, milestone.reward, key=key, title=str(at), now=now)
    except OutOfGifts:
        return False
    return True


def shared_total(campaign_id: int) -> int:
    """All that the members of a campaign have gained together, exactly."""
    return sum(EnergyPot.objects.filter(campaign=campaign_id).values_list("total", flat=True))
