"""The rules of all segments together: how one is saved, which reads which, in what order; none reads itself."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Any

from django.db import transaction
from django.db.models import Max

from operations.audit import Actor, actor_name
from segmentation import rule_cycles, rules
from segmentation.counting import read_rule
from segmentation.locking import take_turn
from segmentation.models import Segment, SegmentVersion
from segmentation.rule_errors import RuleError, gettext_noop
from segmentation.rules import Rule


def hold_rules() -> None:
    """Let no other rule be saved until this transaction ends: two that name each other would close a circle."""
    take_turn("rules", 0)


@transaction.atomic
def save_rule(
    segment: Segment, rule_json: Any, *, by: Actor, now: datetime, restores: int | None = None
) -> SegmentVersion | None:
    """Give the segment this rule, and keep it as its next version. The one write path of rules.

    1. Rules are saved one after another, so that the check for circles sees every rule, and numbers have no gaps.
    2. A segment that is new is written first, as it stands.
    3. A rule that says the same as the newest version makes no version; None is returned then.

    Raises RuleError, and nothing is stored then. The caller audits, and asks for a recomputation.
    """
    hold_rules()
    check_rule(rule_json, slug=segment.slug)
    segment.kind, segment.rule = Segment.Kind.RULE, rule_json
    if segment.pk is None:
        segment.save()
    newest = segment.versions.first()
    Segment.objects.filter(pk=segment.pk).update(rule=rule_json)
    if newest is not None and same_rule(newest.rule, rule_json):
        return None
    number = (segment.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    return segment.versions.create(
        number=number, rule=rule_json, saved_at=now, saved_by=actor_name(by)[:150], restores=restores
    )


def same_rule(one: Any, other: Any) -> bool:
    """Tell whether two rules are the same JSON. Python alone would take true for 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def check_rule(rule_json: Any, *, slug: str) -> Rule:
    """Return the rule as the segment `slug` may hold it. Raises RuleError, also for a cycle of segments."""
    rule = read_rule(rule_json)
    others = read_references(Segment.objects.exclude(slug=slug))
    for named, path in rules.references(rule).items():
        chain = _path_back(slug, named, others)
        if chain:
            raise RuleError(
                f"{path}.value",
                "cycle",
                gettext_noop("The segment would read itself: %(chain)s."),
                chain=" → ".join([slug, *chain]),
            )
    rule_cycles.refuse_cycle(rule, ("segment", slug))
    return rule


def read_references(segments: Iterable[Segment]) -> dict[str, set[str]]:
    """Return the segments that each one reads. A rule that cannot be read, reads none: its own run tells the fault."""
    found = {}
    for segment in segments:
        try:
            found[segment.slug] = set(rules.references(rules.parse(segment.rule)))
        except RuleError:
            found[segment.slug] = set()
    return found


def in_order(segments: Iterable[Segment]) -> list[Segment]:
    """Return the segments so that each comes after those that it reads. Raises graphlib.CycleError."""
    by_slug = {segment.slug: segment for segment in segments}
    reads = read_references(by_slug.values())
    graph = {slug: sorted(named & by_slug.keys()) for slug, named in sorted(reads.items())}
    return [by_slug[slug] for slug in TopologicalSorter(graph).static_order()]


def readers_of(field_value: tuple[str, str]) -> list[Segment]:
    """Return the segments whose rule reads ("segment", slug) or ("rfm" | "lifecycle" | "value", model slug)."""
    prefix, name = field_value
    found = []
    for segment in Segment.objects.all():
        try:
            rule = rules.parse(segment.rule)
        except RuleError:
            continue
        if prefix == "segment":
            reads = name in rules.references(rule)
        else:
            reads = any(f"{leaf.field}.".startswith(f"{prefix}.{name}.") for leaf in rules.leaves(rule))
        if reads:
            found.append(segment)
    return found


def _path_back(home: str, start: str, reads: Mapping[str, set[str]]) -> list[str]:
    """Return a way from `start` to `home` along what is read, or [] where there is none."""
    ways = [[start]]
    seen = {start}
    while ways:
        way = ways.pop()
        if way[-1] == home:
            return way
        for named in sorted(reads.get(way[-1], set()) - seen):
            seen.add(named)
            ways.append([*way, named])
    return []
