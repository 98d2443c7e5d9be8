"""Orders of the mall: the only writer of `MallOrder`.

An order is one function of the database, `rewards_redeem_item`: the points, the places in every quota, the award and
the order, or none of it. A cancellation is the same backwards, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members import locking, touches
from operations import audit
from operations.prepared import prepared_cursor
from rewards import admission, ledger
from rewards.admission import Locked
from rewards.keys import KeyReused
from rewards.level_following import following
from rewards.mall import closed
from rewards.mall_refusals import MallRefusal, OrderRefused, locked
from rewards.models import MallItem, MallOrder

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
    day = timezone.localdate(now).isoformat()
    values = [member_id, item.pk, request_key, now, day, asked, price, barred.code if barred else ""]
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
