"""Paid levels: bought by an order, given by hand or imported, for the months that the level is valid.

Who buys a level again has it longer: the new period begins where the last one ends. When a period is taken back, those
after it move up, so that what was paid for is had in full. Part of `members.standing`, which is the door to it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members import locking, touches
from members.ladder import Ladder, Standing, valid_until
from members.models import Level, LevelChange, Member, Order, PaidPeriod
from members.standing_rows import rewrite
from operations import audit

Cause = LevelChange.Cause
IMPORT = "import:"


class LevelRefusal(StrEnum):
    """Why a paid level cannot be had."""

    BY_GROWTH = "level_by_growth"
    NEVER_ENDS = "level_never_ends"
    ORDER_REFUNDED = "order_refunded"
    ORDER_OF_ANOTHER_MEMBER = "order_of_another_member"
    KEY_REUSED = "key_reused"


WORDINGS: dict[LevelRefusal, Promise] = {
    LevelRefusal.BY_GROWTH: _("This level is reached by growth value and cannot be bought."),
    LevelRefusal.NEVER_ENDS: _("The member has this level for ever already."),
    LevelRefusal.ORDER_REFUNDED: _("The order has been refunded."),
    LevelRefusal.ORDER_OF_ANOTHER_MEMBER: _("The order belongs to another member."),
    LevelRefusal.KEY_REUSED: _("The key stands for another member or level."),
}


class LevelRefused(Exception):
    """A paid level cannot be had: `code` for machines, the text in the reader's language."""

    def __init__(self, code: LevelRefusal) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return str(WORDINGS[self.code])


@transaction.atomic
def buy_level(member: Member, level: Level, *, key: str, order_id: str, now: datetime) -> PaidPeriod:
    """Let the member have a paid level; the same key again returns the first period. The order need not be known yet.

    Raises LevelRefused where the level is not for sale or already held for ever, or the order is another member's or
    refunded, or the key stands for something else.
    """
    locking.lock_by_id([member.pk])
    if (bought := _bought_before(member, level, key)) is not None:
        return bought
    order = Order.objects.filter(order_id=order_id).first()
    if order is not None and order.member_id != member.pk:
        raise LevelRefused(LevelRefusal.ORDER_OF_ANOTHER_MEMBER)
    if order is not None and is_refunded(order):
        raise LevelRefused(LevelRefusal.ORDER_REFUNDED)
    period = _append(member, level, key=key, order_id=order_id, now=now)
    _count_anew({member.pk: f"order:{order_id}"}, cause=Cause.BOUGHT, now=now)
    return period


@transaction.atomic
def give_level(  # noqa: PLR0913 the audit trail asks who and why
    member: Member, level: Level, *, key: str, reason: str, by: User, now: datetime
) -> PaidPeriod:
    """Give a paid level by hand, audited with the reason. The same key again returns the first period.

    Raises LevelRefused.
    """
    locking.lock_by_id([member.pk])
    if (given := _bought_before(member, level, key)) is not None:
        return given
    period = _append(member, level, key=key, order_id="", now=now)
    _count_anew({member.pk: reason}, cause=Cause.BY_HAND, now=now)
    changes = {"level": [None, level.slug], "ends_at": [None, period.ends_at and period.ends_at.isoformat()]}
    audit.record("member.level_given", member, by=by, now=now, reason=reason, changes=changes)
    return period


def refund_order(order_id: str, *, now: datetime) -> int:
    """Take back what this order bought, once nothing of the order is left. Return how many periods were taken back."""
    return refund_orders([order_id], now=now)


@transaction.atomic
def refund_orders(order_ids: Collection[str], *, now: datetime) -> int:
    """As `refund_order`, for many orders. One of which something is left keeps what it bought."""
    bought = PaidPeriod.objects.filter(order_id__in=order_ids, revoked_at=None).exclude(order_id="")
    member_ids = set(bought.values_list("member_id", flat=True))
    if not member_ids:
        return 0
    locking.lock_by_id(member_ids)
    # Read behind the locks: a correction may have made an order whole again.
    orders = Order.objects.filter(order_id__in=order_ids)
    refunded = [order.order_id for order in orders if is_refunded(order)]
    periods = list(bought.filter(order_id__in=refunded, member_id__in=member_ids).order_by("starts_at"))
    PaidPeriod.objects.filter(pk__in=[period.pk for period in periods]).update(revoked_at=now, closed=True)
    for member_id, level_id in sorted({(period.member_id, period.level_id) for period in periods}):
        _move_up(member_id, level_id, now=now)
    _count_anew({each.member_id: f"order:{each.order_id}" for each in periods}, cause=Cause.REFUNDED, now=now)
    return len(periods)


@transaction.atomic
def restore_orders(order_ids: Collection[str], *, now: datetime) -> int:
    """Give again what was taken back of orders that turn out not to be refunded: it counts as if never taken back.

    Return how many periods were given again.
    """
    taken_back = PaidPeriod.objects.filter(order_id__in=order_ids, revoked_at__isnull=False).exclude(order_id="")
    member_ids = set(taken_back.values_list("member_id", flat=True))
    if not member_ids:
        return 0
    locking.lock_by_id(member_ids)
    orders = Order.objects.filter(order_id__in=order_ids)
    whole = [order.order_id for order in orders if not is_refunded(order)]
    periods = list(taken_back.filter(order_id__in=whole, member_id__in=member_ids))
    PaidPeriod.objects.filter(pk__in=[period.pk for period in periods]).update(revoked_at=None, closed=False)
    for member_id, level_id in sorted({(period.member_id, period.level_id) for period in periods}):
        _move_back(member_id, level_id)
        _move_up(member_id, level_id, now=now)
    _count_anew({each.member_id: f"order:{each.order_id}" for each in periods}, cause=Cause.BOUGHT, now=now)
    return len(periods)


@transaction.atomic
def end_paid_periods(member_ids: Collection[int], *, now: datetime) -> None:
    """Close these members' periods that are over; whoever has no further one falls back."""
    locking.lock_by_id(member_ids)
    over = PaidPeriod.objects.filter(member_id__in=member_ids, closed=False, ends_at__lte=now)
    ended = dict(over.order_by("ends_at").values_list("member_id", "key"))
    over.update(closed=True)
    _count_anew(ended, cause=Cause.PAID_ENDED, now=now)


def give_imported_paid_levels(given: Mapping[int, Level], *, now: datetime) -> None:
    """Give each member (by id) a paid level once and for all. Inside the caller's transaction, behind their locks."""
    uids = dict(Member.objects.filter(pk__in=given).values_list("pk", "uid"))
    periods = [
        PaidPeriod(
            member_id=member_id,
            level=level,
            key=import_key(uids[member_id], level.slug),
            months=level.valid_months,
            starts_at=now,
            ends_at=_end(now, level.valid_months),
            bought_at=now,
        )
        for member_id, level in given.items()
    ]
    PaidPeriod.objects.bulk_create(periods, ignore_conflicts=True)
    _count_anew(dict.fromkeys(given, ""), cause=Cause.IMPORTED, now=now)


def paid_levels_had(member_ids: Collection[int]) -> list[tuple[int, str]]:
    """Return (member id, key) of the paid levels that are held, or that an import gave before."""
    periods = PaidPeriod.objects.filter(member_id__in=member_ids)
    held = Q(closed=False, revoked_at=None) | Q(key__startswith=IMPORT)
    return list(periods.filter(held).values_list("member_id", "level__slug"))


def import_key(uid: str, slug: str) -> str:
    return f"{IMPORT}{uid}:{slug}"


def is_refunded(order: Order) -> bool:
    """Whether nothing is left of the order. One that cost nothing is refunded only by its status."""
    return order.status == Order.Status.REFUNDED or 0 < order.amount <= order.refunded_amount


def open_periods(member_id: int, level_id: int) -> QuerySet[PaidPeriod]:
    """The member's periods of one level that are neither closed nor taken back, one after the other."""
    periods = PaidPeriod.objects.filter(member_id=member_id, level_id=level_id, closed=False, revoked_at=None)
    return periods.order_by("starts_at", "id")


def _bought_before(member: Member, level: Level, key: str) -> PaidPeriod | None:
    period = PaidPeriod.objects.filter(key=key).select_related("level").first()
    if period is not None and (period.member_id, period.level_id) != (member.pk, level.pk):
        raise LevelRefused(LevelRefusal.KEY_REUSED)
    if period is not None and period.revoked_at is not None:
        raise LevelRefused(LevelRefusal.ORDER_REFUNDED)
    return period


def _append(member: Member, level: Level, *, key: str, order_id: str, now: datetime) -> PaidPeriod:
    if level.kind != Level.Kind.PAID:
        raise LevelRefused(LevelRefusal.BY_GROWTH)
    _close_what_is_over(member.pk, level.pk, now=now)
    last = open_periods(member.pk, level.pk).last()
    if last is not None and last.ends_at is None:
        raise LevelRefused(LevelRefusal.NEVER_ENDS)
    starts_at = max(now, last.ends_at) if last is not None and last.ends_at else now
    # Also who renews, and so keeps the level that counts, has bought one.
    touches.touch(touches.LEVEL, [member.pk])
    return PaidPeriod.objects.create(
        member=member,
        level=level,
        key=key,
        order_id=order_id,
        months=level.valid_months,
        starts_at=starts_at,
        ends_at=_end(starts_at, level.valid_months),
        bought_at=now,
    )


def _move_up(member_id: int, level_id: int, *, now: datetime) -> None:
    """Let the open periods follow each other from now on without a gap, each for as long as it was bought."""
    _close_what_is_over(member_id, level_id, now=now)
    free_from = now
    for period in open_periods(member_id, level_id):
        if period.starts_at > free_from:
            period.starts_at, period.ends_at = free_from, _end(free_from, period.months)
            period.save(update_fields=["starts_at", "ends_at"])
        free_from = max(free_from, period.ends_at or free_from)


def _move_back(member_id: int, level_id: int) -> None:
    """Let open periods that began in the time of an earlier one begin where that ends."""
    free_from = None
    for period in open_periods(member_id, level_id):
        if free_from is not None and period.starts_at < free_from:
            period.starts_at, period.ends_at = free_from, _end(free_from, period.months)
            period.save(update_fields=["starts_at", "ends_at"])
        free_from = period.ends_at


def _close_what_is_over(member_id: int, level_id: int, *, now: datetime) -> None:
    """Do for one level what the nightly job has yet to do, so that no gap lies between what is open."""
    open_periods(member_id, level_id).filter(ends_at__lte=now).update(closed=True)


def _end(starts_at: datetime, months: int | None) -> datetime | None:
    return valid_until(starts_at, months, timezone.get_default_timezone())


def _count_anew(references: Mapping[int, str], *, cause: LevelChange.Cause, now: datetime) -> None:
    """Write the level that counts after periods were opened or closed. `references` is member id → what for."""
    rewrite(references, _as_it_is, cause=cause, references=references, now=now)


def _as_it_is(_member_id: int, standing: Standing, _ladder: Ladder) -> Standing:
    return standing
