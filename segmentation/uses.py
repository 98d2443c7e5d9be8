"""Which segments use a name: in their rules, or as what a package was made of."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from members.uses import Name, Use
from segmentation import rules
from segmentation.addresses import page_of
from segmentation.fields import Kind
from segmentation.models import Segment
from segmentation.rule_errors import RuleError


def in_rules(name: Name) -> Iterator[Use]:
    """Say which segments read the name. A rule that cannot be read, reads none."""
    for segment in Segment.objects.filter(rule__isnull=False).only("name", "kind", "rule"):
        if name in names_of(segment.rule):
            words = _("the rule of segment “%(segment)s”") % {"segment": segment}
            yield Use(words, page_of(segment))


def in_packages(name: Name) -> Iterator[Use]:
    """Say which packages were made of a segment: what it said then is told by naming it."""
    kind, slug = name
    if kind != "segment":
        return
    for package in Segment.objects.filter(kind=Segment.Kind.PACKAGE).only("name", "slug", "kind", "origin"):
        if package.slug != slug and slug in made_of(package.origin):
            words = _("the origin of package “%(package)s”") % {"package": package}
            yield Use(words, page_of(package))


def names_of(rule_json: Any) -> set[Name]:
    """Return what a stored rule names; nothing where it cannot be read."""
    try:
        return names_in(rules.parse(rule_json))
    except RuleError:
        return set()


def made_of(origin: Mapping[str, Any]) -> set[str]:
    """Return the keys of the segments that a package was made of (`Segment.origin`)."""
    return {told["segment"] for told in (origin, *origin.get("steps", ())) if "segment" in told}


def names_in(rule: rules.Rule) -> set[Name]:
    """Return what the clauses of `rule` name, in their fields and in their values."""
    found: set[Name] = set()
    for leaf in rules.leaves(rule):
        found.update(leaf.spec.names)
        found.update((key, value) for key, values in leaf.where for value in values)
        found.update((kind, value) for key, kind in leaf.spec.where_in for value in dict(leaf.where).get(key, ()))
        # Before it is resolved, a declared attribute does not say that its values are choices: they may be.
        values_in = leaf.field if leaf.spec.kind is Kind.DECLARED else leaf.spec.values_in
        if values_in is None or leaf.value is None:
            continue
        kind, _dot, group = values_in.partition(".")
        values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
        found.update((kind, f"{group}.{value}" if group else value) for value in values)
    return found
