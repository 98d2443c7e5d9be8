"""Why a member is in a segment, or not: each clause, with the member's own value and what was needed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Member
from segmentation import member_sets, needs, world
from segmentation.counting import read_rule
from segmentation.evaluation import members_of
from segmentation.facts_behind import behind
from segmentation.models import Segment
from segmentation.naming import Names, load_names
from segmentation.rules import All, Leaf, Not, Rule
from segmentation.rules import Any as AnyOf
from segmentation.sentences import said
from segmentation.sources import source_of
from segmentation.wording import clause_words, group_words
from segmentation.world import World


@dataclass(frozen=True, slots=True)
class Clause:
    """One line of the answer. `depth` is how far the clause is nested; a group has no value of its own.

    `value` holds the member's values: none where the member lacks one, several where a member may carry several.
    `needed` is what the clause asks, `told` sets the value against it, `behind` are the facts that the value is of.
    """

    path: str
    depth: int
    words: str
    value: tuple[Any, ...] | None
    held: bool
    needed: str
    told: str
    own: str = ""
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A part of the rule with whether it holds for the member."""

    rule: Rule
    path: str
    held: bool
    values: tuple[Any, ...]
    parts: tuple["Judged", ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The clauses, the whole first, and what would be enough for the member to be in; nothing where that is so."""

    clauses: list[Clause]
    nearest: list[str]

    @property
    def held(self) -> bool:
        return self.clauses[0].held


def explain(segment: Segment, member: Member, *, now: datetime | None = None) -> list[Clause]:
    """Return the clauses of the segment's rule, the whole first. Raises RuleError and SourceError."""
    return explanation(segment, member, now=now or timezone.now()).clauses


def explanation(segment: Segment, member: Member, *, now: datetime) -> Explanation:
    """Explain the rule as it is now, by the facts as they are now. Raises RuleError and SourceError.

    A package has no rule: one line says whether the member is in it.
    """
    if segment.kind == Segment.Kind.PACKAGE:
        return Explanation([_in_package(segment, member)], [])
    few, names = world.only([member.pk], now=now), load_names()
    judged = _judged(read_rule(segment.rule), "", member.pk, few)
    clauses = _clauses(judged, 0, _Teller(member.pk, few, names))
    wanted = nearest(judged)
    return Explanation(clauses, [_wish(each.rule, names, holds) for each, holds in wanted])


def _in_package(segment: Segment, member: Member) -> Clause:
    put_in = segment.members_id is not None and member_sets.holds(segment.members_id, member.pk)
    told = _("is in the package as it was made") if put_in else _("is not in the package as it was made")
    return Clause("", 0, told, None, put_in and member.erased_at is None, needed="", told=told)


def nearest(judged: Judged, *, wanted: bool = True) -> list[tuple[Judged, bool]]:
    """Return the fewest clauses that would have to turn for the whole to be as wanted, each with what it must become.

    Clauses are taken as they stand: that two of them may be about one fact is not looked at.
    """
    if judged.held == wanted:
        return []
    match judged.rule:
        case Leaf():
            return [(judged, wanted)]
        case Not(inner):
            wanted, joint = not wanted, inner
        case joint:
            pass
    if isinstance(joint, AnyOf) is not wanted:
        return [each for part in judged.parts for each in nearest(part, wanted=wanted)]
    return min((nearest(part, wanted=wanted) for part in judged.parts), key=len)


def _judged(rule: Rule, path: str, member_id: int, few: World) -> Judged:
    """The same evaluation that makes the segment answers here, for a world of one."""
    held = member_id in members_of(rule, few)
    if isinstance(rule, Leaf):
        return Judged(rule, rule.path, held, tuple(source_of(rule).values_of(rule, member_id, few)), ())
    return Judged(rule, path, held, (), tuple(_judged(each, path, member_id, few) for each in _parts(rule)))


@dataclass(frozen=True, slots=True)
class _Teller:
    member_id: int
    few: World
    names: Names

    def clause(self, judged: Judged, depth: int) -> Clause:
        """Return a part in words."""
        rule, names = judged.rule, self.names
        if not isinstance(rule, Leaf):
            held = sum(each.held for each in judged.parts)
            told = needs.group_told(rule, held, len(judged.parts))
            return Clause(judged.path, depth, group_words(rule), None, judged.held, needs.group_needed(rule), told)
        return Clause(
            path=rule.path,
            depth=depth,
            words=clause_words(rule, names),
            value=judged.values,
            held=judged.held,
            needed=needs.needed_words(rule, names),
            told=needs.told(rule, judged.values, names),
            own=needs.own_words(judged.values, rule, names),
            behind=behind(rule, self.member_id, self.few, names),
        )


def _clauses(judged: Judged, depth: int, teller: _Teller) -> list[Clause]:
    inner = [clause for each in judged.parts for clause in _clauses(each, depth + 1, teller)]
    return [teller.clause(judged, depth), *inner]


def _wish(rule: Rule, names: Names, holds: bool) -> str:
    if not isinstance(rule, Leaf):
        raise TypeError("only clauses turn")
    return said(rule, names) if holds else needs.no_longer(said(rule, names))


def _parts(rule: Rule) -> tuple[Rule, ...]:
    match rule:
        case Not(All(rules) | AnyOf(rules)) | All(rules) | AnyOf(rules):
            return rules
        case Not(inner):
            return (inner,)
    return ()
