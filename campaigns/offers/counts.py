"""What is taken of an offer: the only writer of `OfferStock`.

A guarded statement takes, and the CHECK stands behind it. Locks: what is a member's own is behind the lock of their
enrolment; of groups and stocks, which many share, groups come first, each in the order of their keys, the stock last.
"""

from collections import Counter
from collections.abc import Mapping

from django.db import connection
from django.db.models import F

from campaigns.models import OfferStock

TAKE = """
INSERT INTO campaigns_offerstock AS stock (campaign_id, offer_key, enrolment_id, allowed, taken)
SELECT %(campaign)s, %(key)s, %(enrolment)s, %(allowed)s, %(quantity)s WHERE %(quantity)s <= %(allowed)s
ON CONFLICT (campaign_id, offer_key, enrolment_id) DO UPDATE
   SET taken = stock.taken + excluded.taken, allowed = excluded.allowed
 WHERE stock.taken + excluded.taken <= excluded.allowed
RETURNING taken
"""
# Which count: campaign, key of the offer, and the enrolment whose it is; None is everyone's.
Place = tuple[int, str, int | None]


def take(place: Place, quantity: int, *, allowed: int) -> bool:
    """Take so many of what is allowed; False, and nothing, where they are not left."""
    campaign, key, enrolment = place
    values: dict[str, int | str | None] = {
        "campaign": campaign,
        "key": key,
        "enrolment": enrolment,
        "allowed": allowed,
        "quantity": quantity,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        return cursor.fetchone() is not None


def give_back(returned: Mapping[Place, int]) -> None:
    """Give back what was taken: each count once, everyone's last."""
    counts: Counter[Place] = Counter(returned)
    for (campaign, key, enrolment), quantity in sorted(counts.items(), key=_by_contention):
        if quantity:
            row = OfferStock.objects.filter(campaign=campaign, offer_key=key, enrolment=enrolment)
            row.update(taken=F("taken") - quantity)


def _by_contention(count: tuple[Place, int]) -> tuple[bool, int, str, int]:
    (campaign, key, enrolment), _quantity = count
    return enrolment is None, campaign, key, enrolment or 0
