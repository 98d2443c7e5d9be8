"""Corrections of a balance by hand: the only writer of `Adjustment`.

What one person may move alone, for one member and unit within 24 hours, is the unit's `adjustment_limit`; more waits
for a second person, where points need one (`operations.four_eyes`). Nobody makes a debt by hand. Requests for one
account have one writer at a time (the member's and the account's lock), so that many small ones at once are seen
together; a decision is a guarded update, so that the first one holds.
"""

from datetime import datetime, timedelta
from enum import Enum

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Abs
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members import locking
from members.models import Member
from operations import audit, four_eyes
from operations.four_eyes import POINTS
from rewards import ledger
from rewards.models import Account, Adjustment, Entry, Unit

State = Adjustment.State
COUNTED_TOGETHER = timedelta(hours=24)


class Refusal(Enum):
    """Why an adjustment is not made, or not decided on."""

    BALANCE_TOO_SMALL = "balance_too_small"
    MEMBER_ERASED = "member_erased"
    OWN_REQUEST = "own_request"
    NO_PERMISSION = "no_permission"
    NOT_WAITING = "not_waiting"


WORDINGS: dict[Refusal, Promise] = {
    Refusal.BALANCE_TOO_SMALL: _("The member holds less than that. A balance cannot be taken below 0 by hand."),
    Refusal.MEMBER_ERASED: _("The member's data was erased."),
    Refusal.OWN_REQUEST: _("It was requested by you: another person has to decide."),
    Refusal.NO_PERMISSION: _("You may not decide on adjustments."),
    Refusal.NOT_WAITING: _("It was decided on already."),
}


class NotAdjusted(Exception):
    """Nothing was changed, for the `reason`; as text it is the reason in words."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(WORDINGS[self.reason])


@transaction.atomic
def request(  # noqa: PLR0913 an adjustment is what it records
    member: Member, unit: Unit, *, amount: int, reason: str, by: User, now: datetime
) -> Adjustment:
    """Adjust the member's balance by `amount`, in the unit's smallest whole; above the limit it waits instead.

    Raises NotAdjusted, and ValueError for an amount of 0 or an empty reason.
    """
    if amount == 0 or not reason.strip():
        raise ValueError("an adjustment needs an amount and a reason")
    _lock(member.pk, unit)
    if amount + _balance(member.pk, unit) < 0:
        raise NotAdjusted(Refusal.BALANCE_TOO_SMALL)
    adjustment = Adjustment(
        member=member, unit=unit, amount=amount, reason=reason.strip(), requested_by=by, requested_at=now
    )
    waits = four_eyes.needed(POINTS) and abs(amount) + moved_alone(adjustment) > unit.adjustment_limit
    adjustment.state = State.WAITING
    adjustment.save()
    if waits:
        _record("adjustment.requested", adjustment, by=by, now=now)
        return adjustment
    adjustment.entry, adjustment.state = _post(adjustment, now=now), State.POSTED
    adjustment.save(update_fields=["entry", "state"])
    _record("adjustment.posted", adjustment, by=by, now=now)
    return adjustment


@transaction.atomic
def approve(adjustment: Adjustment, *, by: User, now: datetime) -> Adjustment:
    """Post an adjustment that waits. Raises NotAdjusted, also when the balance has become too small for it."""
    _check_may_decide(adjustment, by)
    _lock(adjustment.member_id, adjustment.unit)
    return _decide(adjustment, State.POSTED, entry=_post(adjustment, now=now), by=by, now=now)


@transaction.atomic
def refuse(adjustment: Adjustment, *, by: User, now: datetime) -> Adjustment:
    """Refuse an adjustment that waits. Raises NotAdjusted."""
    _check_may_decide(adjustment, by)
    return _decide(adjustment, State.REFUSED, entry=None, by=by, now=now)


def moved_alone(adjustment: Adjustment) -> int:
    """Return how much its requester moved alone, up or down, of the member's unit in the 24 hours before it."""
    alone = Adjustment.objects.filter(
        member=adjustment.member_id,
        unit=adjustment.unit_id,
        requested_by=adjustment.requested_by_id,
        requested_at__gt=adjustment.requested_at - COUNTED_TOGETHER,
        state=State.POSTED,
        decided_by=None,
    )
    return alone.aggregate(sum=Sum(Abs("amount")))["sum"] or 0


def may_decide(adjustment: Adjustment, by: User) -> bool:
    """Tell whether this person may approve or refuse it, as far as who they are goes."""
    return adjustment.requested_by_id != by.pk and by.has_perm("rewards.approve_adjustment")


def _check_may_decide(adjustment: Adjustment, by: User) -> None:
    if not may_decide(adjustment, by):
        own = adjustment.requested_by_id == by.pk
        raise NotAdjusted(Refusal.OWN_REQUEST if own else Refusal.NO_PERMISSION)


def _decide(adjustment: Adjustment, state: str, *, entry: Entry | None, by: User, now: datetime) -> Adjustment:
    # Whoever comes second changes no row, and takes back what it has posted by raising.
    waiting = Adjustment.objects.filter(pk=adjustment.pk, state=State.WAITING)
    if not waiting.update(state=state, entry=entry, decided_by=by, decided_at=now):
        raise NotAdjusted(Refusal.NOT_WAITING)
    adjustment.refresh_from_db()
    _record("adjustment.approved" if entry else "adjustment.refused", adjustment, by=by, now=now)
    return adjustment


def _post(adjustment: Adjustment, *, now: datetime) -> Entry:
    name = f"adjustment:{adjustment.pk}"
    try:
        return ledger.adjust(
            adjustment.member_id,
            adjustment.unit.slug,
            amount=adjustment.amount,
            key=name,
            reason=adjustment.reason,
            now=now,
            reference=name,
        )
    except ledger.InsufficientBalance:
        raise NotAdjusted(Refusal.BALANCE_TOO_SMALL) from None


def _lock(member_id: int, unit: Unit) -> None:
    """Lock the member and the account. Raises NotAdjusted where the member was erased."""
    locking.lock_by_id([member_id])
    if Member.objects.filter(pk=member_id, erased_at__isnull=False).exists():
        raise NotAdjusted(Refusal.MEMBER_ERASED)
    ledger.lock_accounts([member_id], [unit.slug])


def _balance(member_id: int, unit: Unit) -> int:
    return Account.objects.values_list("balance", flat=True).get(member=member_id, unit=unit)


def _record(action: str, adjustment: Adjustment, *, by: User, now: datetime) -> None:
    # The trail never forgets, so it does not learn the uid.
    changes = {"member": [None, adjustment.member.audit_name], adjustment.unit.slug: [None, adjustment.amount]}
    audit.record(action, adjustment, by=by, now=now, changes=changes, reason=adjustment.reason)
