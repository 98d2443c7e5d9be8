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
        named = _("Offer “%(offer)s”: ") % words
        yield from ((code, f"{named}{message}") for code, _field, message in _own(offer))
        yield from ((code, message % words) for code, message in _window(offer, draft.campaign))
        if 0 < offer.stock < taken.get(offer.key, 0):
            message = _("Offer “%(offer)s”: %(taken)d are taken already, more than the stock.")
            yield "offer_stock_below_taken", message % (words | {"taken": taken[offer.key]})
        if kinds.get(offer.key, offer.kind) != offer.kind:
            yield "offer_kind_changed", _("Offer “%(offer)s” was published as of another kind and keeps it.") % words


def faults_of_row(offer: DraftOffer) -> Iterator[Named]:
    """(field, message) of what is wrong with an offer by itself."""
    yield from ((field, message) for _code, field, message in _own(offer))


def _own(offer: DraftOffer) -> Iterator[tuple[str, str, str]]:
    """(code, field, message) of what is wrong with an offer by itself."""
    if offer.kind in SOLD:
        yield from _sold(offer)
    if offer.kind == GROUP:
        if offer.size < 2:
            yield "offer_size", "size", _("A group has two members at least.")
        if not offer.hours:
            yield "offer_hours", "hours", _("Say how many hours there are to fill a group.")
    if offer.kind == FLASH and not offer.stock:
        yield "offer_stock", "stock", _("A flash sale has a stock.")
    if offer.kind == FIRST_ORDER and (offer.gift is None or offer.gift.kind not in USABLE):
        yield "offer_gift", "gift", _("Say which coupon a first order gets.")
    if offer.kind != GROUP and offer.leader_gift is not None:
        yield "offer_leader_gift", "leader_gift", _("Only a group buy has a leader to give something to.")
    if offer.kind == FLASH and offer.gift is not None:
        yield "offer_gift_unused", "gift", _("A flash sale gives no gift.")


def _sold(offer: DraftOffer) -> Iterator[tuple[str, str, str]]:
    if not offer.skus:
        yield "offer_skus", "skus", _("Say by which SKUs its orders are known.")
    if not 0 < offer.offer_price < offer.price:
        yield "offer_price", "offer_price", _("The price must be above 0 and below the ordinary price.")
    if not offer.minutes:
        yield "offer_minutes", "minutes", _("Say how many minutes there are to pay.")
    if not offer.per_member:
        yield "offer_per_member", "per_member", _("One member may have one at least.")
    if offer.stock and offer.per_member > offer.stock:
        yield "offer_per_member", "per_member", _("One member may have more than there are in all.")


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
