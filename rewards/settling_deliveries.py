"""What an operator does about a payment: pays it by hand, tries it again, or gives it up. Each on record."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from members import inbox
from operations import audit
from rewards import delivering, delivery_providers, inbox_words
from rewards.delivery_providers import NotConfigured, Outcome, Verdict
from rewards.models import Award, Delivery
from rewards.reversing import NotReversible, reverse_award


class NotPossible(Exception):
    """The payment is not in a state in which this can be done: somebody or something was faster."""


@transaction.atomic
def take_in_hand(delivery: Delivery, *, by: User, now: datetime) -> None:
    """Take a payment upon oneself before paying it, so that no colleague and no worker pays it too."""
    free = Q(state=Delivery.State.FAILED)
    if is_by_hand(delivery):
        free |= Q(state=Delivery.State.WAITING)
    taken = {"state": Delivery.State.SENDING, "taken_by": by, "sent_at": now, "settled_at": None, "error": ""}
    live = (Award.State.GRANTED, Award.State.CLAIMED)
    _hold(delivery)
    _must_change(Delivery.objects.filter(free, pk=delivery.pk, award__state__in=live).update(**taken))
    audit.record("delivery.taken_in_hand", delivery, by=by, now=now)


@transaction.atomic
def mark_paid(delivery: Delivery, *, reference: str, by: User, now: datetime) -> None:
    """Note that it was paid: by whoever took it in hand, or as the provider's own pages say of an unknown outcome."""
    _hold(delivery)
    mine = Q(state=Delivery.State.SENDING, taken_by=by) | Q(state=Delivery.State.UNKNOWN)
    _must_change(Delivery.objects.filter(mine, pk=delivery.pk).exists())
    delivering.settle(delivery, Outcome(Verdict.DELIVERED, reference=reference), now=now)
    told = {"reference": [delivery.reference, reference]}
    audit.record("delivery.marked_paid", delivery, by=by, now=now, changes=told)


@transaction.atomic
def put_back(delivery: Delivery, *, by: User, now: datetime) -> None:
    """Note that it was not paid: what was taken in hand waits for somebody again, an unknown outcome is a failure."""
    _hold(delivery)
    open_states = Q(state=Delivery.State.SENDING, taken_by__isnull=False) | Q(state=Delivery.State.UNKNOWN)
    to = Delivery.State.WAITING if is_by_hand(delivery) else Delivery.State.FAILED
    put = {"state": to, "taken_by": None, "due_at": now}
    _must_change(Delivery.objects.filter(open_states, pk=delivery.pk).update(**put))
    audit.record("delivery.put_back", delivery, by=by, now=now)


@transaction.atomic
def retry(delivery: Delivery, *, by: User, now: datetime) -> None:
    """Let a payment that failed for good be tried once more."""
    _hold(delivery)
    failed = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.FAILED)
    live = failed.filter(award__state__in=(Award.State.GRANTED, Award.State.CLAIMED))
    _must_change(live.update(state=Delivery.State.WAITING, due_at=now, settled_at=None))
    audit.record("delivery.retried", delivery, by=by, now=now)


@transaction.atomic
def give_up(delivery: Delivery, *, reason: str, by: User, now: datetime) -> None:
    """Take the award of a payment back that failed or still waits. What it took returns; the member sees it."""
    _hold(delivery)
    _must_change(Delivery.objects.filter(pk=delivery.pk, state__in=(Delivery.State.WAITING, Delivery.State.FAILED)))
    try:
        reverse_award(delivery.award_id, by=by, reason=reason, now=now)
    except NotReversible as error:
        raise NotPossible from error
    audit.record("delivery.given_up", delivery, by=by, now=now, reason=reason)
    award = Award.objects.select_related("gift").get(pk=delivery.award_id)
    inbox.put([inbox_words.of_award(inbox_words.PACKET_FAILED, award, f"failed:{award.pk}")], now=now)


def is_by_hand(delivery: Delivery) -> bool:
    try:
        return delivery_providers.provider_of(delivery.provider).by_hand
    except NotConfigured:
        return False


def _hold(delivery: Delivery) -> None:
    """Lock the award before its payment, as everywhere."""
    Award.objects.select_for_update(no_key=True).get(pk=delivery.award_id)


def _must_change(changed: object) -> None:
    if not changed:
        raise NotPossible
