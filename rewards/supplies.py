"""What prizes promise, against what is there: free codes of coupons, and the stock of gifts that have one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db import connection

from rewards.models import Gift, Prize, Quota

# A gift may have millions of codes, and a page asks for each of its pools.
_FREE = """
    SELECT wanted.gift_id, (
        SELECT count(*) FROM (
            SELECT FROM rewards_couponcode code WHERE code.gift_id = wanted.gift_id AND code.award_id IS NULL
            LIMIT wanted.count
        ) AS found
    ) FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (gift_id, count)
"""


@dataclass(frozen=True, slots=True)
class Shortage:
    """A gift of which more is promised than is left: codes, or pieces of its own stock."""

    name: str
    needed: int
    left: int
    of_codes: bool


@dataclass(frozen=True, slots=True)
class Supplies:
    """`needed`: gift → how many may still be won.

    `codes`: gift id → free codes, counted no further than they are needed. `used`: slug → pieces given.
    """

    needed: Mapping[Gift, int]
    codes: Mapping[int, int]
    used: Mapping[str, int]

    def short(self) -> Iterator[Shortage]:
        """Yield each gift that falls short of what the prizes promise."""
        for gift, count in self.needed.items():
            codes = self.codes.get(gift.pk, 0)
            if gift.kind == Gift.Kind.COUPON and codes < count:
                yield Shortage(gift.name, count, codes, of_codes=True)
            if gift.stock is not None and (left := max(gift.stock - self.used.get(gift.slug, 0), 0)) < count:
                yield Shortage(gift.name, count, left, of_codes=False)


def needed(prizes: Iterable[Prize], issued: Mapping[str, int]) -> dict[Gift, int]:
    """Return how many of each scarce gift may still be won; a prize without a limit needs one at all."""
    wanted: Counter[Gift] = Counter()
    for prize in prizes:
        scarce = prize.gift.kind == Gift.Kind.COUPON or prize.gift.stock is not None
        if scarce and not prize.consolation:
            wanted[prize.gift] += 1 if prize.stock is None else max(prize.stock - issued.get(prize.key, 0), 0)
    return dict(wanted)


def left_of(wanted: Mapping[Gift, int]) -> Supplies:
    """Count the free codes, and what was given, of the gifts asked for. Two queries; none where none is scarce."""
    coupons = {gift.pk: count for gift, count in wanted.items() if gift.kind == Gift.Kind.COUPON}
    stocked = [gift for gift in wanted if gift.stock is not None]
    keys = {f"gift:{gift.slug}": gift.slug for gift in stocked}
    given = Quota.objects.filter(member=None, key__in=keys).values_list("key", "used")
    return Supplies(
        wanted,
        codes=free_codes(coupons) if coupons else {},
        used={keys[key]: used for key, used in given} if stocked else {},
    )


def free_codes(needed: Mapping[int, int]) -> dict[int, int]:
    """Gift id → its free codes, counted no further than `needed`."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE, [list(needed), list(needed.values())])
        return dict(cursor.fetchall())
