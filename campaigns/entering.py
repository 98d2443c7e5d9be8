"""A member enters a campaign: the enrolment row is made, locked, and the facts are loaded behind the lock."""

from dataclasses import dataclass, replace
from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class Play:
    """One member's turn in one campaign. The enrolment is locked until the transaction ends."""

    member: Member
    definition: Campaign
    enrolment: Enrolment
    subject: Subject
    decision: CampaignDecision
    now: datetime
    entered: bool

    def again(self) -> "Play":
        """The same turn with the facts as they are after what was written."""
        subject = load_subject(self.member, self.definition, now=self.now)
        return replace(self, subject=subject, decision=decide(self.definition, subject))


def scope_of(definition: Campaign) -> str:
    """What chances and draws of a campaign belong to."""
    return scope_of_slug(definition.slug)


def scope_of_slug(slug: str) -> str:
    return f"campaign:{slug}"


def enter(member: Member, definition: Campaign, *, now: datetime) -> Play:
    """Lock the enrolment, making it for a member who may enter, and decide. Inside a transaction.

    The member is held before anything of theirs: an erasure, which goes the same way, waits or is waited for.
    Raises Refused, and Member.DoesNotExist for who was erased meanwhile.
    """
    if not locking.hold_by_id(member.pk):
        raise Member.DoesNotExist(member.uid)
    enrolment, entered = _locked(member, definition), False
    if enrolment is None:
        enrolment, entered = _enrol(member, definition, now)
    subject = load_subject(member, definition, now=now)
    decision = decide(definition, subject)
    if decision.refusal:
        raise Refused(decision.refusal)
    return Play(member, definition, enrolment, subject, decision, now, entered)


def _locked(member: Member, definition: Campaign) -> Enrolment | None:
    enrolments = Enrolment.objects.select_for_update(of=("self",))
    return enrolments.filter(member=member, campaign__slug=definition.slug).first()


def _enrol(member: Member, definition: Campaign, now: datetime) -> tuple[Enrolment, bool]:
    if refusal := decide(definition, load_subject(member, definition, now=now)).refusal:
        raise Refused(refusal)
    campaign = Draft.objects.filter(slug=definition.slug).first()
    if campaign is None:
        raise Refused(Refusal.NOT_PUBLISHED)
    _, entered = Enrolment.objects.get_or_create(campaign=campaign, member=member, defaults={"joined_at": now})
    if entered:
        touches.touch(TOUCHED, [member.pk])
    enrolment = _locked(member, definition)
    if enrolment is None:
        raise RuntimeError("an enrolment is never deleted")
    return enrolment, entered
