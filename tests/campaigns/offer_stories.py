"""Plays the stories of `tests/cases/offers.json`: members, a shop's orders and the clock, step by step."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from campaigns import published
from campaigns.eligibility import decide
from campaigns.models import OfferGroup, OfferStock
from campaigns.offers import following, refunds_due, reserving
from campaigns.offers.standing import Standing, standings
from campaigns.refusals import Refused
from campaigns.subjects import load_subject
from members.ingest import ingest_order_items, ingest_orders
from members.ingest_refunds import ingest_refunds
from members.models import Activity, Member
from members.rows import OrderItemRow, OrderRow, RefundRow
from operations.books import count_violations
from tests.campaigns.scenes import make_coupon, make_level, publish

SLUG = "autumn"


def offer(kind: str = "flash", **changes: Any) -> dict[str, Any]:
    """An offer as a campaign's file has it: a flash sale of two, a group of two, or a first-order coupon."""
    usual: dict[str, Any] = {
        "flash": {"skus": ["MILK-1"], "stock": 2},
        "group": {"skus": ["MILK-1"], "size": 2, "hours": 24},
        "first_order": {"price": "0.00", "offer_price": "0.00", "gift": "coupon"},
    }[kind]
    common = {"key": "milk", "kind": kind, "title": "Milk", "price": "59.00", "offer_price": "39.00", "audience": {}}
    return common | usual | changes


def publish_offer(kind: str = "flash", **changes: Any) -> None:
    make_coupon("CODE-1", "CODE-2", "CODE-3")
    make_level("paid")
    publish(offers=[offer(kind, **changes)])


def member(uid: str) -> Member:
    return Member.objects.get_or_create(uid=uid)[0]


def buy(
    uid: str, order_id: str, *, at: datetime, paid_at: datetime | None = None, sku: str = "MILK-1", quantity: int = 1,
    amount: str = "39.00", line: int = 1, currency: str | None = None,
) -> None:  # fmt: skip
    """An order of one line comes in at `at`, and what follows from it is settled."""
    ingest_orders([OrderRow(order_id, uid, paid_at or at, Decimal(amount), currency, quantity)], now=at)
    ingest_order_items([OrderItemRow(order_id, line, sku, None, quantity, Decimal(amount))], now=at)
    follow(at)


def refund(order_id: str, *, at: datetime, amount: str = "39.00", quantity: int | None = None) -> None:
    number = Activity.objects.count()
    ingest_refunds([RefundRow(f"{order_id}:{number}", order_id, at, Decimal(amount), 1, quantity)], now=at)
    follow(at)


def follow(at: datetime) -> None:
    following.follow_orders(list(Activity.objects.values_list("pk", flat=True)), now=at)


def standing(uid: str, at: datetime, key: str = "milk") -> Standing:
    definition = published.definition_of(SLUG)
    assert definition is not None
    subject = load_subject(member(uid), definition, now=at)
    shown = standings(definition, subject, closed=decide(definition, subject).refusal)
    return next(each for each in shown if each.offer.key == key)


def books_are_right() -> bool:
    return [(each.name, each.violations) for each in count_violations() if each.violations != 0] == []


def play(story: Mapping[str, Any]) -> None:
    """Play a story; each step's `expect` is compared with what came of it, and the books are looked at."""
    publish_offer(**story["offer"])
    for number, step in enumerate(story["steps"]):
        at = datetime.fromisoformat(step["at"])
        seen = _do(step, at)
        expected = step.get("expect", {})
        assert {key: seen.get(key) for key in expected} == expected, f"{story['name']}, step {number}: {seen}"
        assert books_are_right(), f"{story['name']}, step {number}"


def _do(step: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    uid, given = step.get("who", ""), dict(step.get("with", {}))
    if "paid_at" in given:
        given["paid_at"] = datetime.fromisoformat(given["paid_at"])
    try:
        match step["do"]:
            case "reserve":
                reserving.reserve(member(uid), SLUG, "milk", now=at, **given)
            case "open":
                reserving.open_group(member(uid), SLUG, "milk", now=at)
            case "join":
                code = OfferGroup.objects.order_by("pk").values_list("code", flat=True)[given.get("group", 0)]
                reserving.join(member(uid), SLUG, "milk", code, now=at)
            case "coupon":
                reserving.get_coupon(member(uid), SLUG, "milk", now=at)
            case "order":
                buy(uid, given.pop("id"), at=at, **given)
            case "refund":
                refund(given.pop("id"), at=at, **given)
            case "clock":
                following.end_due(now=at)
            case "look":
                pass
            case unknown:
                raise ValueError(unknown)
    except Refused as refused:
        return {"refused": refused.refusal.value} | _seen(uid, at)
    return _seen(uid, at)


def _seen(uid: str, at: datetime) -> dict[str, Any]:
    """What a member sees, what is taken of the stock, how the groups stand, and what the shop is to refund."""
    taken = OfferStock.objects.filter(enrolment=None).values_list("taken", flat=True).first() or 0
    seen: dict[str, Any] = {
        "taken": taken,
        "groups": [f"{each.state} {each.paid}/{each.taken}/{each.size}" for each in OfferGroup.objects.order_by("pk")],
        "refunds": [seat.order.order_id for seat in refunds_due.due(SLUG).order_by("pk")],
    }
    if uid:
        shown = standing(uid, at)
        seen |= {
            "state": shown.state.value,
            "reason": shown.refusal.value if shown.refusal else None,
            "left": shown.left,
            "may": shown.may,
            "award": shown.coupon.award.state if shown.coupon else None,
            "first_order": bool(shown.coupon and shown.coupon.order_id),
        }
    return seen
