"""The demo's members and orders, brought in as any shop's would be: parsed as rows, ingested in batches."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from numpy.random import Generator

from demo import shop
from demo.words import say
from members import ingest, rows
from members.models import Attribute, Level

BATCH = 1_000
LEVELS = [
    ("normal", 1, Level.Kind.GROWTH, 0),
    ("growth", 2, Level.Kind.GROWTH, 500),
    ("paid", 3, Level.Kind.PAID, None),
]


def make_levels(language: str) -> None:
    for slug, rank, kind, growth_needed in LEVELS:
        name = say(f"level.{slug}", language)
        Level.objects.create(slug=slug, name=name, rank=rank, kind=kind, growth_needed=growth_needed)
    Attribute.objects.create(
        slug="has-children", label=say("attribute.has-children", language), kind=Attribute.Kind.BOOLEAN
    )


def make_members(count: int, *, now: datetime, chance: Generator) -> list[shop.Shopper]:
    """Bring in `count` members and the orders that they made up to now."""
    people = shop.shoppers(count, now=now, chance=chance)
    bought = shop.purchases(people, now=now, chance=chance)
    context = rows.context_now(now)
    for raw_rows, parse, bring_in in (
        (shop.member_rows(people, chance=chance), rows.parse_member, ingest.ingest_members),
        (bought.orders, rows.parse_order, ingest.ingest_orders),
        (bought.items, rows.parse_order_item, ingest.ingest_order_items),
    ):
        _bring_in(raw_rows, parse, bring_in, context, now)
    return people


def _bring_in(
    raw_rows: Iterable[dict[str, str]],
    parse: Callable[..., Any],
    bring_in: Callable[..., ingest.IngestResult],
    context: Any,
    now: datetime,
) -> None:
    for batch in _batches(parse(raw, context) for raw in raw_rows):
        result = bring_in(batch, now=now)
        if result.rejected:
            raise RuntimeError(f"the demo's own rows were rejected: {result.rejected[:3]}")


def _batches(parsed: Iterator[Any]) -> Iterator[Sequence[Any]]:
    while batch := list(islice(parsed, BATCH)):
        yield batch
