"""Who is looked at again: those of whom orders came in, those whose time to pay is over, and groups past their time."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns import published
from campaigns.entering import scope_of
from campaigns.models import Enrolment, OfferCoupon, OfferGroup, Reservation
from campaigns.offers import grouping, settling
from campaigns.offers.settling import OPEN, settle
from members import activity
from members.models import Activity
from operations import jobs
from rewards import granting, taking_back

FOLLOWED = (activity.ORDER_PAID, activity.ORDER_ITEMS, activity.ORDER_CORRECTED, activity.ORDER_REFUNDED)
# What is recorded of members here, for whoever tells them.
TOLD = (settling.BOUGHT, settling.LAPSED, settling.REFUNDED, grouping.GROUP_FULL, grouping.GROUP_FAILED)
# One job settles so many enrolments: they stay locked until it ends.
SLICE = 100


def follow_orders(activity_ids: Sequence[int], *, now: datetime) -> None:
    """Settle whatever is open of the members of these activities. Members without offers cost two queries together."""
    members = Activity.objects.filter(pk__in=activity_ids).values("member_id")
    found = _with_something_open().filter(member__in=members).order_by("pk").values_list("pk", flat=True)
    ids = list(found)
    if len(ids) <= SLICE:
        settle(ids, now=now)
        return
    with transaction.atomic():
        for start in range(0, len(ids), SLICE):
            few = ids[start : start + SLICE]
            key = f"settle-offers:{min(activity_ids)}:{start}"
            jobs.enqueue("campaigns.jobs.settle_offers", key=key, arguments={"enrolment_ids": few})


def _with_something_open() -> QuerySet[Enrolment]:
    own = {"enrolment": OuterRef("pk")}
    return Enrolment.objects.filter(
        Q(Exists(Reservation.objects.filter(**own, state__in=OPEN)))
        | Q(Exists(OfferCoupon.objects.filter(**own, order=None, withdrawn_at=None)))
    )


def end_due(*, now: datetime, limit: int = SLICE) -> int:
    """Settle those whose time to pay, and to have it reported, is over; then give up groups. Returns how many."""
    due = Reservation.objects.filter(state=Reservation.State.RESERVED, lapses_at__lte=now).order_by("lapses_at")
    enrolments = list(due.values_list("enrolment_id", flat=True)[:limit])
    settle(enrolments, now=now)
    if len(enrolments) == limit:
        # Groups wait until every seat was looked at.
        return limit
    return len(enrolments) + grouping.fail_due(now=now, limit=limit)


def give_for_group(reservation_id: int, *, now: datetime) -> None:
    """Give what a full group gives to one who has paid, once. Raises OutOfGifts: the job dies, and is replayed."""
    _hold(reservation_id)
    seat = Reservation.objects.select_related("enrolment__campaign", "group").get(pk=reservation_id)
    definition = published.definition_of(seat.enrolment.campaign.slug)
    offer = definition.offer(seat.offer_key) if definition else None
    if definition is None or offer is None or seat.group is None or seat.state != Reservation.State.BOUGHT:
        return
    if seat.group.state != OfferGroup.State.FULL:
        return
    leads = seat.group.leader_id == seat.enrolment_id
    for part, gift in (("gift", offer.gift), ("leader", offer.leader_gift if leads else None)):
        if gift:
            granting.grant(
                seat.enrolment.member_id,
                gift=gift,
                key=_group_key(seat.pk, part),
                scope=scope_of(definition),
                reason=f"{definition.name}: {offer.title}"[:200],
                now=now,
            )


def take_for_group(reservation_id: int, *, now: datetime) -> None:
    """Take back what a full group gave to one whose order was refunded, as far as it is not used. Once."""
    _hold(reservation_id)
    seat = Reservation.objects.select_related("enrolment").get(pk=reservation_id)
    if seat.state != Reservation.State.REFUNDED:
        return
    for part in ("gift", "leader"):
        key = _group_key(seat.pk, part)
        taking_back.take_back(seat.enrolment.member_id, key=key, reason="the group's order was refunded", now=now)


def _group_key(reservation_id: int, part: str) -> str:
    return f"offer-group:{reservation_id}:{part}"


def _hold(reservation_id: int) -> None:
    """Hold the enrolment: the reservation stays as it is until the transaction ends."""
    list(Enrolment.objects.select_for_update(of=("self",)).filter(reservations=reservation_id).values_list("pk"))
