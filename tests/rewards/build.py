"""Members, gifts and pools for the tests of rewards, each with one call."""

from datetime import UTC, datetime

from members.models import Member
from rewards import chances, pools
from rewards.codes import add_codes
from rewards.models import Gift, PoolVersion, PrizePool

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SCOPE = "campaign:double-eleven"


def members(count: int) -> list[Member]:
    return Member.objects.bulk_create(Member(uid=f"m{number}") for number in range(count))


def gift(slug: str, kind: str = Gift.Kind.THANKS, **fields) -> Gift:
    if kind == Gift.Kind.SHARED_COUPON:
        fields.setdefault("shared_code", "SHARED")
    return Gift.objects.create(slug=slug, name=slug.title(), kind=kind, **fields)


def coupon(slug: str, codes: int, **fields) -> Gift:
    made = gift(slug, Gift.Kind.COUPON, **fields)
    add_codes(made.pk, [f"{slug}-{number}" for number in range(codes)])
    return made


def pool(*prizes: tuple[Gift, int, int | None], consolation: tuple[Gift, int] | None = None) -> PrizePool:
    """Make a draft of (gift, odds, stock) and a consolation prize; the key of each prize is its gift's."""
    draft = PrizePool.objects.create(slug="wheel", name="Wheel")
    for position, (each, odds, stock) in enumerate(prizes):
        draft.prizes.create(key=each.slug, gift=each, odds=odds, stock=stock, position=position)
    if consolation:
        each, odds = consolation
        draft.prizes.create(key=each.slug, gift=each, odds=odds, consolation=True, position=len(prizes))
    return draft


def published(*prizes: tuple[Gift, int, int | None], consolation: tuple[Gift, int]) -> PoolVersion:
    return pools.publish_pool(pool(*prizes, consolation=consolation), by=None, now=NOW)


def with_chances(count: int, each: int = 1) -> list[Member]:
    people = members(count)
    for member in people:
        chances.grant_chances(member.pk, SCOPE, count=each, key=f"start:{member.pk}", now=NOW)
    return people


def books_are_right() -> bool:
    """Tell whether every invariant of rewards holds; name those that do not."""
    from django.db import connection

    from rewards.books import INVARIANTS

    violations = {}
    with connection.cursor() as cursor:
        for name, sql in INVARIANTS.items():
            cursor.execute(sql)
            violations[name] = cursor.fetchone()[0]
    assert violations == dict.fromkeys(INVARIANTS, 0)
    return True
