"""The demo's members and orders, brought in as any shop's would be: parsed as rows, ingested in batches."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from django.db import connection
from numpy.random import Generator

from demo import browsing, buying, shop
from demo.words import WORDS
from members import imports
from members.ingest_events import write_history
from members.models import Attribute, Level, Member

BATCH = 5_000
GROWING = (
    "members_member", "members_order", "members_orderitem", "members_refund", "members_membermetrics",
    "members_dailytotal",
)  # fmt: skip
LEVELS = [
    ("normal", 1, Level.Kind.GROWTH, 0, {}),
    ("growth", 2, Level.Kind.GROWTH, 500, {"valid_months": 12, "downgrade": "one_step", "points_multiplier": "1.2"}),
    ("paid", 3, Level.Kind.PAID, None, {"valid_months": 12, "points_multiplier": "1.5", "extra_chances": 1}),
]
ATTRIBUTES: list[tuple[str, str, list[str]]] = [
    ("has-children", Attribute.Kind.BOOLEAN, []),
    ("city", Attribute.Kind.TEXT, []),
    ("skin-type", Attribute.Kind.CHOICE, list(shop.SKIN_TYPES)),
]


def make_levels() -> None:
    for slug, rank, kind, growth_needed, benefits in LEVELS:
        name, english = WORDS[f"level.{slug}"]
        words, english_words = WORDS[f"benefits.{slug}"]
        Level.objects.create(
            slug=slug,
            name=name,
            name_en=english,
            rank=rank,
            kind=kind,
            growth_needed=growth_needed,
            benefits=words,
            benefits_en=english_words,
            **benefits,
        )
    for slug, kind_of_value, choices in ATTRIBUTES:
        label, english = WORDS[f"attribute.{slug}"]
        names = {choice: WORDS[f"{slug}.{choice}"] for choice in choices}
        Attribute.objects.create(
            slug=slug, label=label, label_en=english, kind=kind_of_value, choices=choices, choice_labels=names
        )


def make_members(count: int, language: str, *, now: datetime, chance: Generator) -> list[shop.Shopper]:
    """Bring in `count` members, the orders that they made up to now, and what they sent back."""
    people = shop.shoppers(count, now=now, chance=chance)
    bought = buying.purchases(people, now=now, chance=chance)
    bring_in("members", shop.member_rows(people, language, chance=chance), now)
    bring_in("orders", bought.orders, now)
    bring_in("order_items", bought.items, now)
    tell_planner()
    bring_in("refunds", bought.refunds, now)
    let_members_browse(people, language, now=now, chance=chance)
    return people


def let_members_browse(people: list[shop.Shopper], language: str, *, now: datetime, chance: Generator) -> None:
    """Write what they looked at over two years. The import's own door takes nothing older than 90 days."""
    members = dict(Member.objects.filter(uid__in=[shopper.uid for shopper in people]).values_list("uid", "id"))
    events = browsing.events(people, language, now=now, chance=chance)
    while batch := list(islice(events, BATCH)):
        write_history(batch, members=members)


def tell_planner() -> None:
    """Let PostgreSQL count what came in. Nobody else can before this transaction ends, and it would plan for nothing:
    the totals of 5,000 orders' members took minutes instead of a second.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(GROWING))


def bring_in(kind: str, raw_rows: Iterable[dict[str, str]], now: datetime) -> None:
    """Bring rows in through the import's own door."""
    importer = imports.importer_of(kind)
    context = importer.load_context(now)
    numbered = iter(enumerate(raw_rows))
    is_first = True
    while batch := list(islice(numbered, BATCH)):
        result = imports.take(importer, batch, context=context, now=now)
        if result.rejected:
            raise RuntimeError(f"the demo's own {kind} were rejected: {result.rejected[:3]}")
        if is_first and len(batch) == BATCH:
            # From an empty table to a full batch is what changes a plan; more of the same does not.
            tell_planner()
        is_first = False
