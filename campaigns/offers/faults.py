"""What keeps the offers of a draft from being published, in words."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from campaigns.drafts import Draft
from campaigns.models import Campaign, OfferStock
from campaigns.models import Offer as DraftOffer
from campaigns.offers.terms import FIRST_ORDER, FLASH, GROUP, SOLD
from rewards.awards import USABLE

Named = tuple[str, str]


def of(draft: Draft) -> Iterator[Named]:
    """(code, message) of each fault."""
    taken = _taken(draft.campaign)
    kinds = _published_kinds(draft.campaign)
    for offer in draft.offers:
        words = {"offer": offer}
        yield from ((code, message % words) for code, message in _own(offer))
        yield from ((code, message % words) for code, message in _window(offer, draft.campaign))
        if 0 < offer.stock < taken.get(offer.key, 0):
            message = _("Offer “%(offer)s”: %(taken)d are taken already, more than the stock.")
            yield "offer_stock_below_taken", message % (words | {"taken": taken[offer.key]})
        if kinds.get(offer.key, offer.kind) != offer.kind:
            yield "offer_kind_changed", _("Offer “%(offer)s” was published as of another kind and keeps it.") % words


def _own(offer: DraftOffer) -> Iterator[Named]:
    """What is wrong with an offer by itself."""
    if offer.kind in SOLD:
        yield from _sold(offer)
    if offer.kind == GROUP:
        if offer.size < 2:
            yield "offer_size", _("Offer “%(offer)s”: a group has two members at least.")
        if not offer.hours:
            yield "offer_hours", _("Offer “%(offer)s”: say how many hours there are to fill a group.")
    if offer.kind == FLASH and not offer.stock:
        yield "offer_stock", _("Offer “%(offer)s”: a flash sale has a stock.")
    if offer.kind == FIRST_ORDER and (offer.gift is None or offer.gift.kind not in USABLE):
        yield "offer_gift", _("Offer “%(offer)s”: say which coupon a first order gets.")
    if offer.kind != GROUP and offer.leader_gift is not None:
        yield "offer_leader_gift", _("Offer “%(offer)s”: only a group buy has a leader to give something to.")
    if offer.kind == FLASH and offer.gift is not None:
        yield "offer_gift_unused", _("Offer “%(offer)s”: a flash sale gives no gift.")


def _sold(offer: DraftOffer) -> Iterator[Named]:
    if not offer.skus:
        yield "offer_skus", _("Offer “%(offer)s”: say by which SKUs its orders are known.")
    if not 0 < offer.offer_price < offer.price:
        yield "offer_price", _("Offer “%(offer)s”: its price must be above 0 and below the ordinary price.")
    if not offer.minutes:
        yield "offer_minutes", _("Offer “%(offer)s”: say how many minutes there are to pay.")


def _window(offer: DraftOffer, campaign: Campaign) -> Iterator[Named]:
    opens, closes = offer.opens_at or campaign.opens_at, offer.closes_at or campaign.closes_at
    if closes <= opens:
        yield "offer_window_reversed", _("Offer “%(offer)s” closes before it opens.")
    elif opens < campaign.opens_at or closes > campaign.closes_at:
        yield "offer_window_outside", _("Offer “%(offer)s” is open outside of the campaign's time.")


def _taken(campaign: Campaign) -> dict[str, int]:
    rows = OfferStock.objects.filter(campaign=campaign, enrolment=None)
    return dict(rows.values_list("offer_key", "taken"))


def _published_kinds(campaign: Campaign) -> dict[str, str]:
    if campaign.current is None:
        return {}
    return {each["key"]: each["kind"] for each in campaign.current.definition.get("offers", ())}
