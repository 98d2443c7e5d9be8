"""What is in trouble, from every app: who may see which concern, and the worst first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns import campaign_concerns, held_rewards
from members import import_concerns
from operations import engine_concerns, webhook_concerns
from operations.concerns import Concern
from rewards import budget_concerns, gift_concerns
from segmentation import segment_concerns

Finder = Callable[[datetime], Iterable[Concern]]


@dataclass(frozen=True, slots=True)
class Source:
    """`find(now)` yields concerns; whoever lacks `right` is not told of them."""

    right: str
    find: Finder


_sources = [
    Source("operations.view_job", engine_concerns.jobs),
    Source("operations.view_book", engine_concerns.books),
    Source("operations.view_webhookendpoint", webhook_concerns.concerns),
    Source("rewards.view_budget", budget_concerns.concerns),
    Source("rewards.view_gift", gift_concerns.stocks),
    Source("rewards.view_delivery", gift_concerns.payments),
    Source("rewards.view_shipment", gift_concerns.parcels),
    Source("segmentation.view_segment", segment_concerns.concerns),
    Source("members.view_importrun", import_concerns.concerns),
    Source(held_rewards.RIGHT, campaign_concerns.held),
    Source("campaigns.review_submission", campaign_concerns.handed_in),
]


def register(right: str, find: Finder) -> None:
    """Add a source of concerns, once."""
    if Source(right, find) not in _sources:
        _sources.append(Source(right, find))


def concerns(user: Any, *, now: datetime) -> list[Concern]:
    """Return what this user may know of, the worst first and else in the order of the sources."""
    found = [each for source in _sources if user.has_perm(source.right) for each in source.find(now)]
    return sorted(found, key=lambda each: -each.severity)
