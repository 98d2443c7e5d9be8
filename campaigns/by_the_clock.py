"""Scheduled campaigns open and running ones end when their time has come. A job asks each minute.

Members are exact to the second without it, since every decision looks at the clock: this is what operators read, and
what shuts the draws of a campaign that is over.
"""

from datetime import datetime

from django.db import transaction

from campaigns import published, states
from campaigns.models import Campaign
from campaigns.states import State


def follow_the_clock(*, now: datetime) -> list[str]:
    """Open what is due, end what is over, each in a transaction of its own; return the keys of what changed."""
    running = Campaign.objects.filter(state__in=states.RUNNING).select_related("current").order_by("pk")
    due = [campaign for campaign in running if _due(campaign, now)]
    return [campaign.slug for campaign in due if _move(campaign, now)]


def _due(campaign: Campaign, now: datetime) -> State | None:
    """The state that the current revision's window asks for, if it is another one."""
    if campaign.current is None:
        return None
    if now >= published.closes_at(campaign.current):
        return State.ENDED
    opened = now >= published.opens_at(campaign.current)
    return State.LIVE if campaign.state == State.SCHEDULED and opened else None


@transaction.atomic
def _move(campaign: Campaign, now: datetime) -> bool:
    """Somebody may have paused or ended it, or published another window, since it was found due."""
    held = states.locked(campaign)
    if held.state not in states.RUNNING or (to := _due(held, now)) is None:
        return False
    states.change(held, states.END if to == State.ENDED else states.OPEN_UP, to, by=None, now=now)
    return True
