"""The prizes of the demo's boards that are over, given at once: what a worker would find waiting."""

from datetime import datetime

from campaigns import published, rank_prizes
from campaigns.models import BoardClosing


def close_boards(slug: str, *, now: datetime) -> None:
    """Close what is due, and give the prizes of the campaign's ranks. Raises RuntimeError unless it was published."""
    rank_prizes.close_due(now=now)
    definition = published.definition_of(slug)
    if definition is None:
        raise RuntimeError(f"{slug} was not published")
    for closing in BoardClosing.objects.filter(campaign__slug=slug).order_by("period"):
        for prize in closing.prizes.order_by("rank", "pk"):
            rank_prizes.grant(prize.pk, definition, closing, now=now)
