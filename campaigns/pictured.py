"""Which stored pictures campaigns name. A revision, and what was reviewed, may be looked at for ever: so may theirs."""

from collections.abc import Iterator

from campaigns.models import Campaign, Proposal, Revision


def in_use() -> Iterator[str]:
    """Drafts first: what is published meanwhile is met in one of them, whichever is read when."""
    yield from Campaign.objects.exclude(banner="").values_list("banner", flat=True)
    yield from Proposal.objects.filter(definition__has_key="banner").values_list("definition__banner", flat=True)
    yield from Revision.objects.filter(definition__has_key="banner").values_list("definition__banner", flat=True)
