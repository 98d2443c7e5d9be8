"""What the mall offers: items on sale, what is left of them, and why a member cannot have one now.

What is read here is shown; an order asks all of it again behind locks (`rewards.mall_orders`), in the same order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat

from rewards import admission
from rewards.admission import Locked
from rewards.ledger import POINTS, balances
from rewards.mall_refusals import GONE, MallRefusal, locked
from rewards.models import CouponCode, Gift, MallItem, Quota
from rewards.periods import day_of

# So many or fewer are told by their number.
SCARCE = 10
Period = MallItem.Period


@dataclass(frozen=True, slots=True)
class Offer:
    """An item as a member meets it.

    `left` is how many there are still, None where nothing limits them; `may` how many more this member may have.
    `refusal` says why it cannot be had now. Without a member nobody is refused for what they are or hold.
    """

    item: MallItem
    left: int | None
    may: int | None
    balance: int | None
    refusal: Locked | None

    @property
    def gift(self) -> Gift:
        return self.item.gift

    @property
    def code(self) -> str:
        return self.refusal.code if self.refusal else ""

    @property
    def gone(self) -> bool:
        return self.code in GONE

    @property
    def short(self) -> bool:
        return self.code == MallRefusal.POINTS_SHORT

    @property
    def missing(self) -> int:
        """Return how many points the member lacks."""
        return max(0, self.item.price - (self.balance or 0))

    @property
    def after(self) -> int:
        """Return what the member will have when they have it."""
        return (self.balance or 0) - self.item.price

    @property
    def scarce(self) -> bool:
        return self.left is not None and 0 < self.left <= SCARCE

    @property
    def waits(self) -> bool:
        """Tell whether it is on sale, but not yet."""
        return self.code == MallRefusal.NOT_OPEN

    @property
    def barred(self) -> bool:
        """Tell whether it is locked to this member: for others, or had as often as one may."""
        return bool(self.code) and not (self.gone or self.short or self.waits)

    @property
    def svg(self) -> str:
        return f"h5/icons/{self.gift.kind}.svg"

    @property
    def worth(self) -> str:
        """Return the face value without needless cents, "" where there is none."""
        return f"{self.gift.face_value:.2f}".removesuffix(".00") if self.gift.face_value else ""

    @property
    def threshold(self) -> str:
        """Return from what amount a coupon can be used, "" for any."""
        return f"{self.gift.threshold:.2f}".removesuffix(".00") if self.gift.threshold else ""


def offers(member_id: int | None, *, now: datetime) -> list[Offer]:
    """Return what is on sale or soon will be, in the mall's order; at most five queries however much it is.

    What does not admit the member and is hidden from others is left out. Two queries; for audiences up to three more.
    """
    on_sale = MallItem.objects.filter(state=MallItem.State.ON_SALE).exclude(closes_at__lte=now)
    items = list(_with_counts(on_sale, member_id, now))
    return [offer for offer, hidden in _met(items, member_id, now) if not hidden]


def offer_of(slug: str, member_id: int | None, *, now: datetime) -> Offer | None:
    """Return one item that is on sale or was, None where there is none that this member may see."""
    known = MallItem.objects.filter(slug=slug).exclude(state=MallItem.State.DRAFT)
    items = list(_with_counts(known, member_id, now))
    return next((offer for offer, hidden in _met(items, member_id, now) if not hidden), None)


def _met(items: Sequence[Any], member_id: int | None, now: datetime) -> list[tuple[Offer, bool]]:
    """Return each item as the member meets it, and whether it is hidden from them."""
    if not items:
        return []
    balance: int | None = None
    answers: list[Locked | None] = [None] * len(items)
    if member_id is not None:
        balance = balances(member_id).get(POINTS, 0)
        answers = admission.refusals(member_id, [item.audience for item in items], now=now)
    return [
        (_offer(item, balance, answer, now), answer is not None and item.hidden_from_others)
        for item, answer in zip(items, answers, strict=True)
    ]


def _offer(item: Any, balance: int | None, barred: Locked | None, now: datetime) -> Offer:
    left, may = _left(item), None if balance is None else _may(item)
    why = closed(item, now)
    if why is None and barred is None:
        why = _why_not(item, left, may, balance)
    return Offer(item, left, may, balance, locked(why) if why else barred)


def closed(item: MallItem, now: datetime) -> MallRefusal | None:
    """Say why nobody can have the item now, or None. Pure."""
    if item.state != MallItem.State.ON_SALE:
        return MallRefusal.OFF_SALE
    if item.opens_at is not None and now < item.opens_at:
        return MallRefusal.NOT_OPEN
    if item.closes_at is not None and now >= item.closes_at:
        return MallRefusal.CLOSED
    return None


def _why_not(item: Any, left: int | None, may: int | None, balance: int | None) -> MallRefusal | None:
    if may is not None and may <= 0:
        return MallRefusal.MEMBER_LIMIT
    if left is not None and left <= 0:
        return MallRefusal.SOLD_OUT
    if balance is not None and balance < item.price:
        return MallRefusal.POINTS_SHORT
    return None


def _left(item: Any) -> int | None:
    limits = []
    if item.stock is not None:
        limits.append(item.stock - item.sold)
    if item.gift.stock is not None:
        limits.append(item.gift.stock - item.gift_given)
    if item.gift.kind == Gift.Kind.COUPON and len(item.free_codes) <= SCARCE:
        limits.append(len(item.free_codes))
    return max(0, min(limits)) if limits else None


def _may(item: Any) -> int | None:
    limits = []
    if item.per_member is not None:
        limits.append(item.per_member - item.had)
    if item.gift.per_member is not None:
        limits.append(item.gift.per_member - item.gift_had)
    return max(0, min(limits)) if limits else None


def _with_counts(items: QuerySet[MallItem], member_id: int | None, now: datetime) -> QuerySet[Any]:
    """Read with each item how many of it were had, in all and by the member, and of its free codes the first few."""
    codes = CouponCode.objects.filter(gift=OuterRef("gift"), award=None).values("pk")[: SCARCE + 1]
    counted = items.select_related("gift").annotate(
        counted_as=Concat(Value("item:"), "slug", output_field=CharField()),
        gift_counted_as=Concat(Value("gift:"), "gift__slug", output_field=CharField()),
        sold=_used(None, "counted_as"),
        gift_given=_used(None, "gift_counted_as"),
        free_codes=ArraySubquery(codes),
    )
    if member_id is not None:
        counted = counted.annotate(
            member_counted_as=_member_key(now),
            had=_used(member_id, "member_counted_as"),
            gift_had=_used(member_id, "gift_counted_as"),
        )
    return counted.order_by("position", "id")


def _member_key(now: datetime) -> Combinable:
    """The key of the member's quota in the period that `now` falls in, as `rewards_redeem_item` makes it."""
    day = day_of(now).isoformat()
    return Case(
        When(per_member_period=Period.DAY, then=Concat("counted_as", Value(f":{day}"))),
        When(per_member_period=Period.MONTH, then=Concat("counted_as", Value(f":{day[:7]}"))),
        default=F("counted_as"),
        output_field=CharField(),
    )


def _used(member_id: int | None, key: str) -> Combinable:
    quotas = Quota.objects.filter(member=member_id, key=OuterRef(key)).values("used")
    return Coalesce(Subquery(quotas), 0)
