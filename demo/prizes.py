"""The demo's gift library and its three pools: better odds and dearer gifts for better members."""

import secrets
from datetime import datetime
from decimal import Decimal
from typing import Any

from demo.words import say
from rewards import codes
from rewards.models import Gift, Prize, PrizePool

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"

COUPONS = {"coupon-100": (100, 50, 300), "coupon-50": (50, 20, 1_000)}
GIFTS: dict[str, dict[str, Any]] = {
    "coupon-20": {
        "kind": Gift.Kind.SHARED_COUPON, "shared_code": "QM20-5", "threshold": Decimal(20),
        "face_value": Decimal(5), "cost": Decimal(5), "valid_days": 30,
    },
    "points-500": {"kind": Gift.Kind.POINTS, "amount": 500, "cost": Decimal(5)},
    "points-100": {"kind": Gift.Kind.POINTS, "amount": 100, "cost": Decimal(1)},
    "points-20": {"kind": Gift.Kind.POINTS, "amount": 20, "cost": Decimal("0.2")},
    "thanks": {"kind": Gift.Kind.THANKS},
}  # fmt: skip

# pool → (gift, odds in millionths, stock); the last prize is the consolation prize.
POOLS: dict[str, list[tuple[str, int, int | None]]] = {
    "plus": [
        ("coupon-100", 120_000, 200), ("coupon-50", 230_000, 400), ("points-500", 150_000, 500),
        ("coupon-20", 200_000, None), ("points-100", 300_000, None),
    ],
    "growth": [
        ("coupon-100", 20_000, 60), ("coupon-50", 130_000, 300), ("coupon-20", 250_000, None),
        ("points-100", 250_000, None), ("points-20", 350_000, None),
    ],
    "everyone": [
        ("coupon-100", 2_500, 20), ("coupon-50", 47_500, 200), ("coupon-20", 250_000, None),
        ("points-20", 400_000, None), ("thanks", 300_000, None),
    ],
}  # fmt: skip


def make_gifts(language: str, *, now: datetime) -> None:
    for slug, (threshold, face_value, count) in COUPONS.items():
        gift = Gift.objects.create(
            slug=slug, name=say(f"gift.{slug}", language), kind=Gift.Kind.COUPON, threshold=threshold,
            face_value=face_value, cost=face_value, valid_days=30,
        )  # fmt: skip
        codes.import_codes(gift, (_code() for _ in range(count)), by=None, now=now)
    for slug, fields in GIFTS.items():
        Gift.objects.create(slug=slug, name=say(f"gift.{slug}", language), **fields)


def _code() -> str:
    return "QM-" + "".join(secrets.choice(ALPHABET) for _ in range(16))


def make_pools(language: str) -> None:
    gifts = {gift.slug: gift for gift in Gift.objects.all()}
    for slug, prizes in POOLS.items():
        pool = PrizePool.objects.create(slug=slug, name=say(f"pool.{slug}", language))
        for position, (gift, odds, stock) in enumerate(prizes, start=1):
            Prize.objects.create(
                pool=pool, key=gift, gift=gifts[gift], odds=odds, stock=stock,
                position=position, consolation=position == len(prizes),
            )  # fmt: skip
