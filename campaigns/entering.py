"""A member enters a campaign: the enrolment row is made, locked, and the facts are loaded behind the lock."""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import connection

from campaigns import published, taking_part
from campaigns.definition import Campaign
from campaigns.eligibility import CampaignDecision, Subject, decide
from campaigns.models import Campaign as Draft
from campaigns.models import Enrolment
from campaigns.refusals import Refusal, Refused
from campaigns.subjects import load_subject
from members import locking, touches
from members.models import Member

# The family of facts that taking part is (`members.touches`).
TOUCHED = "participation"

# Of a member who takes part. An erasure, which takes the member first, waits or is waited for.
_LOCK = """
    SELECT e.id, e.joined_at, e.score, c.id, c.current_id, c.state
    FROM members_member m, campaigns_enrolment e, campaigns_campaign c
    WHERE m.id = %s AND m.erased_at IS NULL AND e.member_id = m.id AND c.id = e.campaign_id AND c.slug = %s
    FOR KEY SHARE OF m FOR UPDATE OF e
"""

_LOCK_ALL = """
    SELECT e.id
    FROM members_member m, campaigns_enrolment e, campaigns_campaign c
    WHERE m.id = ANY(%s) AND m.erased_at IS NULL AND e.member_id = m.id AND c.id = e.campaign_id AND c.slug = %s
    ORDER BY e.id FOR KEY SHARE OF m FOR UPDATE OF e
"""

Chance = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Origin:
    """From where a request came, as keyed hashes; "" where that is not known.

    `moves` are those that came of late of the "member", the "device" and the "address" (`campaigns.pacing`).
    """

    device: str = ""
    address: str = ""
    moves: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Play:
    """One member's turn in one campaign. The enrolment is locked until the transaction ends.

    `at` is the moment that is decided for, where that is not now: something was handed in, or happened, before.
    """

    member: Member
    definition: Campaign
    enrolment: Enrolment
    subject: Subject
    decision: CampaignDecision
    now: datetime
    entered: bool
    chance: Chance = secrets.randbelow
    origin: Origin | None = None
    at: datetime | None = None

    def again(self) -> "Play":
        """The same turn with the facts as they are after what was written."""
        if self.at is None:
            subject = load_subject(self.member, self.definition, now=self.now)
        else:
            subject = _subject_at(self.member, self.definition, self.at)
        return replace(self, subject=subject, decision=decide(self.definition, subject))


def scope_of(definition: Campaign) -> str:
    """What chances and draws of a campaign belong to."""
    return scope_of_slug(definition.slug)


def scope_of_slug(slug: str) -> str:
    return f"campaign:{slug}"


def enter(
    member: Member, slug: str, *, now: datetime, chance: Chance = secrets.randbelow, origin: Origin | None = None
) -> Play:
    """Lock the enrolment, making it for a member who may enter, and decide. Inside a transaction.

    Raises Refused, and Member.DoesNotExist for who was erased meanwhile.
    """
    locked, entered = _lock(member, slug), False
    if locked is None:
        entered = _enrol(member, slug, now)
        locked = _lock(member, slug)
    if locked is None:
        raise RuntimeError("an enrolment is never deleted")
    enrolment, definition = locked
    subject = load_subject(member, definition, now=now)
    decision = decide(definition, subject)
    if decision.refusal:
        raise Refused(decision.refusal)
    return Play(member, definition, enrolment, subject, decision, now, entered, chance, origin)


def enter_at(member: Member, slug: str, *, at: datetime, now: datetime, chance: Chance = secrets.randbelow) -> Play:
    """The turn of a participant as it was at a moment before now: what was done in time counts when it becomes known,
    though the campaign has ended or been paused since. What is given is given now.

    Raises Refused, and Member.DoesNotExist for who was erased or does not take part.
    """
    locked = _lock(member, slug)
    if locked is None:
        raise Member.DoesNotExist(member.uid)
    enrolment, today = locked
    definition = replace(today, paused=False, ended=False)
    subject = _subject_at(member, definition, at)
    decision = decide(definition, subject)
    if decision.refusal:
        raise Refused(decision.refusal)
    return Play(member, definition, enrolment, subject, decision, now, False, chance, at=at)


def _subject_at(member: Member, definition: Campaign, at: datetime) -> Subject:
    return replace(load_subject(member, definition, now=at), paused=False, ended=False)


def enter_all(
    members: Sequence[Member], slug: str, *, now: datetime, chance: Chance = secrets.randbelow
) -> dict[int, Play]:
    """Let several members enter for a move that concerns them all; by their ids. Inside a transaction.

    What is locked comes in the order of the house: enrolments by their ids, then the members, since what they are given
    will want their accounts. Raises as `enter` does, for the first who may not.
    """
    ordered = sorted({member.pk: member for member in members}.values(), key=lambda member: member.pk)
    lock_all([member.pk for member in ordered], slug)
    plays = {member.pk: enter(member, slug, now=now, chance=chance) for member in ordered}
    locking.lock_by_id(plays.keys())
    return plays


def lock_all(member_ids: Collection[int], slug: str) -> None:
    """Lock the enrolments that these members have in the campaign, in the order of their ids. Inside a transaction.

    Whoever enters several members does this first: `campaigns.following` locks in the same order, and who enters for
    the first time after it has an id above all of these.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ALL, [sorted(member_ids), slug])


def play_at(member: Member, slug: str, *, at: datetime, now: datetime) -> Play:
    """The turn as it was at a moment before, whatever became of the campaign since: for what was done then.

    Facts are those of now. Raises Member.DoesNotExist for who was erased.
    """
    locked = _lock(member, slug)
    if locked is None:
        raise Member.DoesNotExist(member.uid)
    enrolment, definition = locked
    definition = replace(definition, paused=False, ended=False)
    subject = replace(load_subject(member, definition, now=at), paused=False, ended=False)
    return Play(member, definition, enrolment, subject, decide(definition, subject), now, entered=False)


def _lock(member: Member, slug: str) -> tuple[Enrolment, Campaign] | None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [member.pk, slug])
        row = cursor.fetchone()
    if row is None:
        return None
    pk, joined_at, score, campaign_id, revision_id, state = row
    definition = published.definition_of_revision(revision_id, state)
    enrolment = Enrolment(pk=pk, campaign_id=campaign_id, member_id=member.pk, joined_at=joined_at, score=score)
    return enrolment, definition


def _enrol(member: Member, slug: str, now: datetime) -> bool:
    """Make the enrolment of a member who may enter. The member is held before anything of theirs."""
    if not locking.hold_by_id(member.pk):
        raise Member.DoesNotExist(member.uid)
    definition = published.definition_of(slug)
    campaign = Draft.objects.filter(slug=slug).first() if definition else None
    if definition is None or campaign is None:
        raise Refused(Refusal.NOT_PUBLISHED)
    if refusal := decide(definition, load_subject(member, definition, now=now)).refusal:
        raise Refused(refusal)
    enrolment, entered = Enrolment.objects.get_or_create(campaign=campaign, member=member, defaults={"joined_at": now})
    if entered:
        touches.touch(TOUCHED, [member.pk])
        taking_part.entered(definition, enrolment, now=now)
    return entered
