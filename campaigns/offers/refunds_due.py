"""What the shop is to refund: orders that were paid for groups which were not filled."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from campaigns.models import OfferGroup, Reservation

PAGE = 100


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[dict[str, Any]]
    next: str | None


def due(slug: str) -> QuerySet[Reservation]:
    """The seats that were paid and not yet refunded."""
    return Reservation.objects.filter(
        enrolment__campaign__slug=slug, group__state=OfferGroup.State.FAILED, state=Reservation.State.BOUGHT
    )


def page(slug: str, *, after: int) -> Page:
    """A page of them in the order in which they were reserved, beginning behind the reservation `after`."""
    seats = due(slug).filter(pk__gt=after).select_related("enrolment__member", "group", "order").order_by("pk")
    rows = list(seats[: PAGE + 1])
    more = len(rows) > PAGE
    return Page([_row(seat) for seat in rows[:PAGE]], str(rows[PAGE - 1].pk) if more else None)


def _row(seat: Reservation) -> dict[str, Any]:
    return {
        "reservation": seat.pk,
        "uid": seat.enrolment.member.uid,
        "offer": seat.offer_key,
        "group": seat.group.code if seat.group else "",
        "order_id": seat.order.order_id if seat.order else "",
        "line": seat.line,
        "quantity": seat.quantity - seat.returned,
    }
