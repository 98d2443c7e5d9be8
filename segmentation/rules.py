"""The rule of a segment: JSON of version 1, parsed into frozen dataclasses. Pure: no Django, no queries.

`parse` checks the form. Whether the names in a rule exist is asked of a catalogue (`segmentation.catalogue`).
"""

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date

from segmentation import fields
from segmentation.fields import FieldSpec, Kind
from segmentation.rule_errors import RuleError, ValueFault, gettext_noop
from segmentation.rule_values import LONGEST_LIST, read_date, read_text, read_value

DEEPEST = 10
MOST_CLAUSES = 200
LONGEST_WINDOW = 36_500
GROUP_KEYS = frozenset({"combinator", "not", "rules"})
LEAF_KEYS = frozenset({"field", "operator", "value", "where", "window"})
READING_ORDER = ("version", "combinator", "not", "rules", "field", "operator", "value", "where", "window", "from", "to")
WINDOW_KEYS = frozenset({"last_days", "from", "to"})


@dataclass(frozen=True, slots=True)
class Window:
    """The last N × 24 hours, or from the midnight that starts `start` until before the one that starts `end`."""

    last_days: int | None = None
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One clause. `value` is a scalar, a tuple for the operators that take a list, or None."""

    field: str
    operator: str
    value: typing.Any
    spec: FieldSpec
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    window: Window | None = None
    path: str = dataclass_field(default="", compare=False)

    @property
    def parts(self) -> tuple[str, ...]:
        """The dotted parts after the prefix."""
        return tuple(self.field.split(".")[1:])


@dataclass(frozen=True, slots=True)
class All:
    rules: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Any:
    rules: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Not:
    rule: "Rule"


Rule = All | Any | Not | Leaf


def parse(data: typing.Any) -> Rule:
    """Read a whole rule. Raises RuleError at the first fault, with its path."""
    if not isinstance(data, Mapping):
        raise RuleError("", "wrong_type", gettext_noop("A rule is a JSON object."))
    version = data.get("version")
    if type(version) is not int or version != 1:
        raise RuleError("version", "unknown_version", gettext_noop("The version of a rule is 1."))
    if _has_more_clauses_than(MOST_CLAUSES, data):
        raise RuleError("rules", "too_long", gettext_noop("A rule has at most %(most)s clauses."), most=MOST_CLAUSES)
    return _group({key: value for key, value in data.items() if key != "version"}, "", 1)


def leaves(rule: Rule) -> Iterator[Leaf]:
    """Yield the clauses in the order written."""
    match rule:
        case All(rules) | Any(rules):
            for each in rules:
                yield from leaves(each)
        case Not(inner):
            yield from leaves(inner)
        case Leaf():
            yield rule


def references(rule: Rule) -> dict[str, str]:
    """Return the segments that `rule` reads, each with the path of the clause that names it first."""
    found: dict[str, str] = {}
    for leaf in leaves(rule):
        if leaf.spec.values_in == "segment":
            for slug in leaf.value if isinstance(leaf.value, tuple) else (leaf.value,):
                found.setdefault(slug, leaf.path)
    return found


def in_reading_order(data: typing.Any) -> typing.Any:
    """Return the JSON of a rule with its keys as people write them; the database keeps them by length."""
    if isinstance(data, list):
        return [in_reading_order(each) for each in data]
    if isinstance(data, dict):
        known = [key for key in READING_ORDER if key in data]
        return {key: in_reading_order(data[key]) for key in [*known, *(key for key in data if key not in known)]}
    return data


def _has_more_clauses_than(most: int, data: typing.Any) -> bool:
    """Count what stands where clauses stand, before any of it is read: a rule may be as long as a request."""
    count, open_groups = 0, [data]
    while open_groups:
        rules = open_groups.pop().get("rules")
        for each in rules if isinstance(rules, list) else ():
            if isinstance(each, Mapping) and "rules" in each:
                open_groups.append(each)
            else:
                count += 1
            if count > most:
                return True
    return False


def _under(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _known_keys(node: Mapping[str, typing.Any], known: frozenset[str], path: str) -> None:
    for key in node:
        if key not in known:
            raise RuleError(
                _under(path, str(key)[:50]),
                "unknown_key",
                gettext_noop("A rule has no key “%(key)s” here."),
                key=str(key)[:50],
            )


def _node(data: typing.Any, path: str, depth: int) -> Rule:
    if not isinstance(data, Mapping):
        raise RuleError(path, "wrong_type", gettext_noop("A rule is a JSON object."))
    if "rules" in data or "combinator" in data:
        return _group(data, path, depth)
    return _leaf(data, path)


def _group(data: Mapping[str, typing.Any], path: str, depth: int) -> Rule:
    if depth > DEEPEST:
        raise RuleError(path, "too_deep", gettext_noop("Groups nest at most %(most)s deep."), most=DEEPEST)
    _known_keys(data, GROUP_KEYS, path)
    if data.get("combinator") not in ("and", "or"):
        raise RuleError(
            _under(path, "combinator"), "unknown_combinator", gettext_noop("The combinator is “and” or “or”.")
        )
    if type(data.get("not", False)) is not bool:
        raise RuleError(_under(path, "not"), "wrong_type", gettext_noop("“not” is true or false."))
    rules, here = data.get("rules"), _under(path, "rules")
    if not isinstance(rules, list):
        raise RuleError(here, "wrong_type", gettext_noop("The rules of a group are a list."))
    if not rules:
        raise RuleError(here, "empty", gettext_noop("A group holds at least one rule."))
    if len(rules) > MOST_CLAUSES:
        raise RuleError(here, "too_long", gettext_noop("A rule has at most %(most)s clauses."), most=MOST_CLAUSES)
    parts = tuple(_node(each, f"{here}[{index}]", depth + 1) for index, each in enumerate(rules))
    whole: Rule = All(parts) if data["combinator"] == "and" else Any(parts)
    return Not(whole) if data.get("not") else whole


def _leaf(data: Mapping[str, typing.Any], path: str) -> Leaf:
    _known_keys(data, LEAF_KEYS, path)
    name, operator = data.get("field"), data.get("operator")
    spec = fields.spec_of(name) if isinstance(name, str) else None
    if spec is None:
        raise RuleError(
            f"{path}.field", "unknown_field", gettext_noop("There is no field “%(name)s”."), name=str(name)[:100]
        )
    if not isinstance(operator, str) or not fields.has_operator(spec, operator):
        raise RuleError(
            f"{path}.operator",
            "unknown_operator",
            gettext_noop("%(name)s has no operator “%(operator)s”."),
            name=name,
            operator=str(operator)[:50],
        )
    if operator in fields.EXISTENCE and data.get("value") is not None:
        raise RuleError(
            f"{path}.value", "wrong_type", gettext_noop("“%(operator)s” takes no value."), operator=operator
        )
    if operator not in fields.EXISTENCE and "value" not in data:
        raise RuleError(f"{path}.value", "missing", gettext_noop("“%(operator)s” needs a value."), operator=operator)
    return Leaf(
        field=str(name),
        operator=operator,
        value=typed_operand(spec.kind, operator, data.get("value"), str(name), path),
        spec=spec,
        where=_where(data.get("where"), spec, f"{path}.where") if "where" in data else (),
        window=_window(data.get("window"), spec, f"{path}.window") if "window" in data else None,
        path=path,
    )


def typed_operand(kind: Kind, operator: str, value: typing.Any, name: str, path: str) -> typing.Any:
    """Type the value of a clause; the operator must be one that `kind` has."""
    if operator not in fields.OPERATORS[kind]:
        raise RuleError(
            f"{path}.operator",
            "unknown_operator",
            gettext_noop("%(name)s has no operator “%(operator)s”."),
            name=name,
            operator=operator,
        )
    try:
        return read_value(kind, operator, value)
    except ValueFault as fault:
        raise fault.at(f"{path}.value") from fault


def _where(data: typing.Any, spec: FieldSpec, path: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(data, Mapping):
        raise RuleError(path, "wrong_type", gettext_noop("“where” is a JSON object."))
    narrowed = []
    for key, values in data.items():
        here = f"{path}.{str(key)[:50]}"
        if key not in spec.where:
            raise RuleError(
                here, "unknown_key", gettext_noop("This field cannot be narrowed by “%(key)s”."), key=str(key)[:50]
            )
        if not isinstance(values, list):
            raise RuleError(here, "wrong_type", gettext_noop("A list of texts is needed."))
        if not values:
            raise RuleError(here, "empty", gettext_noop("The list is empty."))
        if len(values) > LONGEST_LIST:
            raise RuleError(here, "too_long", gettext_noop("At most %(most)s values."), most=LONGEST_LIST)
        try:
            narrowed.append((key, tuple(read_text(each, f"[{index}]") for index, each in enumerate(values))))
        except ValueFault as fault:
            raise fault.at(here) from fault
    return tuple(sorted(narrowed))


def _window(data: typing.Any, spec: FieldSpec, path: str) -> Window:
    if not spec.windowed:
        raise RuleError(path, "unknown_key", gettext_noop("This field takes no window."))
    if not isinstance(data, Mapping):
        raise RuleError(path, "wrong_type", gettext_noop("A window is a JSON object."))
    _known_keys(data, WINDOW_KEYS, path)
    if "last_days" in data:
        return _last_days(data, path)
    if not data:
        raise RuleError(path, "empty", gettext_noop("A window has “last_days”, “from” or “to”."))
    ends = {}
    for key in data:
        try:
            ends[key] = read_date(data[key], "")
        except ValueFault as fault:
            raise fault.at(f"{path}.{key}") from fault
    window = Window(start=ends.get("from"), end=ends.get("to"))
    if window.start and window.end and window.start >= window.end:
        raise RuleError(f"{path}.to", "ends_before_start", gettext_noop("The window ends before it starts."))
    return window


def _last_days(data: Mapping[str, typing.Any], path: str) -> Window:
    if len(data) > 1:
        raise RuleError(path, "unknown_key", gettext_noop("“last_days” stands alone in a window."))
    days = data["last_days"]
    if type(days) is not int:
        raise RuleError(f"{path}.last_days", "wrong_type", gettext_noop("A whole number of days is needed."))
    if not 1 <= days <= LONGEST_WINDOW:
        raise RuleError(
            f"{path}.last_days", "out_of_range", gettext_noop("From 1 to %(most)s days."), most=LONGEST_WINDOW
        )
    return Window(last_days=days)
