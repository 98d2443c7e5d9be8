"""The demo's points mall: three shelves, and first orders of those who have points already."""

from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from demo.campaign import SLUG
from demo.words import WORDS, say
from rewards import mall_orders
from rewards.mall_refusals import OrderRefused
from rewards.models import Account, Gift, MallItem, MallOrder

GIFTS: dict[str, dict[str, Any]] = {
    "spin": {"kind": Gift.Kind.CHANCES, "amount": 1, "draws_in": f"campaign:{SLUG}"},
    "blanket": {"kind": Gift.Kind.PHYSICAL, "face_value": Decimal(129), "cost": Decimal(48), "valid_days": 30},
    "cookbook": {"kind": Gift.Kind.LINK, "link": "https://example.com/milk-recipes"},
}

# shelf → the items on it: gift, price in points, and what limits it.
SHELVES: dict[str, list[tuple[str, int, dict[str, Any]]]] = {
    "coupons": [
        ("coupon-20", 30, {"per_member": 3, "per_member_period": MallItem.Period.MONTH}),
        ("coupon-50", 300, {"stock": 100, "per_member": 1, "per_member_period": MallItem.Period.MONTH}),
        ("coupon-100", 800, {"stock": 8, "per_member": 1, "audience": {"levels": ["paid"]}}),
    ],
    "play": [
        ("spin", 50, {"per_member": 2, "per_member_period": MallItem.Period.DAY}),
        ("cookbook", 20, {"per_member": 1}),
    ],
    "things": [
        ("mug", 1_200, {"stock": 60}),
        ("blanket", 2_600, {"stock": 20, "per_member": 1}),
    ],
}
# What members with few points have first.
WANTED = ("coupon-20", "cookbook")
MOST_ORDERS = 40


def make_items(language: str, *, now: datetime) -> None:
    for slug, fields in GIFTS.items():
        Gift.objects.create(slug=slug, name=say(f"gift.{slug}", language), **fields)
    gifts = {gift.slug: gift for gift in Gift.objects.all()}
    for shelf, items in SHELVES.items():
        words, english = WORDS[f"shelf.{shelf}"]
        for gift, price, limits in items:
            told = f"mall.{gift}"
            MallItem.objects.create(
                slug=gift, gift=gifts[gift], price=price, shelf=words, shelf_en=english,
                name_en=WORDS[f"gift.{gift}"][1], description=say(told, language) if told in WORDS else "",
                position=MallItem.objects.count() + 1, state=MallItem.State.ON_SALE, **limits,
            )  # fmt: skip
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    MallItem.objects.filter(slug="blanket").update(opens_at=midnight + timedelta(days=5))


def let_members_shop(language: str, *, by: User, now: datetime) -> None:
    """Let those who have enough have something small, so that orders, sales and limits have figures."""
    holders = Account.objects.filter(unit__slug="points", balance__gte=30).order_by("-balance", "pk")
    for number, member_id in enumerate(holders.values_list("member_id", flat=True)[:MOST_ORDERS]):
        with suppress(OrderRefused):
            mall_orders.place(member_id, WANTED[number % len(WANTED)], request_key="demo", now=now)
    for order in MallOrder.objects.order_by("pk")[:1]:
        mall_orders.cancel(order.pk, by=by, reason=say("reason.cancelled", language), now=now)
