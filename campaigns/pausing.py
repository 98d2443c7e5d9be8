"""Pause, resume and end: guarded changes of a published campaign's state, each audited. Publishing makes it live."""

from datetime import datetime

from django.db import transaction

from campaigns.entering import scope_of_slug
from campaigns.models import Campaign
from operations import audit, jobs
from operations.audit import Actor
from rewards import draw_gates

State = Campaign.State


class NotPossible(Exception):
    """The campaign is in a state from which this cannot be done; `state` is that one."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


@transaction.atomic
def pause(campaign: Campaign, *, by: Actor, now: datetime) -> None:
    """Stop all play at once. Raises NotPossible unless the campaign is live."""
    _change(campaign, (State.LIVE,), State.PAUSED, action="campaign.paused", by=by, now=now)


@transaction.atomic
def resume(campaign: Campaign, *, by: Actor, now: datetime) -> None:
    """Let play go on; orders that came in meanwhile move their tasks. Raises NotPossible unless it is paused."""
    _change(campaign, (State.PAUSED,), State.LIVE, action="campaign.resumed", by=by, now=now)
    jobs.enqueue(
        "campaigns.jobs.follow_campaign",
        key=f"campaign-resumed:{campaign.pk}:{now.isoformat()}",
        arguments={"campaign_id": campaign.pk},
    )


@transaction.atomic
def end(campaign: Campaign, *, by: Actor, now: datetime) -> None:
    """End the campaign for good, before or after its closing time."""
    _change(campaign, (State.LIVE, State.PAUSED), State.ENDED, action="campaign.ended", by=by, now=now)


def _change(  # noqa: PLR0913 a change says what, from where, to where, who and when
    campaign: Campaign, allowed: tuple[str, ...], to: str, *, action: str, by: Actor, now: datetime
) -> None:
    before = Campaign.objects.select_for_update().values_list("state", flat=True).get(pk=campaign.pk)
    if before not in allowed:
        raise NotPossible(before)
    Campaign.objects.filter(pk=campaign.pk).update(state=to)
    draw_gates.set_open(scope_of_slug(campaign.slug), is_open=to == State.LIVE)
    audit.record(action, campaign, by=by, now=now, changes={"state": [before, to]})
