"""Pools whose prizes cost money, budgets, and what was spent of them, each with one call."""

from datetime import datetime
from itertools import count

from rewards.drawing import Drawn, draw
from rewards.models import Budget, BudgetUse, PoolVersion, PrizePool
from rewards.money import as_amount
from rewards.odds import SCALE
from rewards.pools import publish_pool
from tests.rewards.build import NOW, SCOPE, gift

POOL = "pool:wheel"
# The roll that owns the first prize, and the one that owns the consolation prize.
FIRST, LAST = 0, SCALE - 1
_keys = count()


def priced(*prizes: tuple[str, int, int], consolation: int = 0, slug: str = "wheel") -> PoolVersion:
    """Publish a pool of (key, odds, cost in cents), of which each prize is a gift of its own; the rest consoles."""
    pool = PrizePool.objects.create(slug=slug, name=slug.title())
    rest = SCALE - sum(odds for _key, odds, _cost in prizes)
    for position, (key, odds, cost) in enumerate([*prizes, ("thanks", rest, consolation)]):
        given = gift(f"{slug}-{key}", cost=as_amount(cost))
        pool.prizes.create(key=key, gift=given, odds=odds, position=position, consolation=key == "thanks")
    return publish_pool(pool, by=None, now=NOW)


def budget(cents: int, per: str = "total", scope: str = SCOPE, **fields) -> Budget:
    return Budget.objects.create(scope=scope, per=per, cents=cents, **fields)


def drawn(member, version: PoolVersion, *, roll: int = FIRST, now: datetime = NOW, scope: str = SCOPE) -> Drawn:
    key = f"draw-{next(_keys)}"
    return draw(member.pk, scope=scope, version_id=version.pk, request_key=key, roll=roll, now=now)


def spent(of: Budget) -> list[tuple[int, int]]:
    """Return (drawn, promised) of each use, in the order in which they were made."""
    return list(BudgetUse.objects.filter(budget=of).order_by("id").values_list("drawn", "promised"))
