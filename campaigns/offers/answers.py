"""What the API says of offers. It decides nothing and queries nothing."""

from typing import Any

from campaigns.models import OfferCoupon, OfferGroup, Reservation
from campaigns.offers.standing import Standing
from campaigns.offers.terms import SOLD, amount
from campaigns.refusals import Because, Refusal
from campaigns.wordings import wording


def standing(shown: Standing) -> dict[str, Any]:
    offer = shown.offer
    return {
        "key": offer.key,
        "kind": offer.kind,
        "title": offer.title,
        "guide": offer.guide,
        "skus": list(offer.skus),
        "price": amount(offer.price) if offer.kind in SOLD else None,
        "offer_price": amount(offer.offer_price) if offer.kind in SOLD else None,
        "opens_at": shown.opens_at,
        "closes_at": shown.closes_at,
        "state": shown.state.value,
        "reason": reason(shown.refusal),
        "stock": offer.stock or None,
        "left": shown.left,
        "may_have": shown.may,
        "reservation": reservation(shown.reservation) if shown.reservation else None,
        "coupon": coupon(shown.coupon) if shown.coupon else None,
    }


def reason(refusal: Refusal | Because | None) -> dict[str, str] | None:
    return {"code": refusal.value, "message": wording(refusal)} if refusal else None


def reservation(row: Reservation) -> dict[str, Any]:
    return {
        "reservation": row.pk,
        "offer": row.offer_key,
        "state": row.state,
        "quantity": row.quantity,
        "returned": row.returned,
        "price": amount(row.price),
        "skus": list(row.skus),
        "reserved_at": row.reserved_at,
        "expires_at": row.expires_at,
        "group": group(row.group) if row.group else None,
    }


def group(row: OfferGroup) -> dict[str, Any]:
    return {
        "code": row.code,
        "state": row.state,
        "size": row.size,
        "taken": row.taken,
        "paid": row.paid,
        "closes_at": row.closes_at,
    }


def coupon(row: OfferCoupon) -> dict[str, Any]:
    return {
        "offer": row.offer_key,
        "award": row.award_id,
        "given_at": row.given_at,
        "first_order": row.order_id is not None,
        "withdrawn": row.withdrawn_at is not None,
    }
