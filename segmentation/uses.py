"""Which segments' rules use a name."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from members.uses import Name
from segmentation import rules
from segmentation.fields import Kind
from segmentation.models import Segment
from segmentation.rule_errors import RuleError


def in_rules(name: Name) -> Iterator[str]:
    """Say which segments read the name. A rule that cannot be read, reads none."""
    for segment in Segment.objects.only("name", "rule"):
        try:
            rule = rules.parse(segment.rule)
        except RuleError:
            continue
        if name in names_in(rule):
            yield _("the rule of segment “%(segment)s”") % {"segment": segment}


def names_in(rule: rules.Rule) -> set[Name]:
    """Return what the clauses of `rule` name, in their fields and in their values."""
    found: set[Name] = set()
    for leaf in rules.leaves(rule):
        found.update(leaf.spec.names)
        found.update((kind, value) for key, kind in leaf.spec.where_in for value in dict(leaf.where).get(key, ()))
        # Before it is resolved, a declared attribute does not say that its values are choices: they may be.
        values_in = leaf.field if leaf.spec.kind is Kind.DECLARED else leaf.spec.values_in
        if values_in is None or leaf.value is None:
            continue
        kind, _dot, group = values_in.partition(".")
        values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
        found.update((kind, f"{group}.{value}" if group else value) for value in values)
    return found
