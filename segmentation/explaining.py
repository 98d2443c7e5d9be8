"""Why a member is in a segment, or not: each clause, with the member's own value."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Member
from segmentation import member_sets, world
from segmentation.counting import read_rule
from segmentation.evaluation import members_of
from segmentation.models import Segment
from segmentation.rules import All, Leaf, Not, Rule
from segmentation.rules import Any as AnyOf
from segmentation.sources import source_of
from segmentation.wording import clause_words, group_words
from segmentation.world import World


@dataclass(frozen=True, slots=True)
class Clause:
    """One line of the answer. `depth` is how far the clause is nested; a group has no value of its own.

    `value` holds the member's values: none where the member lacks one, several where a member may carry several.
    """

    path: str
    depth: int
    words: str
    value: tuple[Any, ...] | None
    held: bool


def explain(segment: Segment, member: Member, *, now: datetime | None = None) -> list[Clause]:
    """Return the clauses of the segment's rule, the whole first. Raises RuleError and SourceError.

    A package has no rule: one line says whether the member is in it.
    """
    if segment.kind == Segment.Kind.PACKAGE:
        held = segment.members_id is not None and member_sets.holds(segment.members_id, member.pk)
        return [Clause("", 0, _("is in the package as it was made"), None, held and member.erased_at is None)]
    few = world.only([member.pk], now=now or timezone.now())
    return _clauses(read_rule(segment.rule), "", 0, member.pk, few)


def _clauses(rule: Rule, path: str, depth: int, member_id: int, few: World) -> list[Clause]:
    """The same evaluation that makes the segment answers here, for a world of one."""
    held = member_id in members_of(rule, few)
    if isinstance(rule, Leaf):
        values = tuple(source_of(rule).values_of(rule, member_id, few))
        return [Clause(rule.path, depth, clause_words(rule), values, held)]
    clauses = [Clause(path, depth, group_words(rule), None, held)]
    for each in _parts(rule):
        clauses += _clauses(each, path, depth + 1, member_id, few)
    return clauses


def _parts(rule: Rule) -> tuple[Rule, ...]:
    match rule:
        case Not(All(rules) | AnyOf(rules)) | All(rules) | AnyOf(rules):
            return rules
        case Not(inner):
            return (inner,)
    return ()
