"""Rules and their faults in words, in the language of whoever reads.

Here are the words of one clause; `sentences` joins those of a whole rule, `needs` sets a member's own value against
them. A family of fields that an app above adds brings its words with it: `register`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from operations.sentences import listed
from segmentation.naming import KEYS_ONLY, Names
from segmentation.rule_errors import RuleError
from segmentation.rules import All, Leaf, Not, Rule, Window
from segmentation.rules import Any as AnyOf

FIELDS = {
    "level": gettext_lazy("level"),
    "segment": gettext_lazy("segment"),
    "orders.count": gettext_lazy("number of orders"),
    "orders.amount.sum": gettext_lazy("amount of orders"),
    "orders.amount.avg": gettext_lazy("average amount of an order"),
    "orders.amount.max": gettext_lazy("largest amount of an order"),
    "orders.quantity.sum": gettext_lazy("units bought"),
    "orders.days": gettext_lazy("days with orders"),
    "orders.first.days_ago": gettext_lazy("days since the first order"),
    "orders.last.days_ago": gettext_lazy("days since the last order"),
    "events.count": gettext_lazy("number of events"),
    "events.days": gettext_lazy("days with events"),
    "events.first.days_ago": gettext_lazy("days since the first event"),
    "events.last.days_ago": gettext_lazy("days since the last event"),
    "participation.joined": gettext_lazy("campaigns joined"),
    "participation.finished": gettext_lazy("tasks finished"),
    "participation.chains": gettext_lazy("chains finished"),
    "participation.draws.count": gettext_lazy("number of draws"),
    "participation.wins.count": gettext_lazy("number of prizes won"),
    "profile.uid": gettext_lazy("uid"),
    "profile.name": pgettext_lazy("person", "name"),
    "profile.gender": gettext_lazy("gender"),
    "profile.birthday": gettext_lazy("birthday"),
    "profile.age": gettext_lazy("age"),
    "profile.region": gettext_lazy("region"),
    "profile.joined_at": pgettext_lazy("member", "joined"),
    "profile.joined.days_ago": gettext_lazy("days since joining"),
}
OPERATORS = {
    "=": gettext_lazy("is"),
    "!=": gettext_lazy("is not"),
    "<": gettext_lazy("is less than"),
    "<=": gettext_lazy("is at most"),
    ">": gettext_lazy("is more than"),
    ">=": gettext_lazy("is at least"),
    "between": gettext_lazy("is between"),
    "not_between": gettext_lazy("is not between"),
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
    "contains": gettext_lazy("contains"),
    "not_contains": gettext_lazy("does not contain"),
    "begins_with": gettext_lazy("begins with"),
    "ends_with": gettext_lazy("ends with"),
    "is_null": gettext_lazy("is missing"),
    "is_not_null": gettext_lazy("is known"),
}
WHERE = {
    "category": gettext_lazy("category"),
    "sku": gettext_lazy("SKU"),
    "channel": gettext_lazy("channel"),
    "payment_method": gettext_lazy("payment method"),
    "type": pgettext_lazy("of an event", "type"),
    "item": gettext_lazy("item"),
    "keyword": gettext_lazy("keyword"),
    "campaign": gettext_lazy("campaign"),
}
RFM_CLASS_NAMES = {
    "important_value": pgettext_lazy("RFM class", "important: value"),
    "important_develop": pgettext_lazy("RFM class", "important: develop"),
    "important_keep": pgettext_lazy("RFM class", "important: keep"),
    "important_winback": pgettext_lazy("RFM class", "important: win back"),
    "general_value": pgettext_lazy("RFM class", "general: value"),
    "general_develop": pgettext_lazy("RFM class", "general: develop"),
    "general_keep": pgettext_lazy("RFM class", "general: keep"),
    "general_winback": pgettext_lazy("RFM class", "general: win back"),
}
RFM_COLUMNS = {
    "r": gettext_lazy("recency score"),
    "f": gettext_lazy("frequency score"),
    "m": gettext_lazy("monetary score"),
    "class": gettext_lazy("RFM class"),
}
STAGE_NAMES = {
    "prospect": pgettext_lazy("lifecycle stage", "prospect"),
    "interested": pgettext_lazy("lifecycle stage", "interested"),
    "new": pgettext_lazy("lifecycle stage", "new customer"),
    "repurchase": pgettext_lazy("lifecycle stage", "repurchase due"),
    "active": pgettext_lazy("lifecycle stage", "active"),
    "sleeping": pgettext_lazy("lifecycle stage", "sleeping"),
    "lost": pgettext_lazy("lifecycle stage", "lost"),
}
TIER_NAMES = {
    "core": pgettext_lazy("value tier", "core"),
    "high_potential": pgettext_lazy("value tier", "high-potential"),
    "ordinary": pgettext_lazy("value tier", "ordinary"),
}
DEGREE_NAMES = {
    "high": pgettext_lazy("degree", "high"),
    "middle": pgettext_lazy("degree", "middle"),
    "low": pgettext_lazy("degree", "low"),
}
# What values are called, by the kind of name that they are.
NAMES_OF_VALUES = {
    "rfm_class": RFM_CLASS_NAMES,
    "lifecycle_stage": STAGE_NAMES,
    "value_tier": TIER_NAMES,
    "value_degree": DEGREE_NAMES,
}
UNIT_COLUMNS = {"balance": gettext_lazy("balance of %(unit)s"), "earned": gettext_lazy("%(unit)s earned")}
VALUE_COLUMNS = {
    "score": gettext_lazy("value score"),
    "tier": gettext_lazy("value tier"),
    "spending": gettext_lazy("spending power"),
    "churn": gettext_lazy("churn risk"),
    "loyalty": gettext_lazy("loyalty"),
}


@dataclass(frozen=True, slots=True)
class FamilyWords:
    """How the fields below one prefix are told.

    `field` names a field by its dotted parts after the prefix; None leaves it to the words here. `values` are the words
    of the family's own values, by kind of name (a field's `values_in`) and key.
    """

    field: Callable[[tuple[str, ...], Names], str | None] = lambda _parts, _names: None
    values: Callable[[], dict[str, dict[str, Any]]] = dict


_families: dict[str, FamilyWords] = {}


def register(prefix: str, words: FamilyWords) -> None:
    """Tell the fields below `prefix` in these words."""
    _families[prefix] = words


def fault_words(error: RuleError) -> str:
    """Return the fault with the place where it is."""
    told = _(error.wording)
    if error.details:
        told %= error.details
    return f"{error.path}: {told}" if error.path else told


def clause_words(leaf: Leaf, names: Names = KEYS_ONLY) -> str:
    """Return a clause as a sentence, such as "number of orders in the last 90 days is at least 3"."""
    words = [subject_words(leaf, names), str(OPERATORS[leaf.operator]), _operand_words(leaf, names)]
    return " ".join(filter(None, words))


def subject_words(leaf: Leaf, names: Names = KEYS_ONLY) -> str:
    """Return what a clause compares, such as "number of orders with category milk in the last 90 days"."""
    told = field_words(leaf.field, names)
    for narrowing in narrowings(leaf, names):
        told = _("%(field)s %(narrowing)s") % {"field": told, "narrowing": narrowing}
    return told


def group_words(rule: Rule) -> str:
    """Return how the clauses of a group are joined."""
    match rule:
        case All():
            return _("All of these hold")
        case AnyOf():
            return _("At least one of these holds")
        case Not(All()):
            return _("Not all of these hold")
    return _("None of these holds")


def rule_words(rule: Rule, depth: int = 0, names: Names = KEYS_ONLY) -> Iterator[tuple[int, str]]:
    """Yield the rule line by line as (depth, words)."""
    if isinstance(rule, Leaf):
        yield depth, clause_words(rule, names)
        return
    yield depth, group_words(rule)
    group = rule.rule if isinstance(rule, Not) else rule
    if isinstance(group, All | AnyOf):
        for each in group.rules:
            yield from rule_words(each, depth + 1, names)


def value_words(value: Any, values_in: str | None = "rfm_class") -> str:
    """Return a value of a clause or of a member as it is read; `values_in` is the kind of name that it is."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(value, "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    return str(NAMES_OF_VALUES.get(values_in or "", {}).get(value, value))


def days_ago(days: int) -> str:
    """Return how long ago something was, in whole days."""
    return (
        ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days} if days else _("less than a day ago")
    )


def named(value: Any, leaf: Leaf, names: Names = KEYS_ONLY) -> str:
    """Return a value of the clause's field by its name, where it is the key of something that has one."""
    kind = leaf.field if leaf.field.startswith("attribute.") else leaf.spec.values_in
    if kind is None or not isinstance(value, str):
        return value_words(value)
    family = _families.get(leaf.field.partition(".")[0])
    own = family.values().get(kind, {}) if family else {}
    return str(own[value]) if value in own else value_words(names.of(kind, value), kind)


def field_words(field: str, names: Names = KEYS_ONLY) -> str:
    """Return the dotted name of a field as it is read."""
    prefix, *parts = field.split(".")
    if prefix in _families and (own := _families[prefix].field(tuple(parts), names)):
        return own
    match prefix, parts:
        case "tag", [group]:
            told = _("tag of %(group)s") % {"group": names.of("tag_group", group)}
        case "attribute", [name]:
            # A name that people gave says what it is, a key does not.
            label = names.of("attribute", name)
            told = label if label != name else _("attribute %(name)s") % {"name": name}
        case "rfm", [model, column]:
            told = _column_words(RFM_COLUMNS[column], names.of("rfm_model", model))
        case "points", [unit, column] if column in UNIT_COLUMNS:
            told = str(UNIT_COLUMNS[column]) % {"unit": names.of("unit", unit)}
        case "lifecycle", [model]:
            told = _column_words(_("lifecycle stage"), names.of("lifecycle_model", model))
        case "value", [model, column] if column in VALUE_COLUMNS:
            told = _column_words(VALUE_COLUMNS[column], names.of("value_model", model))
        case _:
            told = str(FIELDS.get(field, field))
    return told


def _column_words(column: Any, model: str) -> str:
    return _("%(column)s of %(model)s") % {"column": column, "model": model}


def narrowings(leaf: Leaf, names: Names = KEYS_ONLY) -> Iterator[str]:
    """Yield the words of what the clause is narrowed by, the window last."""
    for key, values in leaf.where:
        told = listed(names.of(key, value) for value in values)
        yield _("with %(key)s %(values)s") % {"key": WHERE.get(key, key), "values": told}
    if leaf.window is not None:
        yield window_words(leaf.window)


def window_words(window: Window) -> str:
    if window.last_days is not None:
        days = window.last_days
        return ngettext("in the last %(days)s day", "in the last %(days)s days", days) % {"days": days}
    start, end = (value_words(day) if day else None for day in (window.start, window.end))
    if start and end:
        return _("from %(start)s until before %(end)s") % {"start": start, "end": end}
    return _("from %(start)s on") % {"start": start} if start else _("before %(end)s") % {"end": end}


def _operand_words(leaf: Leaf, names: Names) -> str:
    if leaf.value is None:
        return ""
    if leaf.operator in ("between", "not_between"):
        low, high = map(value_words, leaf.value)
        return _("%(low)s and %(high)s") % {"low": low, "high": high}
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    return listed(named(value, leaf, names) for value in values)
