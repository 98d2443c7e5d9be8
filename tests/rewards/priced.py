"""Pools whose prizes cost money, budgets, and what was spent of them, each with one call."""

from datetime import datetime
from itertools import count

from django.db import transaction

from rewards.drawing import Drawn, draw
from rewards.models import Budget, BudgetUse, Gift, PoolVersion, PrizePool
from rewards.odds import SCALE
from tests.rewards.build import NOW, SCOPE, gift

POOL = "pool:wheel"
# The roll that owns the first prize, and the one that owns the consolation prize.
FIRST, LAST = 0, SCALE - 1
_keys = count()


@transaction.atomic
def priced(*prizes: tuple[str, int, int], consolation: int = 0, slug: str = "wheel") -> PoolVersion:
    """Publish a pool of (key, odds, cost in cents), of which each prize is a gift of its own; the rest consoles."""
    pool, _new = PrizePool.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
    version = PoolVersion.objects.create(pool=pool, number=pool.versions.count() + 1, published_at=NOW)
    floor = 0
    rows = [*prizes, ("thanks", SCALE - sum(odds for _key, odds, _cost in prizes), consolation)]
    for position, (key, odds, cost) in enumerate(rows):
        given = Gift.objects.filter(slug=f"{slug}-{key}").first() or gift(f"{slug}-{key}")
        version.prizes.create(
            key=key, gift=given, floor=floor, ceiling=floor + odds, name=given.name, kind=given.kind, cost=cost,
            position=position, consolation=key == "thanks",
        )  # fmt: skip
        floor += odds
    pool.current = version
    pool.save()
    return version


def budget(cents: int, per: str = "total", scope: str = SCOPE, **fields) -> Budget:
    return Budget.objects.create(scope=scope, per=per, cents=cents, **fields)


def drawn(member, version: PoolVersion, *, roll: int = FIRST, now: datetime = NOW, scope: str = SCOPE) -> Drawn:
    key = f"draw-{next(_keys)}"
    return draw(member.pk, scope=scope, version_id=version.pk, request_key=key, roll=roll, now=now)


def spent(of: Budget) -> list[tuple[int, int]]:
    """Return (drawn, promised) of each use, in the order in which they were made."""
    return list(BudgetUse.objects.filter(budget=of).order_by("id").values_list("drawn", "promised"))
