"""What a pool promises, read from a draft or from a published version alike: pure rows to compare and to publish."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rewards.models import Gift, PoolVersion, PoolVersionPrize, Prize, PrizePool
    from rewards.models.pools import PoolRules

RULES = (
    "price",
    "bought_per_day",
    "draws_per_day",
    "wins_per_member",
    "guarantee_after",
    "guarantee_prize",
    "every_draw_wins",
)
# How the draw looks: published with the rules, and for nobody's better or worse.
LOOKS = ("stage",)
LIMITS = ("stock", "per_day", "per_hour", "per_member", "consolation")


@dataclass(frozen=True, slots=True)
class PrizeTerms:
    """A prize as promised: odds in millionths, value and cost in cents, limits None where there are none."""

    key: str
    gift_id: int
    name: str
    kind: str
    odds: int
    face_value: int
    cost: int
    stock: int | None
    per_day: int | None
    per_hour: int | None
    per_member: int | None
    consolation: bool

    @property
    def released_by_time(self) -> bool:
        """Tell whether so many are released a day or an hour (按时段投放)."""
        return self.per_day is not None or self.per_hour is not None


@dataclass(frozen=True, slots=True)
class PoolTerms:
    """The rules of a pool (`PoolRules` says what each means), its prizes in their order, and how the draw is played."""

    price: int | None
    bought_per_day: int | None
    draws_per_day: int | None
    wins_per_member: int | None
    guarantee_after: int | None
    guarantee_prize: str
    every_draw_wins: bool
    prizes: tuple[PrizeTerms, ...]
    stage: str = "wheel"

    @property
    def consolation(self) -> PrizeTerms | None:
        return next((prize for prize in self.prizes if prize.consolation), None)

    def prize(self, key: str) -> PrizeTerms | None:
        return next((prize for prize in self.prizes if prize.key == key), None)


def in_cents(amount: Decimal) -> int:
    """Return an amount of money with two decimals in cents."""
    return int(amount.scaleb(2))


def terms_of_draft(pool: "PrizePool", prizes: Iterable["Prize"]) -> PoolTerms:
    """Return what the draft promises. `prizes` come with their gifts."""
    return PoolTerms(**_rules(pool), prizes=tuple(_of_draft(prize) for prize in prizes))


def terms_of_version(version: "PoolVersion", prizes: Iterable["PoolVersionPrize"]) -> PoolTerms:
    """Return what a version promises. `prizes` come with their gifts."""
    return PoolTerms(**_rules(version), prizes=tuple(of_published(prize) for prize in prizes))


def of_published(prize: "PoolVersionPrize") -> PrizeTerms:
    """Return a published prize's terms. The first versions kept no name and value: there they are the gift's."""
    kept = prize if prize.kind else None
    gift = prize.gift
    return PrizeTerms(
        key=prize.key,
        gift_id=prize.gift_id,
        name=kept.name if kept else gift.name,
        kind=kept.kind if kept else gift.kind,
        odds=prize.odds,
        face_value=kept.face_value if kept else in_cents(gift.face_value),
        cost=kept.cost if kept else in_cents(gift.cost),
        **{limit: getattr(prize, limit) for limit in LIMITS},
    )


def _of_draft(prize: "Prize") -> PrizeTerms:
    gift: Gift = prize.gift
    return PrizeTerms(
        key=prize.key,
        gift_id=gift.pk,
        name=gift.name,
        kind=gift.kind,
        odds=prize.odds,
        face_value=in_cents(gift.face_value),
        cost=in_cents(gift.cost),
        **{limit: getattr(prize, limit) for limit in LIMITS},
    )


def _rules(rules: "PoolRules") -> dict:
    return {rule: getattr(rules, rule) for rule in (*RULES, *LOOKS)}
