"""Which gifts are in use: what is raised of them is raised for members, so a second person has a look."""

from members import uses
from rewards.models import Gift


def in_use(gift: Gift) -> bool:
    """Tell whether anything gives the gift, or gave it: a pool, a campaign, the mall, or an award on record."""
    if gift.pk is None:
        return False
    return gift.is_used() or gift.mall_items.exists() or bool(uses.places_of(("gift", gift.slug)))
