"""Rules and their faults in words, in the language of whoever reads."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

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
VALUE_COLUMNS = {
    "score": gettext_lazy("value score"),
    "tier": gettext_lazy("value tier"),
    "spending": gettext_lazy("spending power"),
    "churn": gettext_lazy("churn risk"),
    "loyalty": gettext_lazy("loyalty"),
}
# What values are called, by the kind of name that they are.
NAMES_OF_VALUES = {
    "rfm_class": RFM_CLASS_NAMES,
    "lifecycle_stage": STAGE_NAMES,
    "value_tier": TIER_NAMES,
    "value_degree": DEGREE_NAMES,
}


def fault_words(error: RuleError) -> str:
    """Return the fault with the place where it is."""
    told = _(error.wording)
    if error.details:
        told %= error.details
    return f"{error.path}: {told}" if error.path else told


def clause_words(leaf: Leaf) -> str:
    """Return a clause as a sentence, such as "number of orders in the last 90 days is at least 3"."""
    field = field_words(leaf.field)
    for narrowing in _narrowed(leaf):
        field = _("%(field)s %(narrowing)s") % {"field": field, "narrowing": narrowing}
    return " ".join(filter(None, [field, str(OPERATORS[leaf.operator]), _value_words(leaf)]))


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


def rule_words(rule: Rule, depth: int = 0) -> Iterator[tuple[int, str]]:
    """Yield the rule line by line as (depth, words)."""
    if isinstance(rule, Leaf):
        yield depth, clause_words(rule)
        return
    yield depth, group_words(rule)
    group = rule.rule if isinstance(rule, Not) else rule
    if isinstance(group, All | AnyOf):
        for each in group.rules:
            yield from rule_words(each, depth + 1)


def value_words(value: Any, values_in: str | None = "rfm_class") -> str:
    """Return a value of a clause or of a member as it is read; `values_in` is the kind of name that it is."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    return str(NAMES_OF_VALUES.get(values_in or "", {}).get(value, value))


def days_ago(days: int) -> str:
    """Return how long ago something was, in whole days."""
    return (
        ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days} if days else _("less than a day ago")
    )


def field_words(field: str) -> str:
    """Return the dotted name of a field as it is read."""
    match field.split("."):
        case ["tag", group]:
            return _("tag of %(group)s") % {"group": group}
        case ["attribute", name]:
            return _("attribute %(name)s") % {"name": name}
        case ["rfm", model, column]:
            return _("%(column)s of %(model)s") % {"column": RFM_COLUMNS[column], "model": model}
        case ["lifecycle", model]:
            return _("lifecycle stage of %(model)s") % {"model": model}
        case ["value", model, column]:
            return _("%(column)s of %(model)s") % {"column": VALUE_COLUMNS[column], "model": model}
    return str(FIELDS.get(field, field))


def _narrowed(leaf: Leaf) -> Iterator[str]:
    for key, values in leaf.where:
        yield _("with %(key)s %(values)s") % {"key": WHERE.get(key, key), "values": _any_of(values)}
    if leaf.window is not None:
        yield _window_words(leaf.window)


def _window_words(window: Window) -> str:
    if window.last_days is not None:
        days = window.last_days
        return ngettext("in the last %(days)s day", "in the last %(days)s days", days) % {"days": days}
    start, end = (value_words(day) if day else None for day in (window.start, window.end))
    if start and end:
        return _("from %(start)s until before %(end)s") % {"start": start, "end": end}
    return _("from %(start)s on") % {"start": start} if start else _("before %(end)s") % {"end": end}


def _value_words(leaf: Leaf) -> str:
    if leaf.value is None:
        return ""
    if leaf.operator in ("between", "not_between"):
        low, high = map(value_words, leaf.value)
        return _("%(low)s and %(high)s") % {"low": low, "high": high}
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    return _any_of(values, leaf.spec.values_in)


def _any_of(values: tuple[Any, ...], values_in: str | None = None) -> str:
    return _(", ").join(value_words(value, values_in) for value in values)
