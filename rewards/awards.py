"""Awards: gifts granted to members, and what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet

from members import touches
from rewards import delivering, ledger
from rewards.keys import KeyReused
from rewards.level_following import following
from rewards.models import Award, Gift
from rewards.periods import day_of

# The database refuses a gift that cannot be given with this state, and the reason as its message.
NOT_TO_BE_GIVEN = "QM001"

# What a member takes to the shop; points are credited at once and words of thanks are only read.
USABLE = (Gift.Kind.COUPON, Gift.Kind.SHARED_COUPON)


class OutOfGifts(Exception):
    """The gift cannot be given now; nothing was granted. `code` is no_code, gift_out_of_stock, member_limit or
    nowhere_to_draw.
    """

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class OwnAward:
    """An award as lists have it. Its code is not here: `rewards.codes` shows that to its owner, one at a time."""

    id: int
    gift: str
    kind: str
    amount: int | None
    state: str
    granted_at: datetime
    expires_at: datetime | None
    picture: str


def grant_award(  # noqa: PLR0913 a grant says what, to whom, why, where and when
    gift: Gift, member_id: int, *, key: str, source: str, now: datetime, scope: str = ""
) -> Award:
    """Grant a gift: claim its code, credit its points. Granting the same key again returns the first award.

    Its cost is charged to the budgets of `scope` as promised. A gift of growth value lifts the member at once.

    Raises OutOfGifts, and KeyReused if the key stands for another member or gift.
    """
    with transaction.atomic(), following(member_id, gift.kind, now=now, reference=key):
        award_id = _granted([member_id, gift.pk, key, source, now, day_of(now), scope])
        if gift.kind in (ledger.POINTS, ledger.GROWTH):
            touches.touch(ledger.TOUCHED, [member_id])
        if gift.kind == Gift.Kind.RED_PACKET:
            delivering.hasten(award_id)
    award = Award.objects.get(pk=award_id)
    if (award.member_id, award.gift_id) != (member_id, gift.pk):
        raise KeyReused(key)
    return award


def _granted(values: Sequence[str | int | datetime | date]) -> int:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT rewards_grant(%s, %s, %s, %s, %s, %s, %s)", values)
            return int(cursor.fetchone()[0])
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) != NOT_TO_BE_GIVEN:
            raise
        raise OutOfGifts(error.__cause__.diag.message_primary) from None  # type: ignore[union-attr]


def state_at(award: Award, now: datetime) -> Award.State:
    """Return the state of an award at a time: one that was granted and not used expires by itself."""
    if award.state == Award.State.GRANTED and award.expires_at is not None and award.expires_at <= now:
        return Award.State.EXPIRED
    return Award.State(award.state)


def awards_before(member_id: int, *, before: int | None, limit: int, now: datetime) -> Sequence[OwnAward]:
    """Return at most `limit` of what the member has won or been given, newest first, older than the award `before`.

    Words of thanks are no award to keep, and an award that has run out reads as expired.
    """
    return [_own(award, now) for award in older_than(before, kept_awards(member_id))[:limit]]


def given_awards() -> QuerySet[Award]:
    """Return everybody's awards with their members and gifts, but for words of thanks."""
    return Award.objects.exclude(gift__kind=Gift.Kind.THANKS).select_related("member", "gift")


def kept_awards(member_id: int) -> QuerySet[Award]:
    """Return the member's awards with their gifts, newest first, but for words of thanks."""
    awards = Award.objects.filter(member_id=member_id).exclude(gift__kind=Gift.Kind.THANKS)
    return awards.select_related("gift").order_by("-id")


def usable_awards(member_id: int, *, now: datetime) -> QuerySet[Award]:
    """Return the coupons that the member can take to the shop, now or later."""
    unused = kept_awards(member_id).filter(gift__kind__in=USABLE, state=Award.State.GRANTED)
    return unused.filter(Q(expires_at=None) | Q(expires_at__gt=now))


def older_than(before: int | None, awards: QuerySet[Award]) -> QuerySet[Award]:
    return awards if before is None else awards.filter(pk__lt=before)


def _own(award: Award, now: datetime) -> OwnAward:
    return OwnAward(
        id=award.pk,
        gift=award.gift.name,
        kind=award.gift.kind,
        amount=award.gift.amount,
        state=state_at(award, now),
        granted_at=award.granted_at,
        expires_at=award.expires_at,
        picture=award.gift.picture,
    )
