"""Publishing: the draft becomes an immutable revision, and the campaign points to it. The only writer of Revision."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from campaigns import acknowledging, states
from campaigns.definition import Campaign as Definition
from campaigns.definition import as_json
from campaigns.drafts import Draft, definition_of
from campaigns.entering import TOUCHED
from campaigns.faults import Fault, faults
from campaigns.models import Campaign, ChainProgress, Proposal, Revision
from campaigns.rehearsal.findings import Finding, Severity, of
from campaigns.rehearsal.rehearsing import Rehearsal, rehearse
from campaigns.states import State
from members import touches
from operations import audit, four_eyes
from operations.audit import Actor
from operations.four_eyes import PUBLISHING, Seen
from rewards.models import PrizePool
from rewards.pools import PoolNotReady, publish_pool

__all__ = [
    "Fault",
    "NotReady",
    "faults",
    "may_publish_alone",
    "publish",
    "publish_held",
    "refuse",
    "take_note",
    "write_revision",
]

ALONE = "campaigns.publish_campaign"
WORSEN = "campaigns.worsen_campaign"


class NotReady(Exception):
    """The draft cannot be published; `reasons` are all of them, `warnings` those that nobody acknowledged."""

    def __init__(self, reasons: Sequence[Fault], warnings: Sequence[Finding] = ()) -> None:
        super().__init__("\n".join([*(each.message for each in reasons), *(each.message for each in warnings)]))
        self.reasons, self.warnings = reasons, warnings


def may_publish_alone(user: Any) -> bool:
    """Whether the user may publish without a second person: in a shop that does without reviews only."""
    return not needs_review() and user.has_perm(ALONE)


def needs_review() -> bool:
    """Whether campaigns go live only when a second person has approved them: both settings can say no."""
    return settings.CAMPAIGN_REVIEW and four_eyes.needed(PUBLISHING)


@transaction.atomic
def publish(
    campaign: Campaign, *, by: Actor, now: datetime, reason: str = "", acknowledged: Collection[str] = ()
) -> Revision:
    """Publish the draft and its pools. Raises NotReady with every reason, or with the warnings that are still open.

    `acknowledged` are keys of warnings of the rehearsal that whoever publishes has taken note of; what a user
    acknowledged about this very draft before counts as well.

    A draft that says the same as the current revision returns that one. A paused campaign stays paused: it resumes
    with the new revision. What is against those who take part needs a reason, and somebody who may decide that.
    """
    campaign = states.locked(campaign)
    if Proposal.objects.filter(campaign=campaign, state=Proposal.State.IN_REVIEW).exists():
        raise NotReady([Fault("in_review", _("The campaign is in review: approve it, or send it back first."))])
    return publish_held(campaign, by=by, now=now, reason=reason, acknowledged=acknowledged)


def publish_held(  # noqa: PLR0913 a publication says who, when, why, and who has seen what
    campaign: Campaign,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    acknowledged: Collection[str] = (),
    seen: Seen | None = None,
) -> Revision:
    """Publish a campaign that `states.locked` returned, inside its transaction. Raises NotReady.

    `seen`: who asked for it and who approved it; without them, pools that give more are refused (`rewards.pools`).
    """
    rehearsal = rehearse(campaign, now=now)
    against = refuse(rehearsal, by=by, reason=reason)
    noted = take_note(rehearsal, acknowledged, by=by, now=now)
    draft, before = Draft(campaign), campaign.current
    versions = {offer.pool.slug: _publish_pool(offer.pool, by=by, now=now, seen=seen) for offer in draft.pools}
    if before and before.definition == as_json(definition_of(draft, revision=before.number, versions=versions)):
        return before
    definition = definition_of(draft, revision=next_number(campaign), versions=versions)
    revision = write_revision(campaign, definition, by=by, now=now, reason=reason.strip() if against else "")
    changes: dict[str, Any] = {"revision": [before.number if before else None, revision.number]}
    if against:
        changes["against participants"] = [None, [fault.message for fault in against]]
    if noted:
        changes["acknowledged"] = [None, [each.message for each in noted]]
    audit.record("campaign.published", campaign, by=by, now=now, changes=changes, reason=revision.reason)
    return revision


def refuse(rehearsal: Rehearsal, *, by: Actor, reason: str) -> list[Fault]:
    """Raise NotReady unless the draft may be published; return what of it is against those who take part."""
    found = rehearsal.faults
    against = [fault for fault in found if fault.against]
    if len(against) < len(found) or (against and not may_worsen(by, reason)):
        raise NotReady(found)
    return against


def take_note(rehearsal: Rehearsal, acknowledged: Collection[str], *, by: Actor, now: datetime) -> tuple[Finding, ...]:
    """Put on record which warnings are acknowledged, and return all that there are. Raises NotReady for any other."""
    warnings = of(Severity.WARNING, rehearsal.findings)
    missing = acknowledging.open_warnings(rehearsal.campaign, warnings, acknowledged, by=by)
    if missing:
        raise NotReady([], missing)
    if warnings and isinstance(by, User):
        acknowledging.acknowledge(rehearsal.campaign, warnings, by=by, now=now)
    return warnings


def may_worsen(by: Actor, reason: str) -> bool:
    return bool(reason.strip()) and isinstance(by, User) and by.has_perm(WORSEN)


def next_number(campaign: Campaign) -> int:
    return (campaign.revisions.aggregate(last=Max("number"))["last"] or 0) + 1


def write_revision(  # noqa: PLR0913 what holds from now on, who made it so, when and why
    campaign: Campaign,
    definition: Definition,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    restores: int | None = None,
) -> Revision:
    """Write the definition as the campaign's current revision; the caller holds the campaign and keeps the record."""
    revision = Revision.objects.create(
        campaign=campaign,
        number=definition.revision,
        definition=as_json(definition),
        published_at=now,
        published_by=_user(by),
        reason=reason,
        restores=restores,
    )
    _point_to(campaign, revision, states.state_by_clock(definition.opens_at, now=now))
    _touch_those_in_chains(campaign)
    return revision


# From which state a first revision, or a later one, moves the campaign by itself.
LAUNCHES: Mapping[str, states.Change] = {
    State.DRAFT: states.LAUNCH,
    State.IN_REVIEW: states.LAUNCH,
    State.SCHEDULED: states.OPEN_UP,
}


def _point_to(campaign: Campaign, revision: Revision, by_clock: State) -> None:
    """Members meet the revision from now on. One that is paused stays so, and one that is open never goes back."""
    what = LAUNCHES.get(campaign.state)
    if what is None or by_clock not in what.targets:
        Campaign.objects.filter(pk=campaign.pk).update(current=revision)
    else:
        states.move(campaign, what, by_clock, current=revision)
        campaign.state = by_clock.value
    campaign.current = revision


def _publish_pool(pool: PrizePool, *, by: Actor, now: datetime, seen: Seen | None) -> int:
    """The number of the version. Draws may have taken, since the faults were looked for, what the draft takes away."""
    try:
        return publish_pool(pool, by=_user(by), now=now, seen=seen).number
    except PoolNotReady as refused:
        raise NotReady([Fault(f"pool_{fault.code}", f"{pool}: {fault.message}") for fault in refused.faults]) from None


def _touch_those_in_chains(campaign: Campaign) -> None:
    """A chain is finished with its last step, and the revision may have given it another one."""
    begun = ChainProgress.objects.filter(enrolment__campaign=campaign)
    touches.touch(TOUCHED, begun.values_list("enrolment__member_id", flat=True).distinct())


def _user(by: Actor) -> User | None:
    """The user to name in a row; an API key is named by the audit trail only."""
    return by if isinstance(by, User) else None
