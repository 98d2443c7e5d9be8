"""The demo's tags, models (RFM, lifecycle, value) and segments, computed from its orders and events."""

from datetime import datetime
from typing import Any

from django.db.models import Count

from demo.words import say
from members.models import MemberMetrics, OrderItem
from segmentation import lifecycle, recomputing, rfm, tagging, value
from segmentation.definitions import save_rule
from segmentation.models import LifecycleModel, MemberTag, RfmModel, Segment, Tag, TagGroup, ValueModel

TAG_GROUPS = {
    "spending-power": (True, ["high", "middle", "low"]),
    "taste": (False, ["dairy", "coffee", "bakery"]),
    # Carried by whoever takes part in the second campaign.
    "carnival": (False, ["joined", "finished", "star"]),
}
TASTES = {"dairy": ["milk", "yogurt"], "coffee": ["coffee"], "bakery": ["bread"]}
HIGH_SPENDING, MIDDLE_SPENDING = 1500, 400


def _all(*clauses: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "combinator": "and", "rules": list(clauses)}


NEVER_MILK = {"field": "orders.count", "operator": "=", "value": 0, "where": {"category": ["milk"]}}
LOOKED_AT_MILK = {
    "field": "events.count", "operator": ">=", "value": 1, "window": {"last_days": 90},
    "where": {"type": ["favourite", "cart", "search"], "category": ["milk"]},
}  # fmt: skip
RULES = {
    "high-value": _all({"field": "rfm.default.class", "operator": "in", "value": ["important_value"]}),
    "lapsed-high-value": _all(
        {"field": "rfm.default.class", "operator": "in", "value": ["important_keep", "important_winback"]},
        {"field": "orders.last.days_ago", "operator": ">=", "value": 60},
    ),
    "first-order": _all({"field": "orders.count", "operator": "=", "value": 0}),
    "milk-newcomers": _all(
        {
            "field": "orders.count", "operator": "=", "value": 0,
            "where": {"category": ["milk"]}, "window": {"last_days": 90},
        },
        {"field": "orders.count", "operator": ">=", "value": 1},
    ),
    # The three faces of one place in the second campaign.
    "milk-never": _all(NEVER_MILK),
    "milk-interested": _all(NEVER_MILK, LOOKED_AT_MILK),
    "milk-buys-other": _all(NEVER_MILK, {"field": "orders.count", "operator": ">=", "value": 1}),
}  # fmt: skip


def make_tags(language: str, *, now: datetime) -> None:
    for slug, (exclusive, tags) in TAG_GROUPS.items():
        group = TagGroup.objects.create(slug=slug, name=say(f"group.{slug}", language), exclusive=exclusive)
        for tag in tags:
            Tag.objects.create(group=group, slug=tag, name=say(f"tag.{tag}", language))
    _tag_by_spending(now)
    _tag_by_taste(now)


def _tag_by_spending(now: datetime) -> None:
    spent = MemberMetrics.objects.filter(orders__gt=0)
    for tag, members in {
        "high": spent.filter(amount__gte=HIGH_SPENDING),
        "middle": spent.filter(amount__gte=MIDDLE_SPENDING, amount__lt=HIGH_SPENDING),
        "low": spent.filter(amount__lt=MIDDLE_SPENDING),
    }.items():
        _set_tag("spending-power", tag, list(members.values_list("member_id", flat=True)), now)


def _tag_by_taste(now: datetime) -> None:
    for tag, categories in TASTES.items():
        buyers = (
            OrderItem.objects.filter(category__in=categories)
            .values("order__member_id")
            .annotate(lines=Count("id"))
            .filter(lines__gte=4)
        )
        _set_tag("taste", tag, list(buyers.values_list("order__member_id", flat=True)), now)


def _set_tag(group: str, slug: str, member_ids: list[int], now: datetime) -> None:
    tag = Tag.objects.get(group__slug=group, slug=slug)
    tagging.set_tag(member_ids, tag, source=MemberTag.Source.RULE, now=now)


def make_segments(language: str, *, now: datetime) -> None:
    model, _created = RfmModel.objects.get_or_create(slug="default", defaults={"name": "RFM"})
    rfm.recompute(model, at=now.date(), now=now)
    staged, _created = LifecycleModel.objects.get_or_create(slug="default")
    _name(staged, say("model.lifecycle", language))
    lifecycle.recompute(staged, now=now)
    valued, _created = ValueModel.objects.get_or_create(slug="default")
    _name(valued, say("model.value", language))
    value.recompute(valued, now=now)
    for slug, rule in RULES.items():
        segment = Segment(slug=slug, name=say(f"segment.{slug}", language))
        save_rule(segment, rule, by=None, now=now)
        recomputing.recompute(segment, now=now)


def _name(model: LifecycleModel | ValueModel, name: str) -> None:
    """Every installation begins with the model, under a Chinese name."""
    model.name = name
    model.save(update_fields=["name"])
