"""The offers of a campaign as they stand now: who may still have one, and what is left of the stock."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pyroaring import BitMap

from campaigns.definition import Campaign as Definition
from campaigns.models import Campaign, OfferStock
from campaigns.offers.terms import FIRST_ORDER, Offer
from campaigns.rehearsal.days import days_of
from campaigns.rehearsal.offered import OfferLeft
from campaigns.zones import zone_of
from segmentation.columns import read_ids

# Who had all that one member may have, of an offer that was published before.
_USED_UP = """
    SELECT enrolment.member_id AS id
      FROM campaigns_offerstock own JOIN campaigns_enrolment enrolment ON enrolment.id = own.enrolment_id
     WHERE own.campaign_id = %s AND own.offer_key = %s AND own.taken >= %s
"""
# A coupon is given once, also to who lost it again.
_GIVEN = """
    SELECT enrolment.member_id AS id
      FROM campaigns_offercoupon coupon JOIN campaigns_enrolment enrolment ON enrolment.id = coupon.enrolment_id
     WHERE enrolment.campaign_id = %s AND coupon.offer_key = %s
"""
_HAVING_BOUGHT = "SELECT member_id AS id FROM members_membermetrics WHERE orders > 0"


def of(
    campaign: Campaign, definition: Definition, reached: Mapping[str, BitMap], *, now: datetime
) -> tuple[OfferLeft, ...]:
    """Each offer, in the campaign's order. `reached`: offer → who of the campaign's members is in its audience."""
    if not definition.offers:
        return ()
    taken = dict(OfferStock.objects.filter(campaign=campaign, enrolment=None).values_list("offer_key", "taken"))
    coupons = any(offer.kind == FIRST_ORDER for offer in definition.offers)
    bought = read_ids(_HAVING_BOUGHT, ()) if coupons else BitMap()
    found = []
    for offer in definition.offers:
        members = BitMap(reached[offer.key])
        if offer.kind == FIRST_ORDER:
            members -= bought
        if offer.key in taken:
            members -= _without(campaign, offer)
        left = max(offer.stock - taken.get(offer.key, 0), 0) if offer.stock else None
        found.append(OfferLeft(offer, members, left, days_open(offer, definition, now=now)))
    return tuple(found)


def _without(campaign: Campaign, offer: Offer) -> BitMap:
    """Who may have no more of it."""
    if offer.kind == FIRST_ORDER:
        return read_ids(_GIVEN, [campaign.pk, offer.key])
    return read_ids(_USED_UP, [campaign.pk, offer.key, offer.per_member])


def days_open(offer: Offer, definition: Definition, *, now: datetime) -> tuple[int, int]:
    """From which of the days that are left to the campaign until which, exclusive; the same twice if no more."""
    zone = zone_of(definition)
    starts = max(now, definition.opens_at)
    opens, closes = offer.window(definition.opens_at, definition.closes_at)
    if closes <= starts:
        return 0, 0
    # From the campaign's first day to that on which the offer opens.
    before = days_of(starts, max(opens, starts) + timedelta(microseconds=1), zone) - 1
    return before, days_of(starts, closes, zone)
