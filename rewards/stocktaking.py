"""What is left of gifts: their free codes, and their stock less what was given."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from rewards.models import Award, CouponCode, Gift, Quota

# In lists, free codes are counted no further than this: a gift may have millions.
COUNTED = 100_000

RUNNING_LOW = """
    SELECT * FROM (
        SELECT gift.id, gift.name, greatest(least(
            CASE WHEN gift.kind = 'coupon' THEN (
                SELECT count(*) FROM (
                    SELECT FROM rewards_couponcode WHERE gift_id = gift.id AND award_id IS NULL
                    LIMIT gift.low_stock_at + 1
                ) AS free
            ) END,
            gift.stock - coalesce(
                (SELECT used FROM rewards_quota WHERE member_id IS NULL AND key = 'gift:' || gift.slug), 0
            )
        ), 0) AS remaining, gift.low_stock_at
        FROM rewards_gift gift WHERE gift.low_stock_at IS NOT NULL AND (gift.kind = 'coupon' OR gift.stock IS NOT NULL)
    ) AS counted
    WHERE remaining <= low_stock_at ORDER BY remaining, name
"""


class CountUpTo(Subquery):
    """Count the rows of a sliced queryset: no further than the slice goes."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class RunningLow:
    gift_id: int
    name: str
    remaining: int


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a gift: `count` is None for one without a limit; `more` says there are more than that."""

    count: int | None
    more: bool = False
    low: bool = False


def counted(gifts: QuerySet[Gift], *, up_to: int = COUNTED) -> QuerySet[Gift]:
    """Let gifts know their `codes_free`, up to so many and one, and how many were `given` of a stock: see `left_of`."""
    free = CouponCode.objects.filter(gift=OuterRef("pk"), award=None).order_by()
    given = Quota.objects.filter(member=None, key=Concat(Value("gift:"), OuterRef("slug"))).values("used")
    return gifts.annotate(
        codes_free=CountUpTo(free.values("pk")[: up_to + 1]), given=Coalesce(Subquery(given), Value(0))
    )


def left_of(gift: Gift, *, up_to: int = COUNTED) -> Left:
    """Return what is left of a gift read by `counted`, up to the same number."""
    limits = [] if gift.stock is None else [max(gift.stock - gift.given, 0)]  # type: ignore[attr-defined]
    if gift.kind == Gift.Kind.COUPON:
        limits.append(gift.codes_free)  # type: ignore[attr-defined]
    if not limits:
        return Left(None)
    # Codes alone are counted only so far; what is left of a stock is known.
    count = min(limits)
    more = gift.kind == Gift.Kind.COUPON and count > up_to
    low = count == 0 or (gift.low_stock_at is not None and count <= gift.low_stock_at)
    return Left(min(count, up_to) if more else count, more=more, low=low)


def running_low() -> Sequence[RunningLow]:
    """Return the gifts of which no more are left than their alert says. Reads no more rows than the alerts are high."""
    with connection.cursor() as cursor:
        cursor.execute(RUNNING_LOW)
        return [RunningLow(*row[:3]) for row in cursor.fetchall()]


def given_of(gift: Gift) -> int:
    """Return how many of the gift were given, also before it had a stock."""
    return gift.awards.exclude(state=Award.State.REVERSED).count()


def codes_of(gift: Gift) -> tuple[int, int]:
    """Return how many codes of the gift are free and how many belong to awards, counted to the last."""
    total, free = gift.codes.count(), gift.codes.filter(award=None).count()
    return free, total - free
