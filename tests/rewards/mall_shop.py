"""Items of the mall and members with points, each with one call."""

import pytest

from rewards import ledger, mall_orders
from rewards.models import Account, Gift, MallItem, MallOrder, Quota
from tests.rewards import build

NOW = build.NOW


def item(slug: str = "mug", *, gift: Gift | None = None, price: int = 100, **fields) -> MallItem:
    """An item on sale; its gift is a link unless another is given."""
    given = gift or build.gift(f"{slug}-gift", Gift.Kind.LINK, link="https://shop.example/")
    return MallItem.objects.create(slug=slug, gift=given, price=price, **({"state": "on_sale"} | fields))


def rich(count: int, points: int = 1_000) -> list:
    people = build.members(count)
    for member in people:
        ledger.post_entry(member.pk, "points", amount=points, key=f"start:{member.pk}", reason="test", now=NOW)
    return people


def place(member, slug: str = "mug", key: str = "tap", **more):
    return mall_orders.place(member.pk, slug, request_key=key, **({"now": NOW} | more))


def refusal(member, slug: str = "mug", key: str = "tap", **more) -> str:
    """Order what is refused, and return the code; nothing may have been left behind."""
    before = trace()
    with pytest.raises(mall_orders.OrderRefused) as refused:
        place(member, slug, key, **more)
    assert refused.value.words
    assert trace() == before
    return refused.value.code


def trace() -> tuple:
    """What an order leaves: balances, orders, and what was used of every quota."""
    used = Quota.objects.filter(used__gt=0).order_by("pk").values_list("key", "member", "used")
    held = Account.objects.order_by("pk").values_list("pk", "balance")
    return MallOrder.objects.count(), list(used), list(held)


def points_of(member) -> int:
    return ledger.balances(member.pk)["points"]
