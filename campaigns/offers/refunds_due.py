"""What the shop is to refund: orders that were paid for groups which were not filled."""

from typing import Any

from django.db.models import QuerySet

from campaigns.models import OfferGroup, Reservation
from operations.paging import OLDEST, Asked, page_of


def due(slug: str) -> QuerySet[Reservation]:
    """The seats that were paid and not yet refunded."""
    return Reservation.objects.filter(
        enrolment__campaign__slug=slug, group__state=OfferGroup.State.FAILED, state=Reservation.State.BOUGHT
    )


def page(slug: str, asked: Asked) -> tuple[list[dict[str, Any]], str | None]:
    """A page of them in the order in which they were reserved, and the cursor of the next one."""
    seats, following = page_of(due(slug).select_related("enrolment__member", "group", "order"), OLDEST, asked)
    return [_row(seat) for seat in seats], following


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
