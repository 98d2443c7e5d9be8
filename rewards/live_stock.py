"""What is left of each prize of a pool: of its stock, and of what this day and this hour release."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rewards.models import PoolVersion, Quota
from rewards.periods import day_of, hour_of
from rewards.pool_terms import PrizeTerms, of_published


@dataclass(frozen=True, slots=True)
class Count:
    """So many given of so many."""

    given: int
    allowed: int

    @property
    def left(self) -> int:
        return max(self.allowed - self.given, 0)


@dataclass(frozen=True, slots=True)
class LivePrize:
    """A published prize; None where it has no such limit."""

    terms: PrizeTerms
    stock: Count | None
    today: Count | None
    this_hour: Count | None


def live_prizes(version: PoolVersion, *, now: datetime) -> list[LivePrize]:
    """Return the version's prizes with what is left of them now. Three queries, whatever the number of prizes."""
    prizes = [of_published(prize) for prize in version.prizes.select_related("gift")]
    stock, issued = Counter[str](), Counter[str]()
    for row in version.pool.stocks.all():
        stock[row.key] += row.stock
        issued[row.key] += row.issued
    used = _released(version, prizes, now=now)
    return [
        LivePrize(
            prize,
            None if prize.stock is None else Count(issued[prize.key], stock[prize.key]),
            None if prize.per_day is None else Count(used.get(_day(version, prize, now), 0), prize.per_day),
            None if prize.per_hour is None else Count(used.get(_hour(version, prize, now), 0), prize.per_hour),
        )
        for prize in prizes
    ]


def _released(version: PoolVersion, prizes: Sequence[PrizeTerms], *, now: datetime) -> dict[str, int]:
    timed = [prize for prize in prizes if prize.released_by_time]
    keys = [key(version, prize, now) for prize in timed for key in (_day, _hour)]
    return dict(Quota.objects.filter(member=None, key__in=keys).values_list("key", "used")) if keys else {}


def _day(version: PoolVersion, prize: PrizeTerms, now: datetime) -> str:
    return f"release:{version.pool.slug}:{prize.key}:{day_of(now)}"


def _hour(version: PoolVersion, prize: PrizeTerms, now: datetime) -> str:
    return f"release:{version.pool.slug}:{prize.key}:{hour_of(now)}"
