"""Awards: gifts granted to members, and what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from members import touches
from operations import audit
from rewards import ledger
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


class NotRedeemable(Exception):
    """The award was redeemed, reversed or has expired, or its gift is nothing to use: `code` and `reason` say which."""

    def __init__(self, code: str, reason: str):
        super().__init__(f"the award cannot be redeemed: {code}")
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class OwnAward:
    """An award as its owner sees it. Nobody else is shown `code`."""

    id: int
    gift: str
    kind: str
    amount: int | None
    code: str
    state: str
    granted_at: datetime
    expires_at: datetime | None


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
    award = Award.objects.get(pk=award_id)
    if (award.member_id, award.gift_id) != (member_id, gift.pk):
        raise KeyReused(key)
    return award


def _granted(values: list[object]) -> int:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT rewards_grant(%s, %s, %s, %s, %s, %s, %s)", values)
            return int(cursor.fetchone()[0])
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) != NOT_TO_BE_GIVEN:
            raise
        raise OutOfGifts(error.__cause__.diag.message_primary) from None  # type: ignore[union-attr]


@transaction.atomic
def redeem(award_id: int, *, by: User | None, now: datetime) -> Award:
    """Mark a granted award as used (核销), once. Raises NotRedeemable."""
    usable = Award.objects.filter(pk=award_id, gift__kind__in=USABLE).exclude(expires_at__lte=now)
    redeemed = usable.filter(state=Award.State.GRANTED).update(state=Award.State.REDEEMED)
    award = Award.objects.select_related("gift").get(pk=award_id)
    if not redeemed:
        raise _not_redeemable(award, now)
    audit.record("award.redeemed", award, by=by, now=now)
    return award


def _not_redeemable(award: Award, now: datetime) -> NotRedeemable:
    if award.gift.kind not in USABLE:
        return NotRedeemable("nothing_to_use", _("it is nothing to be used"))
    state = state_at(award, now)
    return NotRedeemable(state.value, str(state.label))


def state_at(award: Award, now: datetime) -> Award.State:
    """Return the state of an award at a time: one that was granted and not used expires by itself."""
    if award.state == Award.State.GRANTED and award.expires_at is not None and award.expires_at <= now:
        return Award.State.EXPIRED
    return Award.State(award.state)


def awards_of(member_id: int, *, now: datetime | None = None) -> Sequence[OwnAward]:
    """Return what the member has won or been given, newest first; words of thanks are no award to keep.

    With `now`, an award that has run out reads as expired.
    """
    return [_own(award, now) for award in _kept_awards(member_id)]


def awards_before(member_id: int, *, before: int | None, limit: int, now: datetime) -> Sequence[OwnAward]:
    """Return at most `limit` awards as `awards_of` does, those older than the award `before`."""
    awards = _kept_awards(member_id)
    if before is not None:
        awards = awards.filter(pk__lt=before)
    return [_own(award, now) for award in awards[:limit]]


def _kept_awards(member_id: int) -> QuerySet[Award]:
    awards = Award.objects.filter(member_id=member_id).exclude(gift__kind=Gift.Kind.THANKS)
    return awards.select_related("gift", "coupon_code").order_by("-id")


def _own(award: Award, now: datetime | None) -> OwnAward:
    return OwnAward(
        id=award.pk,
        gift=award.gift.name,
        kind=award.gift.kind,
        amount=award.gift.amount,
        code=award.coupon_code.code if hasattr(award, "coupon_code") else award.gift.shared_code,
        state=award.state if now is None else state_at(award, now),
        granted_at=award.granted_at,
        expires_at=award.expires_at,
    )
