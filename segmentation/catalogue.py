"""The names that a rule may use. Pure: no Django, no queries; `segmentation.sources` fills one in from the database."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from segmentation import rules
from segmentation.fields import Kind
from segmentation.rule_errors import RuleError, gettext_noop


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The names that exist, by kind of name ("level", "tag.city", …), and the kind of each declared attribute."""

    names: Mapping[str, frozenset[str]]
    attributes: Mapping[str, Kind]


def resolve(rule: rules.Rule, catalogue: Catalogue) -> rules.Rule:
    """Return `rule` with every value typed. Raises RuleError where a name does not exist."""
    match rule:
        case rules.All(parts):
            return rules.All(tuple(resolve(each, catalogue) for each in parts))
        case rules.Any(parts):
            return rules.Any(tuple(resolve(each, catalogue) for each in parts))
        case rules.Not(inner):
            return rules.Not(resolve(inner, catalogue))
        case rules.Leaf():
            return _resolve_leaf(rule, catalogue)


def _resolve_leaf(leaf: rules.Leaf, catalogue: Catalogue) -> rules.Leaf:
    for kind, name in leaf.spec.names:
        if name not in catalogue.names.get(kind, ()):
            raise RuleError(
                f"{leaf.path}.field",
                "unknown_name",
                gettext_noop("There is no %(kind)s “%(name)s”."),
                kind=kind.replace("_", " "),
                name=name,
            )
    for key, kind in leaf.spec.where_in:
        for index, value in enumerate(dict(leaf.where).get(key, ())):
            if value not in catalogue.names.get(kind, ()):
                raise RuleError(
                    f"{leaf.path}.where.{key}[{index}]",
                    "unknown_name",
                    gettext_noop("There is no %(kind)s “%(name)s”."),
                    kind=kind.replace("_", " "),
                    name=value,
                )
    if leaf.spec.kind is Kind.DECLARED:
        leaf = _typed(leaf, catalogue)
    if leaf.spec.values_in is not None and leaf.value is not None:
        known = catalogue.names.get(leaf.spec.values_in, frozenset())
        for value in leaf.value if isinstance(leaf.value, tuple) else (leaf.value,):
            if value not in known:
                raise RuleError(
                    f"{leaf.path}.value",
                    "unknown_name",
                    gettext_noop("%(field)s knows no “%(value)s”."),
                    field=leaf.field,
                    value=value,
                )
    return leaf


def _typed(leaf: rules.Leaf, catalogue: Catalogue) -> rules.Leaf:
    """Type a declared attribute's clause by its declaration."""
    name = leaf.parts[0]
    kind = catalogue.attributes[name]
    value = list(leaf.value) if isinstance(leaf.value, tuple) else leaf.value
    spec = replace(leaf.spec, kind=kind, values_in=f"attribute.{name}" if kind is Kind.KEY else None)
    return replace(leaf, spec=spec, value=rules.typed_operand(kind, leaf.operator, value, leaf.field, leaf.path))
