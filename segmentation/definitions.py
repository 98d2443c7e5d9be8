"""The rules of all segments together: which reads which, in what order, and that none reads itself."""

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from typing import Any

from segmentation import rule_cycles, rules
from segmentation.counting import read_rule
from segmentation.models import Segment
from segmentation.rule_errors import RuleError, gettext_noop
from segmentation.rules import Rule


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
    """Return the segments whose rule reads ("segment", slug) or ("rfm", model slug)."""
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
            reads = any(leaf.field.startswith(f"{prefix}.{name}.") for leaf in rules.leaves(rule))
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
