"""A member reserves what an offer sells, or gets its coupon: locked, asked, and written in one transaction.

The member's enrolment is locked first (`campaigns.entering`), so two requests of one member follow each other; what
others want too is taken by guarded statements (`campaigns.offers.counts`), the group before the stock.
"""

import secrets
from datetime import datetime, timedelta

from django.db.models import F

from campaigns import moving_tasks
from campaigns.admission import refusal_by
from campaigns.entering import Play, enter, scope_of
from campaigns.models import OfferCoupon, OfferGroup, Reservation
from campaigns.offers import counts, refusals
from campaigns.offers.terms import FIRST_ORDER, FLASH, GROUP, MOST_COUNT, Offer
from campaigns.refusals import Refusal, Refused
from members import locking, touches
from members.models import Member, Order
from rewards.awards import OutOfGifts, grant_award
from rewards.models import Gift

# No 0, 1, i, l, o: people read them out to each other.
CODE = "23456789abcdefghjkmnpqrstuvwxyz"
State = Reservation.State


@touches.together()
def reserve(member: Member, slug: str, key: str, *, quantity: int = 1, now: datetime) -> Reservation:
    """Reserve so many of a flash sale. What is reserved already is returned again. Raises Refused."""
    play, offer = _turn(member, slug, key, (FLASH,), now)
    if own := _reserved(play, offer):
        if own.quantity != quantity:
            raise Refused(refusals.RESERVED_OTHERWISE)
        return own
    _admit(play, offer)
    return _make(play, offer, quantity)


@touches.together()
def open_group(member: Member, slug: str, key: str, *, now: datetime) -> Reservation:
    """Open a group and reserve its first place. What is reserved already is returned again. Raises Refused."""
    play, offer = _turn(member, slug, key, (GROUP,), now)
    if own := _reserved(play, offer):
        return own
    _admit(play, offer)
    _opens, closes = offer.window(play.definition.opens_at, play.definition.closes_at)
    closes = min(now + timedelta(hours=offer.hours), closes)
    group = OfferGroup.objects.create(
        campaign_id=play.enrolment.campaign_id,
        offer_key=offer.key,
        code="".join(secrets.choice(CODE) for _ in range(10)),
        leader=play.enrolment,
        size=offer.size,
        taken=1,
        opened_at=now,
        closes_at=closes,
        fails_at=closes + timedelta(minutes=offer.grace),
    )
    return _make(play, offer, 1, group)


@touches.together()
def join(member: Member, slug: str, key: str, code: str, *, now: datetime) -> Reservation:
    """Reserve a place in a group, by its code. What is reserved there already is returned again. Raises Refused."""
    play, offer = _turn(member, slug, key, (GROUP,), now)
    groups = OfferGroup.objects.filter(campaign=play.enrolment.campaign_id, offer_key=key, code=code)
    # No text of the database holds the character 0.
    group = groups.first() if "\x00" not in code else None
    if group is None:
        raise Refused(refusals.NO_GROUP)
    if own := _reserved(play, offer):
        if own.group_id != group.pk:
            raise Refused(refusals.IN_ANOTHER_GROUP)
        return own
    if group.seats.filter(enrolment=play.enrolment, state=State.BOUGHT).exists():
        raise Refused(refusals.IN_GROUP)
    if group.state == OfferGroup.State.FAILED or now >= group.closes_at:
        raise Refused(refusals.GROUP_OVER)
    _admit(play, offer)
    free = OfferGroup.objects.filter(pk=group.pk, state=OfferGroup.State.OPEN, taken__lt=F("size"))
    if not free.update(taken=F("taken") + 1):
        raise Refused(refusals.GROUP_FULL)
    # Others may have come in between: the answer tells how full the group is now.
    group.refresh_from_db(fields=["taken", "state"])
    return _make(play, offer, 1, group)


@touches.together()
def get_coupon(member: Member, slug: str, key: str, *, now: datetime) -> OfferCoupon:
    """Give the first-order coupon, once; asked again, the first is returned. Raises Refused.

    Orders are written behind the member's lock: whoever holds it knows that none is on its way.
    """
    play, offer = _turn(member, slug, key, (FIRST_ORDER,), now)
    given = OfferCoupon.objects.filter(enrolment=play.enrolment, offer_key=key).select_related("award").first()
    if given:
        return given
    _admit(play, offer)
    locking.lock_by_id([member.pk])
    if Order.objects.filter(member=member, status=Order.Status.PAID).exists():
        raise Refused(refusals.NOT_FIRST_ORDER)
    _take_stock(play, offer, 1)
    try:
        award = grant_award(
            Gift.objects.get(slug=offer.gift),
            member.pk,
            key=f"offer:{slug}:{key}:{member.pk}",
            source=f"{play.definition.name}: {offer.title}"[:200],
            scope=scope_of(play.definition),
            now=now,
        )
    except OutOfGifts:
        raise Refused(Refusal.OUT_OF_GIFTS) from None
    return OfferCoupon.objects.create(enrolment=play.enrolment, offer_key=key, award=award, given_at=now)


def _turn(member: Member, slug: str, key: str, kinds: tuple[str, ...], now: datetime) -> tuple[Play, Offer]:
    """Lock, load, decide; the offer is of one of these kinds."""
    play = enter(member, slug, now=now)
    if play.entered:
        # Whoever comes in by an offer takes part in the rest of the campaign too.
        moving_tasks.observe_open(play)
    offer = play.definition.offer(key)
    if offer is None:
        raise Refused(refusals.NO_OFFER)
    if offer.kind not in kinds:
        raise Refused(refusals.NOT_RESERVED)
    return play, offer


def _reserved(play: Play, offer: Offer) -> Reservation | None:
    """What the member has reserved and can still pay for. Raises Refused where the time is over."""
    own = Reservation.objects.filter(enrolment=play.enrolment, offer_key=offer.key, state=State.RESERVED)
    found = own.select_related("group").first()
    if found and play.now >= found.expires_at:
        raise Refused(refusals.AWAITING_PAYMENT)
    return found


def _admit(play: Play, offer: Offer) -> None:
    """Raise Refused for who is not in the offer's audience, or outside of its time."""
    if refusal := refusal_by(offer.audience, play.subject):
        raise Refused(refusal)
    opens, closes = offer.window(play.definition.opens_at, play.definition.closes_at)
    if play.now < opens:
        raise Refused(Refusal.NOT_OPEN)
    if play.now >= closes:
        raise Refused(Refusal.CLOSED)


def _make(play: Play, offer: Offer, quantity: int, group: OfferGroup | None = None) -> Reservation:
    own = (play.enrolment.campaign_id, offer.key, play.enrolment.pk)
    if not counts.take(own, quantity, allowed=offer.per_member):
        raise Refused(refusals.MEMBER_LIMIT)
    _take_stock(play, offer, quantity)
    _opens, closes = offer.window(play.definition.opens_at, play.definition.closes_at)
    expires = offer.pay_until(play.now, group.closes_at if group else closes)
    return Reservation.objects.create(
        enrolment=play.enrolment,
        offer_key=offer.key,
        group=group,
        quantity=quantity,
        skus=list(offer.skus),
        price=offer.offer_price,
        exact_price=offer.exact_price,
        restock=offer.restock,
        reserved_at=play.now,
        expires_at=expires,
        lapses_at=expires + timedelta(minutes=offer.grace),
        changed_at=play.now,
    )


def _take_stock(play: Play, offer: Offer, quantity: int) -> None:
    """Counted also where nothing limits it: a later revision may."""
    everyones = (play.enrolment.campaign_id, offer.key, None)
    if not counts.take(everyones, quantity, allowed=offer.stock or MOST_COUNT):
        raise Refused(refusals.SOLD_OUT)
