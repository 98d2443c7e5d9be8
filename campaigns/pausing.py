"""Pause, resume, end and archive: guarded changes of a campaign's state, each audited (`campaigns.states`)."""

from datetime import datetime

from django.db import transaction

from campaigns import published, states
from campaigns.models import Campaign
from campaigns.states import NotPossible, State
from operations import jobs
from operations.audit import Actor

__all__ = ["NotPossible", "archive", "end", "pause", "resume", "unarchive"]


@transaction.atomic
def pause(campaign: Campaign, *, by: Actor, now: datetime) -> None:
    """Stop all play at once. Raises NotPossible unless the campaign is live, or scheduled."""
    states.change(states.locked(campaign), states.PAUSE, State.PAUSED, by=by, now=now)


@transaction.atomic
def resume(campaign: Campaign, *, by: Actor, now: datetime) -> None:
    """Let play go on; orders that came in meanwhile move their tasks. Raises NotPossible unless it is paused."""
    locked = states.locked(campaign)
    to = State.LIVE if locked.current is None else states.state_by_clock(published.opens_at(locked.current), now=now)
    states.change(locked, states.RESUME, to, by=by, now=now)
    jobs.enqueue(
        "campaigns.jobs.follow_campaign",
        key=f"campaign-resumed:{campaign.pk}:{now.isoformat()}",
        arguments={"campaign_id": campaign.pk},
    )


@transaction.atomic
def end(campaign: Campaign, *, by: Actor, now: datetime) -> None:
    """End the campaign for good, before or after its closing time."""
    states.change(states.locked(campaign), states.END, State.ENDED, by=by, now=now)


@transaction.atomic
def archive(campaign: Campaign, *, by: Actor, now: datetime) -> None:
    """Put away what has ended, or a draft that comes to nothing: lists leave it out until they are asked for it."""
    states.change(states.locked(campaign), states.ARCHIVE, State.ARCHIVED, by=by, now=now)


@transaction.atomic
def unarchive(campaign: Campaign, *, by: Actor, now: datetime) -> None:
    """Take it out again: what was published has ended, anything else is a draft."""
    locked = states.locked(campaign)
    to = State.DRAFT if locked.current_id is None else State.ENDED
    states.change(locked, states.UNARCHIVE, to, by=by, now=now)
