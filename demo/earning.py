"""What the demo's members earn: points and growth for orders, points for shares."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from demo.words import say
from rewards.ledger import GROWTH, POINTS
from rewards.models import EarningRule, Unit

# Orders of the last weeks earn too; workers settle them once the demo is loaded.
FOR_THE_LAST = timedelta(days=30)
RULES: dict[str, dict[str, Any]] = {
    "order-points": {"unit": POINTS, "rate": Decimal(1), "matures_after_days": 7},
    "order-growth": {"unit": GROWTH, "rate": Decimal(1), "uses_multiplier": False},
    "share-points": {
        "unit": POINTS, "trigger": EarningRule.Trigger.EVENT, "event_type": "share", "amount": 5,
        "uses_multiplier": False, "cap_per_day": 15,
    },
}  # fmt: skip


def make_rules(*, now: datetime) -> None:
    """Make the rules before the orders come in, so that these are settled as any shop's are."""
    units = {unit.slug: unit for unit in Unit.objects.all()}
    starts_at = (now - FOR_THE_LAST).replace(hour=0, minute=0, second=0, microsecond=0)
    for slug, fields in RULES.items():
        EarningRule.objects.create(
            slug=slug,
            name=say(f"earning.{slug}", "zh-hans"),
            name_en=say(f"earning.{slug}", "en"),
            starts_at=starts_at,
            **fields | {"unit": units[fields["unit"]]},
        )
