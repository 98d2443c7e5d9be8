"""How each offer of a campaign stands for one member. It is what pages and the API show; nothing is decided by it.

Whoever reserves is asked everything again behind locks (`campaigns.offers.reserving`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import orjson

from campaigns.admission import Subject, refusal_by
from campaigns.definition import Campaign
from campaigns.models import OfferCoupon, OfferGroup, Reservation
from campaigns.offers import refusals
from campaigns.offers.terms import FIRST_ORDER, Offer
from campaigns.refusals import Because, Refusal
from operations.prepared import prepared_cursor


class State(StrEnum):
    OPEN = "open"
    SOON = "soon"
    RESERVED = "reserved"
    AWAITING = "awaiting"
    BOUGHT = "bought"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Standing:
    """`left` is how many there are still for everyone, None without limit; `may` how many more for this member.

    `reservation` is the member's newest that holds, with its group; `coupon` the one that was given.
    """

    offer: Offer
    state: State
    refusal: Refusal | Because | None
    opens_at: datetime
    closes_at: datetime
    left: int | None
    may: int
    reservation: Reservation | None = None
    coupon: OfferCoupon | None = None

    @property
    def group(self) -> OfferGroup | None:
        return self.reservation.group if self.reservation else None

    @property
    def foreign(self) -> bool:
        """Whether it is meant for other members, and this one has nothing of it."""
        return self.state is State.REFUSED and self.refusal not in _SHOWN


# Reasons that lie in the offer and its time, and not in who the member is.
_SHOWN = frozenset(
    {Refusal.NOT_OPEN, Refusal.CLOSED, Refusal.PAUSED, refusals.SOLD_OUT, refusals.MEMBER_LIMIT}
    | {refusals.NOT_FIRST_ORDER}
)


@dataclass(frozen=True, slots=True)
class _Held:
    """Taken of everyone's and of the member's share, and what the member has: by the keys of a campaign's offers."""

    taken: Mapping[str, int]
    own: Mapping[str, int]
    reservations: Mapping[str, Reservation]
    coupons: Mapping[str, OfferCoupon]
    has_bought: bool


# What is taken of everyone's stock and of the member's share, and whether there is anything to read besides.
TAKEN = """
SELECT (SELECT json_object_agg(s.offer_key, s.taken) FROM campaigns_offerstock s
         WHERE s.campaign_id = c.id AND s.enrolment_id IS NULL)::text,
       (SELECT json_object_agg(s.offer_key, s.taken) FROM campaigns_offerstock s WHERE s.enrolment_id = e.id)::text,
       EXISTS (SELECT FROM campaigns_reservation r WHERE r.enrolment_id = e.id AND r.state IN ('reserved', 'bought')),
       EXISTS (SELECT FROM campaigns_offercoupon o WHERE o.enrolment_id = e.id),
       EXISTS (SELECT FROM members_order paid WHERE paid.member_id = %(member)s AND paid.status = 'paid')
  FROM campaigns_campaign c LEFT JOIN campaigns_enrolment e ON e.campaign_id = c.id AND e.member_id = %(member)s
 WHERE c.slug = %(slug)s
"""


def standings(definition: Campaign, subject: Subject, *, closed: Refusal | None) -> list[Standing]:
    """Every offer, in the campaign's order. `closed` is why the campaign refuses all of it.

    One query, one more for whoever has reserved something, and one more for whoever was given a coupon.
    """
    if not definition.offers:
        return []
    held = _held(definition, subject)
    return [_standing(offer, definition, subject, held, closed) for offer in definition.offers]


def _held(definition: Campaign, subject: Subject) -> _Held:
    member, slug = subject.member_id, definition.slug
    with prepared_cursor() as cursor:
        cursor.execute(TAKEN, {"member": member, "slug": slug})
        taken, own, has_reserved, has_coupon, has_bought = cursor.fetchone() or (None, None, False, False, False)
    rows: Iterable[Reservation] = ()
    coupons: dict[str, OfferCoupon] = {}
    if has_reserved:
        rows = Reservation.objects.filter(
            enrolment__member=member, enrolment__campaign__slug=slug, state__in=["reserved", "bought"]
        ).select_related("group")
    if has_coupon:
        given = OfferCoupon.objects.filter(enrolment__member=member, enrolment__campaign__slug=slug)
        coupons = {each.offer_key: each for each in given.select_related("award__gift")}
    # What is reserved comes before what is bought, the newest first.
    best = sorted(rows, key=lambda row: (row.state == Reservation.State.RESERVED, row.pk))
    return _Held(_counts(taken), _counts(own), {row.offer_key: row for row in best}, coupons, has_bought)


def _counts(taken: str | None) -> dict[str, int]:
    return orjson.loads(taken) if taken else {}


def _standing(offer: Offer, definition: Campaign, subject: Subject, held: _Held, closed: Refusal | None) -> Standing:
    opens, closes = offer.window(definition.opens_at, definition.closes_at)
    left = max(0, offer.stock - held.taken.get(offer.key, 0)) if offer.stock else None
    may = max(0, offer.per_member - held.own.get(offer.key, 0))
    row, coupon = held.reservations.get(offer.key), held.coupons.get(offer.key)
    # For whom it is comes first: what is not for a member is not announced to them either.
    refusal = refusal_by(offer.audience, subject) or closed or _window(subject.now, opens, closes)
    answer = refusal or _used_up(offer, left, may, coupon, held)
    state = _state(row, coupon, answer, subject.now)
    if state in (State.RESERVED, State.AWAITING):
        answer = refusals.AWAITING_PAYMENT if state is State.AWAITING else None
    return Standing(offer, state, answer, opens, closes, left, may, row, coupon)


def _window(now: datetime, opens: datetime, closes: datetime) -> Refusal | None:
    if now < opens:
        return Refusal.NOT_OPEN
    return Refusal.CLOSED if now >= closes else None


def _used_up(offer: Offer, left: int | None, may: int, coupon: OfferCoupon | None, held: _Held) -> Because | None:
    if offer.kind == FIRST_ORDER:
        if coupon is not None:
            return refusals.MEMBER_LIMIT
        if held.has_bought:
            return refusals.NOT_FIRST_ORDER
    elif not may:
        return refusals.MEMBER_LIMIT
    return refusals.SOLD_OUT if left == 0 else None


def _state(
    row: Reservation | None, coupon: OfferCoupon | None, refusal: Refusal | Because | None, now: datetime
) -> State:
    if row is not None and row.state == Reservation.State.RESERVED:
        return State.RESERVED if now < row.expires_at else State.AWAITING
    if coupon is not None and coupon.withdrawn_at is None:
        return State.BOUGHT
    if row is not None and refusal is not None:
        return State.BOUGHT
    if refusal is Refusal.NOT_OPEN:
        return State.SOON
    return State.REFUSED if refusal else State.OPEN
