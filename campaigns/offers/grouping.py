"""Groups of a group buy: their seats, how they are filled, and how they fail. The only writer of their states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from campaigns.models import OfferGroup, Reservation
from members import activity
from members.activity import Happened
from operations import jobs

GROUP_FULL = "offer.group_full"
GROUP_FAILED = "offer.group_failed"
State = OfferGroup.State


@dataclass(slots=True)
class Seats:
    """What happened to the seats of one group."""

    paid: int = 0
    lapsed: int = 0
    refunded: int = 0


def apply(changes: Mapping[int, Seats], *, now: datetime) -> None:
    """Count what happened to seats, by id of the group. A refund frees a seat while the group is open."""
    groups = OfferGroup.objects.select_for_update().filter(pk__in=changes).order_by("pk")
    for group in groups:
        seats = changes[group.pk]
        freed = seats.refunded if group.state == State.OPEN else 0
        group.taken -= seats.lapsed + freed
        group.paid += seats.paid - freed
        _end(group, _state_of(group), now=now)


def fail_due(*, now: datetime, limit: int) -> int:
    """Give up groups that were not filled in time, once their orders had the time to come in; return how many."""
    with transaction.atomic():
        due = OfferGroup.objects.filter(state=State.OPEN, fails_at__lte=now).order_by("fails_at")[:limit]
        groups = OfferGroup.objects.select_for_update().filter(pk__in=[group.pk for group in due]).order_by("pk")
        failed = [group for group in groups if group.state == State.OPEN]
        for group in failed:
            _end(group, State.FAILED, now=now)
    return len(failed)


def _state_of(group: OfferGroup) -> str:
    if group.state != State.OPEN:
        return group.state
    if group.paid == group.size:
        return State.FULL
    # Nobody is in it any more, so nobody will ask others in.
    return State.FAILED if not group.taken else State.OPEN


def _end(group: OfferGroup, state: str, *, now: datetime) -> None:
    ended = state != group.state
    if ended:
        group.state, group.ended_at = state, now
    group.save(update_fields=["taken", "paid", "state", "ended_at"])
    if ended:
        _tell(group, now=now)


def _tell(group: OfferGroup, *, now: datetime) -> None:
    """Tell those who have paid. What a full group gives is given by jobs, to each in a transaction of its own."""
    seats = list(group.seats.filter(state=Reservation.State.BOUGHT).select_related("enrolment").order_by("pk"))
    kind = GROUP_FULL if group.state == State.FULL else GROUP_FAILED
    activity.record(list(_happened(group, seats, kind, now)), now=now)
    if group.state == State.FULL:
        for seat in seats:
            function = "campaigns.jobs.give_for_group"
            jobs.enqueue(function, key=f"offer-group:{seat.pk}", arguments={"reservation_id": seat.pk})


def _happened(group: OfferGroup, seats: Iterable[Reservation], kind: str, now: datetime) -> Iterable[Happened]:
    for seat in seats:
        data = {"campaign": group.campaign_id, "offer": group.offer_key, "group": group.pk, "reservation": seat.pk}
        yield Happened(seat.enrolment.member_id, kind, f"group:{group.pk}", now, data)
