"""Which gifts are in use: what is raised of them is raised for members, so a second person has a look."""

from django.contrib.auth.models import User

from members import uses
from operations import audit, four_eyes
from rewards.models import Gift


def in_use(gift: Gift) -> bool:
    """Tell whether anything gives the gift, or gave it: a pool, a campaign, the mall, or an award on record."""
    if gift.pk is None:
        return False
    return gift.is_used() or gift.mall_items.exists() or bool(uses.places_of(("gift", gift.slug)))


def codes_need_two(gift: Gift, by: audit.Actor) -> bool:
    """Tell whether more codes of the gift are more stock that a person asks for: it is in use, and had codes before."""
    if not (isinstance(by, User) and four_eyes.needed(four_eyes.STOCK)):
        return False
    return (gift.codes.exists() or gift.code_batches.exists()) and in_use(gift)
