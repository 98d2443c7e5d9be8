"""Segments made from a starting point: how many members each would have, and their creation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.text import slugify

from operations import audit
from operations.audit import Actor
from segmentation import evaluation, recomputing, world
from segmentation.counting import read_rule
from segmentation.definitions import save_rule
from segmentation.models import Segment
from segmentation.naming import load_names
from segmentation.rule_errors import RuleError
from segmentation.sentences import sentence
from segmentation.sources import SourceError
from segmentation.starting_points import Made
from segmentation.wording import fault_words

# The newest lines of orders in which categories to choose from are looked for: a look through all would take seconds.
LINES_LOOKED_AT = 20_000
MOST_CATEGORIES = 300
CATEGORIES = """
    SELECT category FROM (SELECT category FROM members_orderitem ORDER BY id DESC LIMIT %s) AS newest
    WHERE category <> '' GROUP BY category ORDER BY count(*) DESC, category LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a segment would be: its rule in a sentence, and its count of members or why there is none."""

    made: Made
    words: str
    count: int | None
    fault: str = ""


def count_each(all_made: Sequence[Made], *, now: datetime) -> list[Counted]:
    """Return how many members each would have now, without keeping anything."""
    everyone, names, counted = world.everyone(now=now), load_names(), []
    for made in all_made:
        words, count, fault = "", None, ""
        try:
            rule = read_rule(made.rule)
            words = sentence(rule, names)
            count = len(evaluation.members_of(rule, everyone))
        except RuleError as error:
            fault = fault_words(error)
        except SourceError as error:
            fault = str(error)
        counted.append(Counted(made, words, count, fault))
    return counted


@transaction.atomic
def create_each(all_made: Sequence[Made], *, by: Actor, now: datetime) -> list[Segment]:
    """Create the segments, on record, and have them computed. Raises RuleError; nothing is created then."""
    created = []
    for made in all_made:
        segment = Segment(slug=_free_slug(made.key), name=made.name[:100], description=made.description)
        save_rule(segment, made.rule, by=by, now=now)
        changes = {"name": [None, segment.name], "rule": [None, made.rule]}
        audit.record("segment.added", segment, by=by, now=now, changes=changes)
        recomputing.request_recompute(segment, now=now)
        created.append(segment)
    return created


def categories_sold() -> list[str]:
    """Return the categories of the newest order lines, the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(CATEGORIES, [LINES_LOOKED_AT, MOST_CATEGORIES])
        return [category for (category,) in cursor.fetchall()]


def _free_slug(key: str) -> str:
    """Return the key, or with a number behind it where it is taken."""
    stem = slugify(key)[:40]
    taken = set(Segment.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(each for each in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if each not in taken)
