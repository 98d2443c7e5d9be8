"""Receipts: what a provider of payments, or whoever sends parcels, tells us by itself of what we gave it.

A receipt goes the way of what we ask for or enter by hand: `delivering.settle`, `tracking`. Telling it again changes
nothing. That a red packet was paid is true whatever was believed; that it was not counts only for the attempt that it
may be about, and never while that attempt is under way: who sends it hears a 409, and tells it again.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.faults import Fault
from operations import audit
from rewards import delivering, tracking
from rewards.delivery_providers import Outcome, Verdict
from rewards.models import Award, Delivery, ReceiptSender, Shipment
from rewards.tracking import TrackingFault, TrackingRow

State = Delivery.State


class ReceiptRefusal(StrEnum):
    UNKNOWN_PAYMENT = "unknown_payment"
    NOT_SENT = "not_sent"
    BEING_SENT = "being_sent"
    EARLIER_ATTEMPT = "earlier_attempt"
    ALREADY_DELIVERED = "already_delivered"
    UNKNOWN_PARCEL = "unknown_parcel"
    NOT_EXPORTED = "not_exported"
    NOT_SHIPPED = "not_shipped"
    OTHER_NUMBER = "other_number"
    TAKEN_BACK = "taken_back"
    MEMBER_ERASED = "member_erased"


WORDINGS: dict[ReceiptRefusal, Promise] = {
    ReceiptRefusal.UNKNOWN_PAYMENT: _("There is no payment of yours with this key."),
    ReceiptRefusal.NOT_SENT: _("This payment was never sent to you."),
    ReceiptRefusal.BEING_SENT: _("This payment is being sent at this moment. Tell it again in a few minutes."),
    ReceiptRefusal.EARLIER_ATTEMPT: _("This payment was sent again after this was signed. Tell how it stands now."),
    ReceiptRefusal.ALREADY_DELIVERED: _("This payment was delivered: it cannot fail any more."),
    ReceiptRefusal.UNKNOWN_PARCEL: _("There is no parcel of this award."),
    ReceiptRefusal.NOT_EXPORTED: _("The address of this award was not given out for shipping yet."),
    ReceiptRefusal.NOT_SHIPPED: _("This parcel is not on its way: it cannot come back."),
    ReceiptRefusal.OTHER_NUMBER: _("This parcel is on its way with another number."),
    ReceiptRefusal.TAKEN_BACK: _("This award was taken back. Stop the parcel."),
    ReceiptRefusal.MEMBER_ERASED: _("The member's data were erased. Stop the parcel."),
}
UNKNOWN = frozenset({ReceiptRefusal.UNKNOWN_PAYMENT, ReceiptRefusal.UNKNOWN_PARCEL})
_OF_TRACKING: dict[str, ReceiptRefusal] = {
    TrackingFault.NOT_TRACKED: ReceiptRefusal.UNKNOWN_PARCEL,
    TrackingFault.NOT_EXPORTED: ReceiptRefusal.NOT_EXPORTED,
    TrackingFault.TAKEN_BACK: ReceiptRefusal.TAKEN_BACK,
    TrackingFault.OTHER_NUMBER: ReceiptRefusal.OTHER_NUMBER,
    Fault.MEMBER_ERASED: ReceiptRefusal.MEMBER_ERASED,
}


class ReceiptRefused(Exception):
    """The receipt does not fit what we know, and changed nothing."""

    def __init__(self, refusal: ReceiptRefusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal

    @property
    def status(self) -> int:
        return 404 if self.refusal in UNKNOWN else 409


@dataclass(frozen=True, slots=True)
class Taken:
    """How what the receipt is about stands now, and whether the receipt has changed it."""

    state: str
    changed: bool


@transaction.atomic
def take_payment(sender: ReceiptSender, key: str, outcome: Outcome, *, signed_at: datetime, now: datetime) -> Taken:
    """Settle the sender's payment with this key. Raises ReceiptRefused."""
    mine = Delivery.objects.filter(key=key, provider=sender.provider)
    award_id = mine.values_list("award_id", flat=True).first() if sender.provider else None
    if award_id is None:
        raise ReceiptRefused(ReceiptRefusal.UNKNOWN_PAYMENT)
    # The award before its payment, as everywhere.
    Award.objects.select_for_update(no_key=True).get(pk=award_id)
    delivery = mine.select_for_update(no_key=True).get()
    if refusal := payment_refusal(delivery, outcome.verdict, signed_at=signed_at, now=now):
        raise ReceiptRefused(refusal)
    before = delivery.state
    delivering.settle(delivery, outcome, now=now)
    delivery.refresh_from_db()
    if delivery.state != before:
        told = {"state": [before, delivery.state], "reference": ["", delivery.reference]}
        audit.record("delivery.receipt_taken", delivery, by=sender, now=now, changes=told)
    return Taken(delivery.state, delivery.state != before)


def payment_refusal(
    delivery: Delivery, verdict: Verdict, *, signed_at: datetime, now: datetime
) -> ReceiptRefusal | None:
    """Return why the payment, as it stands, cannot have come to this, or None."""
    if delivery.sent_at is None:
        return ReceiptRefusal.NOT_SENT
    if verdict is Verdict.DELIVERED:
        return None
    if delivery.state == State.DELIVERED:
        return ReceiptRefusal.ALREADY_DELIVERED
    # What a worker waits for, or an operator pays by hand, may still be paid, whatever became of the attempt before.
    if delivery.state == State.SENDING and (delivery.taken_by_id is not None or delivery.due_at > now):
        return ReceiptRefusal.BEING_SENT
    if delivery.state in (State.SENDING, State.UNKNOWN) and signed_at < delivery.sent_at.replace(microsecond=0):
        return ReceiptRefusal.EARLIER_ATTEMPT
    return None


@transaction.atomic
def take_shipped(sender: ReceiptSender, row: TrackingRow, *, now: datetime) -> Taken:
    """Note that a parcel is on its way with this number. Raises ReceiptRefused."""
    _tells_of_parcels(sender)
    taken = tracking.ingest_tracking([row], now=now)
    for _index, error in taken.rejected:
        raise ReceiptRefused(_OF_TRACKING[error.code])
    parcel = Shipment.objects.get(award_id=row.award)
    if taken.updated:
        told = {"carrier": ["", row.carrier], "tracking_number": ["", tracking.ending(row.number)]}
        audit.record("shipment.sent", parcel, by=sender, now=now, changes=told)
    return Taken(parcel.state, bool(taken.updated))


@transaction.atomic
def take_returned(sender: ReceiptSender, award_id: int, number: str, *, now: datetime) -> Taken:
    """Note that the parcel with this number came back. Raises ReceiptRefused."""
    _tells_of_parcels(sender)
    award = Award.objects.select_for_update(no_key=True).filter(pk=award_id).first()
    parcel = Shipment.objects.select_for_update(no_key=True).filter(award=award).first() if award else None
    if award is None or parcel is None:
        raise ReceiptRefused(ReceiptRefusal.UNKNOWN_PARCEL)
    if award.state == Award.State.REVERSED:
        raise ReceiptRefused(ReceiptRefusal.TAKEN_BACK)
    if parcel.state == Shipment.State.RETURNED:
        return Taken(parcel.state, changed=False)
    if parcel.state != Shipment.State.SHIPPED:
        raise ReceiptRefused(ReceiptRefusal.NOT_SHIPPED)
    if parcel.tracking_number != number:
        raise ReceiptRefused(ReceiptRefusal.OTHER_NUMBER)
    return Taken(tracking.note_return(parcel.pk, by=sender, now=now).state, changed=True)


def _tells_of_parcels(sender: ReceiptSender) -> None:
    if sender.about != ReceiptSender.About.PARCELS:
        raise ReceiptRefused(ReceiptRefusal.UNKNOWN_PARCEL)
