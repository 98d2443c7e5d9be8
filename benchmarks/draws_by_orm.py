"""The control: a draw as one would write it with the ORM — lock the rows, read them, write them.

It does less than the house's own draw (no limits, budgets, codes or guaranteed wins) and as much as it did at first:
idempotent, one chance, one stock, one award, one record.
"""

import secrets
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.views import APIView

from members import touches
from members.models import Member
from operations.idempotency import answer_once
from rewards import ledger
from rewards.models import Award, Chances, Draw, PoolVersion, PrizeStock
from rewards.odds import SCALE

HOT_POOL = "hot-pool"


class DrawByOrmView(APIView):
    scope = "play"

    def post(self, request: Request, slug: str, uid: str) -> HttpResponse:
        return answer_once(request, lambda: (201, draw(uid, f"campaign:{slug}", request.headers["Idempotency-Key"])))


@touches.together()
def draw(uid: str, scope: str, request_key: str) -> dict[str, Any]:
    """Draw once for a member. Inside the transaction of the request."""
    now, roll = timezone.now(), secrets.randbelow(SCALE)
    member = Member.objects.get(uid=uid)
    chances = Chances.objects.select_for_update().get(member=member, scope=scope)
    if chances.left < 1:
        raise RuntimeError("no chance left")
    version = PoolVersion.objects.get(pool__slug=HOT_POOL)
    prizes = list(version.prizes.select_related("gift"))
    rolled = given = next(prize for prize in prizes if prize.floor <= roll < prize.ceiling)
    chances.used += 1
    chances.save(update_fields=["used"])
    if rolled.limited:
        stock = PrizeStock.objects.select_for_update().get(pool=version.pool_id, key=rolled.key)
        if stock.left > 0:
            stock.issued += 1
            stock.save(update_fields=["issued"])
        else:
            given = next(prize for prize in prizes if prize.consolation)
    award = Award.objects.create(
        member=member, gift=given.gift, key=f"draw:{request_key}", source=scope, granted_at=now, state="delivered"
    )
    if given.gift.kind == "points":
        key = f"award:{award.pk}"
        ledger.post_entry(member.pk, "points", amount=given.gift.amount or 0, key=key, reason=scope, now=now)
    drawn = Draw.objects.create(
        member=member, scope=scope, version=version, request_key=request_key, roll=roll, rolled=rolled.key,
        prize=given.key, fallback="" if given is rolled else "out_of_stock", award=award, drawn_at=now,
    )  # fmt: skip
    touches.touch("draws", [member.pk])
    prize = {"key": given.key, "gift": given.gift.name, "kind": given.gift.kind}
    return {"draw": drawn.pk, "prize": prize, "award": award.pk, "chances_left": chances.left}
