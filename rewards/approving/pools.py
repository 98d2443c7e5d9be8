"""Publishing a pool that gives more than the version before: more stock, or more value in a draw."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations import approvals
from operations.approval_items import Difference, Kind, Line, Overtaken, register
from operations.four_eyes import STOCK, Seen
from operations.models import ApprovalRequest
from rewards import pool_raises, pools
from rewards.approving.fields import TO_APPROVE
from rewards.models import PrizePool

NAME = "stock.prizepool"


def ask(pool: PrizePool, *, by: User, now: datetime, reason: str = "") -> ApprovalRequest:
    """Ask for the draft to be published. Raises approvals.NotDecided, and pools.PoolNotReady for what has faults."""
    pools.check(pool, by=by, now=now, reason=reason)
    return approvals.ask(NAME, pool, {"terms": _payload(pool)}, by=by, now=now, reason=reason)


def register_own() -> None:
    register(
        Kind(
            name=NAME,
            area=STOCK,
            title=gettext_lazy("A pool that gives more"),
            to_ask=("rewards.publish_prizepool",),
            to_approve=(TO_APPROVE["stock"], TO_APPROVE["value"]),
            hold=_hold,
            difference=_difference,
            apply=_apply,
        )
    )


def _payload(pool: PrizePool) -> dict[str, Any]:
    terms = asdict(pools.promised(pool))
    return terms | {"prizes": list(terms["prizes"])}


def _hold(request: ApprovalRequest) -> None:
    list(PrizePool.objects.select_for_update(no_key=True).filter(pk=request.target_id).values_list("pk"))


def _pool(request: ApprovalRequest) -> PrizePool:
    pool = PrizePool.objects.select_related("current").filter(pk=request.target_id).first()
    if pool is None:
        raise Overtaken(_("What it is about was deleted."))
    return pool


def _difference(request: ApprovalRequest) -> Difference:
    pool = _pool(request)
    if _payload(pool) != request.payload["terms"]:
        raise Overtaken(_("The draft of the pool is not what it was when it was asked for."))
    lines = tuple(_lines(pool))
    if not lines:
        raise Overtaken(_("What it asks for is no more than what is now."))
    return Difference(lines, reverse("admin:rewards_prizepool_change", args=[pool.pk]))


def _lines(pool: PrizePool) -> Iterator[Line]:
    for line in pool_raises.raises_of(pool):
        yield Line(line.what, line.now, line.then)
    for point in pools.changes(pool):
        yield Line(point.message)


def _apply(request: ApprovalRequest, by: User, seen: Seen, now: datetime) -> None:
    try:
        pools.publish_pool(_pool(request), by=by, now=now, reason=request.reason, seen=seen)
    except pools.PoolNotReady as error:
        raise Overtaken(str(error)) from None
