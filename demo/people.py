"""The demo's members and orders, brought in as any shop's would be: parsed as rows, ingested in batches."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from numpy.random import Generator

from demo import shop
from demo.words import say
from members import imports
from members.models import Attribute, Level

BATCH = 5_000
LEVELS = [
    ("normal", 1, Level.Kind.GROWTH, 0, {}),
    ("growth", 2, Level.Kind.GROWTH, 500, {"valid_months": 12, "downgrade": "one_step", "points_multiplier": "1.2"}),
    ("paid", 3, Level.Kind.PAID, None, {"valid_months": 12, "points_multiplier": "1.5"}),
]


def make_levels(language: str) -> None:
    for slug, rank, kind, growth_needed, benefits in LEVELS:
        name = say(f"level.{slug}", language)
        Level.objects.create(slug=slug, name=name, rank=rank, kind=kind, growth_needed=growth_needed, **benefits)
    Attribute.objects.create(
        slug="has-children", label=say("attribute.has-children", language), kind=Attribute.Kind.BOOLEAN
    )


def make_members(count: int, *, now: datetime, chance: Generator) -> list[shop.Shopper]:
    """Bring in `count` members and the orders that they made up to now."""
    people = shop.shoppers(count, now=now, chance=chance)
    bought = shop.purchases(people, now=now, chance=chance)
    bring_in("members", shop.member_rows(people, chance=chance), now)
    bring_in("orders", bought.orders, now)
    bring_in("order_items", bought.items, now)
    return people


def bring_in(kind: str, raw_rows: Iterable[dict[str, str]], now: datetime) -> None:
    """Bring rows in through the import's own door."""
    importer = imports.importer_of(kind)
    context = importer.load_context(now)
    numbered = iter(enumerate(raw_rows))
    while batch := list(islice(numbered, BATCH)):
        result = imports.take(importer, batch, context=context, now=now)
        if result.rejected:
            raise RuntimeError(f"the demo's own {kind} were rejected: {result.rejected[:3]}")
