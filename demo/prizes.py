"""The demo's gift library, with a gift of every kind, and its pools: each is chosen and limited in a way of its own."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from demo.words import say
from rewards import code_batches, codes
from rewards.models import Gift, Outlet, Prize, PrizePool, Stage

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"

# Coupons of the shop's own system, imported: threshold, value, how many codes.
COUPONS = {"coupon-100": (100, 50, 300), "coupon-50": (50, 20, 1_000)}
# Coupons whose codes were generated here: too few of the one are left, so that there is a warning.
GENERATED: dict[str, tuple[int, dict[str, Any]]] = {
    "latte": (40, {"face_value": Decimal(22), "cost": Decimal(8), "valid_days": 14, "low_stock_at": 60}),
    "tasting": (200, {"face_value": Decimal(68), "cost": Decimal(30), "valid_days": 60, "per_member": 1}),
}
# Used at these outlets only.
OF_OUTLETS = {"latte": ("xuhui", "chaoyang")}
GIFTS: dict[str, dict[str, Any]] = {
    "coupon-20": {
        "kind": Gift.Kind.SHARED_COUPON, "shared_code": "QM20-5", "threshold": Decimal(20),
        "face_value": Decimal(5), "cost": Decimal(5), "valid_days": 30,
    },
    "flash": {
        "kind": Gift.Kind.SHARED_COUPON, "shared_code": "FLASH10", "threshold": Decimal(59),
        "face_value": Decimal(10), "cost": Decimal(10), "valid_days": 1,
    },
    "points-500": {"kind": Gift.Kind.POINTS, "amount": 500, "cost": Decimal(5)},
    "points-100": {"kind": Gift.Kind.POINTS, "amount": 100, "cost": Decimal(1)},
    "points-20": {"kind": Gift.Kind.POINTS, "amount": 20, "cost": Decimal("0.2")},
    "growth-50": {"kind": Gift.Kind.GROWTH, "amount": 50},
    "again": {"kind": Gift.Kind.CHANCES, "amount": 1},
    "phone": {
        "kind": Gift.Kind.PHYSICAL, "face_value": Decimal(3_299), "cost": Decimal(2_899), "stock": 3,
        "per_member": 1, "low_stock_at": 1, "valid_days": 15,
    },
    "mug": {
        "kind": Gift.Kind.PHYSICAL, "face_value": Decimal(39), "cost": Decimal(12), "stock": 300, "low_stock_at": 30,
        "valid_days": 15,
    },
    "red-packet": {"kind": Gift.Kind.RED_PACKET, "face_value": Decimal("5.88"), "cost": Decimal("5.88")},
    "thanks": {"kind": Gift.Kind.THANKS},
}  # fmt: skip

# What holds for a whole pool.
RULES: dict[str, dict[str, Any]] = {
    "plus": {"guarantee_after": 5, "guarantee_prize": "coupon-20", "every_draw_wins": True, "draws_per_day": 10},
    "growth": {"price": 30, "bought_per_day": 3},
    "everyone": {"wins_per_member": 10},
    "black-gold": {"every_draw_wins": True, "guarantee_after": 3, "guarantee_prize": "points-500"},
}
# How a draw from the pool is played; the others are wheels.
STAGES = {"scratch": Stage.SCRATCH, "exam-high": Stage.EGGS, "exam-low": Stage.GRID, "plus": Stage.GRID}
# pool → (gift, odds in millionths, limits); the last prize is the consolation prize.
POOLS: dict[str, list[tuple[str, int, dict[str, int]]]] = {
    "black-gold": [
        ("phone", 500, {"stock": 2, "per_day": 1, "per_member": 1}),
        ("tasting", 99_500, {"stock": 60, "per_member": 1}), ("mug", 100_000, {"stock": 60, "per_member": 1}),
        ("red-packet", 200_000, {"stock": 300, "per_day": 60, "per_hour": 20}),
        ("coupon-100", 200_000, {"stock": 80}), ("points-500", 400_000, {}), ("coupon-20", 0, {}),
    ],
    "plus": [
        ("mug", 20_000, {"stock": 40, "per_day": 5, "per_hour": 2, "per_member": 1}),
        ("coupon-100", 120_000, {"stock": 200, "per_member": 2}), ("coupon-50", 180_000, {"stock": 400}),
        ("latte", 50_000, {"stock": 30, "per_day": 10}), ("points-500", 130_000, {"stock": 500}),
        ("coupon-20", 200_000, {}), ("points-100", 300_000, {}),
    ],
    "growth": [
        ("mug", 10_000, {"stock": 20, "per_day": 2, "per_member": 1}),
        ("coupon-100", 20_000, {"stock": 60}), ("coupon-50", 120_000, {"stock": 300}),
        ("growth-50", 100_000, {}), ("coupon-20", 250_000, {}), ("again", 50_000, {"per_day": 30}),
        ("points-100", 150_000, {}), ("points-20", 300_000, {}),
    ],
    "everyone": [
        ("coupon-100", 2_500, {"stock": 20, "per_day": 3}), ("coupon-50", 47_500, {"stock": 200}),
        ("flash", 100_000, {}), ("coupon-20", 150_000, {}), ("points-20", 400_000, {}), ("thanks", 300_000, {}),
    ],
    "exam-high": [
        ("red-packet", 100_000, {"stock": 200, "per_day": 40, "per_member": 1}),
        ("coupon-50", 200_000, {"stock": 200}), ("points-100", 700_000, {}),
    ],
    "exam-low": [("coupon-20", 300_000, {}), ("points-20", 700_000, {})],
    "scratch": [
        ("flash", 150_000, {"per_day": 500}), ("growth-50", 50_000, {}), ("points-20", 300_000, {}),
        ("thanks", 500_000, {}),
    ],
}  # fmt: skip


def make_gifts(language: str, *, by: User, now: datetime) -> None:
    for slug, (threshold, face_value, count) in COUPONS.items():
        gift = Gift.objects.create(
            slug=slug, name=say(f"gift.{slug}", language), kind=Gift.Kind.COUPON, threshold=threshold,
            face_value=face_value, cost=face_value, valid_days=30, low_stock_at=50,
        )  # fmt: skip
        codes.import_codes(gift, (_code() for _ in range(count)), by=None, now=now)
    for slug, (count, fields) in GENERATED.items():
        gift = _make_gift(slug, {"kind": Gift.Kind.COUPON} | fields, language)
        batch = code_batches.begin_generation(gift, count, by=by, now=now)
        code_batches.work(batch.pk, position=0, most=count, now=now)
    for slug, fields in GIFTS.items():
        paid = {"provider": _provider()} if fields["kind"] == Gift.Kind.RED_PACKET else {}
        _make_gift(slug, fields | paid, language)


def _make_gift(slug: str, fields: dict[str, Any], language: str) -> Gift:
    gift = Gift.objects.create(slug=slug, name=say(f"gift.{slug}", language), **fields)
    gift.outlets.set(Outlet.objects.filter(slug__in=OF_OUTLETS.get(slug, ())))
    return gift


def _provider() -> str:
    """Return who pays red packets out: the sandbox, or where there is none, somebody by hand."""
    return "sandbox" if "sandbox" in settings.DELIVERY_PROVIDERS else "manual"


def _code() -> str:
    return "QM-" + "".join(secrets.choice(ALPHABET) for _ in range(16))


def make_pools(language: str) -> None:
    gifts = {gift.slug: gift for gift in Gift.objects.all()}
    for slug, prizes in POOLS.items():
        pool = PrizePool.objects.create(
            slug=slug, name=say(f"pool.{slug}", language), stage=STAGES.get(slug, Stage.WHEEL), **RULES.get(slug, {})
        )
        _make_prizes(pool, prizes, gifts)


def _make_prizes(pool: PrizePool, prizes: Sequence[tuple[str, int, dict[str, int]]], gifts: dict[str, Gift]) -> None:
    for position, (gift, odds, limits) in enumerate(prizes, start=1):
        Prize.objects.create(
            pool=pool, key=gift, gift=gifts[gift], odds=odds, position=position,
            consolation=position == len(prizes), **limits,
        )  # fmt: skip
