"""Publishing: the draft becomes an immutable revision, and the campaign points to it."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from campaigns.definition import as_json
from campaigns.drafts import Draft, definition_of
from campaigns.entering import TOUCHED
from campaigns.faults import Fault, faults
from campaigns.models import Campaign, ChainProgress, Revision
from members import touches
from operations import audit
from operations.audit import Actor
from rewards.models import PrizePool
from rewards.pools import PoolNotReady, publish_pool

__all__ = ["Fault", "NotReady", "faults", "publish"]


class NotReady(Exception):
    """The draft cannot be published; `reasons` are all of them."""

    def __init__(self, reasons: Sequence[Fault]) -> None:
        super().__init__("\n".join(reason.message for reason in reasons))
        self.reasons = reasons


@transaction.atomic
def publish(campaign: Campaign, *, by: Actor, now: datetime) -> Revision:
    """Publish the draft and its pools. Raises NotReady with every reason.

    A draft that says the same as the current revision returns that one. A paused campaign stays paused: it resumes
    with the new revision.
    """
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("current").get(pk=campaign.pk)
    if reasons := faults(campaign, now=now):
        raise NotReady(reasons)
    draft, before = Draft(campaign), campaign.current
    versions = {offer.pool.slug: _publish_pool(offer.pool, by=by, now=now) for offer in draft.pools}
    if before and before.definition == as_json(definition_of(draft, revision=before.number, versions=versions)):
        return before
    revision = _write_revision(draft, versions, by=by, now=now)
    campaign.current = revision
    if campaign.state == Campaign.State.DRAFT:
        campaign.state = Campaign.State.LIVE
    campaign.save(update_fields=["current", "state"])
    _touch_those_in_chains(campaign)
    changes = {"revision": [before.number if before else None, revision.number]}
    audit.record("campaign.published", campaign, by=by, now=now, changes=changes)
    return revision


def _publish_pool(pool: PrizePool, *, by: Actor, now: datetime) -> int:
    """The number of the version. Draws may have taken, since the faults were looked for, what the draft takes away."""
    try:
        return publish_pool(pool, by=_user(by), now=now).number
    except PoolNotReady as refused:
        raise NotReady([Fault(f"pool_{fault.code}", f"{pool}: {fault.message}") for fault in refused.faults]) from None


def _write_revision(draft: Draft, versions: dict[str, int], *, by: Actor, now: datetime) -> Revision:
    number = (draft.campaign.revisions.aggregate(last=Max("number"))["last"] or 0) + 1
    definition = definition_of(draft, revision=number, versions=versions)
    return Revision.objects.create(
        campaign=draft.campaign,
        number=number,
        definition=as_json(definition),
        published_at=now,
        published_by=_user(by),
    )


def _touch_those_in_chains(campaign: Campaign) -> None:
    """A chain is finished with its last step, and the revision may have given it another one."""
    begun = ChainProgress.objects.filter(enrolment__campaign=campaign)
    touches.touch(TOUCHED, begun.values_list("enrolment__member_id", flat=True).distinct())


def _user(by: Actor) -> User | None:
    """The user to name in a row; an API key is named by the audit trail only."""
    return by if isinstance(by, User) else None
