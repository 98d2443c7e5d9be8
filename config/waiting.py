"""What waits for this user's approval, from whoever keeps approvals."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.models import Proposal

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing to decide on: what it is, who asked for it and when, and the page that decides."""

    title: str
    kind: str
    asked_by: str
    asked_at: datetime
    link: str


# Given a user, returns what waits for their decision, at most SHOWN, and how many there are in all.
Source = Callable[[Any], tuple[Sequence[Waiting], int]]

_sources: list[Source] = []


def register(source: Source) -> None:
    """Let a source tell what waits, once. Each thing has one source: it would be listed twice."""
    if source not in _sources:
        _sources.append(source)


def waiting_for(user: Any) -> tuple[list[Waiting], int]:
    """Return what waits for this user, the oldest first, at most SHOWN; and how many there are in all."""
    found: list[Waiting] = []
    total = 0
    for source in _sources:
        items, count = source(user)
        found.extend(items)
        total += count
    return sorted(found, key=lambda each: each.asked_at)[:SHOWN], total


def campaigns_in_review(user: Any) -> tuple[Sequence[Waiting], int]:
    """Return the proposals that wait for this user: somebody else submitted them."""
    if not user.has_perms(["campaigns.view_campaign", "campaigns.approve_campaign"]):
        return [], 0
    waiting = Proposal.objects.filter(state=Proposal.State.IN_REVIEW).exclude(submitted_by=user.pk)
    found = list(waiting.select_related("campaign", "submitted_by").order_by("pk"))
    return list(_of_proposals(found[:SHOWN])), len(found)


def _of_proposals(found: Sequence[Proposal]) -> Iterator[Waiting]:
    for proposal in found:
        link = reverse("admin:campaigns_campaign_review", args=[proposal.campaign_id])
        asked_by = proposal.submitted_by.get_username()
        yield Waiting(str(proposal.campaign), _("campaign"), asked_by, proposal.submitted_at, link)


register(campaigns_in_review)
