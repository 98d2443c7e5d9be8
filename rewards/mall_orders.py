"""Orders of the mall: the only writer of `MallOrder`.

An order is one function of the database, `rewards_redeem_item`: the points, the places in every quota, the award and
the order, or none of it. A cancellation is the same backwards, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members import inbox, touches
from members.models import Member
from operations import audit
from operations.prepared import prepared_cursor
from rewards import admission, inbox_words, ledger, reversing
from rewards.admission import Locked
from rewards.keys import KeyReused
from rewards.level_following import following
from rewards.mall import closed
from rewards.mall_refusals import MallRefusal, OrderRefused, locked
from rewards.models import MallItem, MallOrder
from rewards.periods import day_of

REDEEM = """
SELECT order_id, award_id, price, points_left, refusal, repeated
FROM rewards_redeem_item(%s, %s, %s, %s, %s, %s, %s, %s)
"""
State = MallOrder.State


@dataclass(frozen=True, slots=True)
class Placed:
    """An order as it was placed. `repeated` says that this request had been answered before."""

    order_id: int
    award_id: int
    price: int
    points_left: int
    repeated: bool


def place(member_id: int, slug: str, *, request_key: str, now: datetime, price: int | None = None) -> Placed:
    """Have the item for the member's points. The same request key returns the first order.

    `price` is what the member was shown; where it is another by now, nothing is ordered.
    Raises OrderRefused, and KeyReused if the key stands for another wish.
    """
    item = MallItem.objects.select_related("gift").filter(slug=slug).exclude(state=MallItem.State.DRAFT).first()
    if item is None:
        raise OrderRefused(locked(MallRefusal.UNKNOWN_ITEM))
    barred = _barred(item, member_id, now)
    asked = f"{slug}:{'' if price is None else price}"
    day = day_of(now).isoformat()
    values: list[Any] = [member_id, item.pk, request_key, now, day, asked, price, barred.code if barred else ""]
    with transaction.atomic(), following(member_id, item.gift.kind, now=now, reference=f"mall:{slug}"):
        with prepared_cursor() as cursor:
            cursor.execute(REDEEM, values)
            order_id, award_id, paid, points_left, refusal, repeated = cursor.fetchone()
        if order_id and not repeated:
            touches.touch(ledger.TOUCHED, [member_id])
    if refusal == "key_reused":
        raise KeyReused(request_key)
    if refusal:
        raise OrderRefused(barred if barred and barred.code == refusal else locked(MallRefusal(refusal)))
    return Placed(order_id, award_id, paid, points_left, repeated)


def _barred(item: MallItem, member_id: int, now: datetime) -> Locked | None:
    """Why the audience does not admit the member. What is closed to everyone is not asked."""
    if closed(item, now) is not None:
        return None
    return admission.refusals(member_id, [item.audience], now=now)[0]


class CancelRefusal(Enum):
    """Why an order is not cancelled."""

    CANCELLED = "cancelled"
    USED = "used"
    MEMBER_ERASED = "member_erased"


WORDINGS: dict[CancelRefusal, Promise] = {
    CancelRefusal.CANCELLED: _("It was cancelled already."),
    CancelRefusal.USED: _("What was ordered has been used, or was taken back by other means."),
    CancelRefusal.MEMBER_ERASED: _("The member's data was erased."),
}


class NotCancelled(Exception):
    """Nothing was changed, for the `reason`; as text it is the reason in words."""

    def __init__(self, reason: CancelRefusal) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(WORDINGS[self.reason])


@transaction.atomic
def cancel(order_id: int, *, by: User | None, reason: str, now: datetime) -> MallOrder:
    """Take the award back and give the points back, once; the place in the stock is free again.

    Raises NotCancelled, and ValueError for an empty reason.
    """
    if not reason.strip():
        raise ValueError("a cancellation needs a reason")
    order = MallOrder.objects.select_related("award__gift", "item__gift").get(pk=order_id)
    units = {ledger.POINTS} | ({order.award.gift.kind} & {ledger.GROWTH})
    ledger.lock_accounts([order.member_id], units)
    if Member.objects.filter(pk=order.member_id, erased_at__isnull=False).exists():
        raise NotCancelled(CancelRefusal.MEMBER_ERASED)
    placed = MallOrder.objects.filter(pk=order_id, state=State.PLACED)
    said = {"cancelled_at": now, "cancelled_by": by, "cancel_reason": reason.strip()}
    if not placed.update(state=State.CANCELLED, **said):
        raise NotCancelled(CancelRefusal.CANCELLED)
    try:
        reversing.reverse_award(order.award_id, by=by, reason=reason.strip(), now=now)
    except reversing.NotReversible:
        raise NotCancelled(CancelRefusal.USED) from None
    ledger.reverse_entry(order.entry_id, key=f"mall:{order_id}:back", reason="mall order cancelled", now=now)
    changes = {"state": [State.PLACED.value, State.CANCELLED.value], "points": [None, order.price]}
    audit.record("mall_order.cancelled", order, by=by, now=now, changes=changes, reason=reason.strip())
    inbox.put([_cancelled(order)], now=now)
    order.refresh_from_db()
    return order


def _cancelled(order: MallOrder) -> inbox.Message:
    params = {"item": order.item.name or order.item.gift.name, "item_en": order.item.name_en, "points": order.price}
    link = reverse("h5-mall-order", args=[order.pk])
    return inbox.Message(order.member_id, inbox_words.ORDER_CANCELLED, f"cancelled:{order.pk}", params, link)


def orders_before(member_id: int, *, before: int | None, limit: int) -> Sequence[MallOrder]:
    """Return at most `limit` orders of the member, newest first, those older than the order `before`. One query."""
    orders = MallOrder.objects.filter(member=member_id).select_related("item__gift", "award").order_by("-id")
    return list((orders if before is None else orders.filter(pk__lt=before))[:limit])
