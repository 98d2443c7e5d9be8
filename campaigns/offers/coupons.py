"""First-order coupons after they were given: the order that they were for, or their withdrawal.

Whether it is used at the counter is the till's to say (`rewards.checking_off`); here is kept which order was the first.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from campaigns.models import Enrolment, OfferCoupon
from campaigns.offers import counts
from members import touches
from members.models import Order
from operations import jobs
from rewards.reversing import NotReversible, reverse_award


def settle(enrolment_ids: Collection[int]) -> None:
    """Note the first order of each who waits for one. Who had bought before the coupon was given loses it, by a job.

    The caller holds the enrolments.
    """
    for coupon in _waiting(enrolment_ids):
        first = first_order(coupon.enrolment.member_id)
        if first is None:
            continue
        if first.paid_at >= coupon.given_at:
            OfferCoupon.objects.filter(pk=coupon.pk, order=None).update(order=first)
        else:
            function = "campaigns.jobs.withdraw_coupon"
            jobs.enqueue(function, key=f"offer-coupon:{coupon.pk}", arguments={"coupon_id": coupon.pk})


def first_order(member_id: int) -> Order | None:
    """The member's first order that stands."""
    orders = Order.objects.filter(member=member_id, status=Order.Status.PAID)
    return orders.order_by("paid_at", "pk").first()


@touches.together()
def withdraw(coupon_id: int, *, now: datetime) -> None:
    """Take a coupon back from who is no first buyer, once. One that was used stays, with the order that was first."""
    coupon = OfferCoupon.objects.select_related("enrolment").get(pk=coupon_id)
    list(Enrolment.objects.select_for_update().filter(pk=coupon.enrolment_id).values_list("pk"))
    first = first_order(coupon.enrolment.member_id)
    open_still = OfferCoupon.objects.filter(pk=coupon_id, order=None, withdrawn_at=None)
    if first is None or first.paid_at >= coupon.given_at or not open_still.exists():
        return
    try:
        with transaction.atomic():
            # The stock before the gift, as whoever gets a coupon takes them.
            counts.give_back({(coupon.enrolment.campaign_id, coupon.offer_key, None): 1})
            reverse_award(coupon.award_id, by=None, reason="not a first order", now=now)
    except NotReversible:
        open_still.update(order=first)
        return
    open_still.update(withdrawn_at=now)


def _waiting(enrolment_ids: Collection[int]) -> list[OfferCoupon]:
    rows = OfferCoupon.objects.filter(enrolment__in=enrolment_ids, order=None, withdrawn_at=None)
    return list(rows.select_related("enrolment").order_by("pk"))
