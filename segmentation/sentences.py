"""A whole rule as one sentence: "level is growth or paid, and at least 3 orders of milk in the last 90 days"."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from operations.sentences import listed
from segmentation.fields import Kind
from segmentation.naming import KEYS_ONLY, Names
from segmentation.rules import All, Leaf, Not, Rule, leaves
from segmentation.rules import Any as AnyOf
from segmentation.wording import OPERATORS, field_words, named, subject_words, value_words, window_words

# Beyond it a sentence is no longer read; the rest is counted.
LONGEST = 600
SHOWN_VALUES = 5

# What is counted, by field: (count) → the word.
THINGS: dict[str, Callable[[int], str]] = {
    "orders.count": lambda count: ngettext("order", "orders", count),
    "orders.days": lambda count: ngettext("day with orders", "days with orders", count),
    "orders.quantity.sum": lambda count: ngettext("unit bought", "units bought", count),
    "events.count": lambda count: ngettext("event", "events", count),
    "events.days": lambda count: ngettext("day with events", "days with events", count),
    "participation.draws.count": lambda count: ngettext("draw", "draws", count),
    "participation.wins.count": lambda count: ngettext("prize won", "prizes won", count),
}
BOUNDS = {
    "=": gettext_lazy("exactly %(count)s"),
    "!=": gettext_lazy("not exactly %(count)s"),
    "<": gettext_lazy("fewer than %(count)s"),
    "<=": gettext_lazy("at most %(count)s"),
    ">": gettext_lazy("more than %(count)s"),
    ">=": gettext_lazy("at least %(count)s"),
    "in": gettext_lazy("exactly %(count)s"),
    "not_in": gettext_lazy("not exactly %(count)s"),
    "between": gettext_lazy("between %(count)s"),
    "not_between": gettext_lazy("not between %(count)s"),
}
NARROWED = {
    "category": gettext_lazy("of %(values)s"),
    "sku": gettext_lazy("of SKU %(values)s"),
    "item": gettext_lazy("of item %(values)s"),
    "channel": gettext_lazy("through %(values)s"),
    "payment_method": gettext_lazy("paid by %(values)s"),
    "keyword": gettext_lazy("with the keyword %(values)s"),
    "type": pgettext_lazy("type of event", "of type %(values)s"),
    "campaign": gettext_lazy("in campaign %(values)s"),
}
# Fields that read better as what a member is in or did: (it holds, it does not).
DEEDS = {
    "segment": (pgettext_lazy("segment", "in %(values)s"), pgettext_lazy("segment", "not in %(values)s")),
    "participation.joined": (gettext_lazy("joined %(values)s"), gettext_lazy("did not join %(values)s")),
    "participation.finished": (gettext_lazy("finished %(values)s"), gettext_lazy("did not finish %(values)s")),
    "participation.chains": (
        gettext_lazy("finished the chain %(values)s"),
        gettext_lazy("did not finish the chain %(values)s"),
    ),
}
DATED = {
    "<": gettext_lazy("is before"),
    "<=": gettext_lazy("is not after"),
    ">": gettext_lazy("is after"),
    ">=": gettext_lazy("is not before"),
}
TEXT_OPERATORS = frozenset({"contains", "not_contains", "begins_with", "ends_with"})
NEGATIVE = frozenset({"!=", "not_in"})


def sentence(rule: Rule, names: Names = KEYS_ONLY, *, longest: int = LONGEST) -> str:
    """Return the rule in one sentence. Groups in groups stand in brackets; what does not fit is counted."""
    group = _unwrapped(rule)
    if not isinstance(group, All | AnyOf):
        return _cut(_inner(group, names), longest)
    parts = [_inner(each, names) for each in group.rules]
    fitting = next((n for n in range(len(parts), 0, -1) if len(_joined(group, parts[:n])) <= longest), 1)
    told = _cut(_joined(group, parts[:fitting]), longest)
    left = sum(1 for each in group.rules[fitting:] for _leaf in leaves(each))
    if not left:
        return told
    more = ngettext("%(told)s … and %(left)s more condition", "%(told)s … and %(left)s more conditions", left)
    return more % {"told": told, "left": left}


def said(leaf: Leaf, names: Names = KEYS_ONLY) -> str:
    """Return one clause as a part of the sentence."""
    if leaf.field in DEEDS and leaf.value is not None:
        held, not_held = DEEDS[leaf.field]
        return str(not_held if leaf.operator in NEGATIVE else held) % {"values": _values(leaf, names)}
    if leaf.field in THINGS and leaf.value is not None:
        return _counted(leaf, names)
    subject = _narrowed(field_words(leaf.field, names), leaf, names)
    if leaf.value is None:
        return f"{subject} {OPERATORS[leaf.operator]}"
    return _("%(subject)s %(operator)s %(value)s") % {
        "subject": subject,
        "operator": _operator(leaf),
        "value": _values(leaf, names),
    }


def things_of(leaf: Leaf, names: Names, count: int) -> str:
    """Return what a clause is about in the short: "orders of milk in the last 90 days"."""
    if leaf.field not in THINGS:
        return subject_words(leaf, names)
    types = dict(leaf.where).get("type")
    if types and leaf.field == "events.count":
        return _narrowed(either([names.of("type", each) for each in types]), leaf, names, skipping="type")
    return _narrowed(THINGS[leaf.field](count), leaf, names)


def either(words: Sequence[str]) -> str:
    """Return "a, b or c"; of a long list the first few, and how many more."""
    if len(words) > SHOWN_VALUES:
        more = len(words) - SHOWN_VALUES
        last = ngettext("%(count)s more", "%(count)s more", more) % {"count": more}
        words = [*words[:SHOWN_VALUES], last]
    *first, last = words
    if not first:
        return last
    return _("%(first)s or %(last)s") % {"first": listed(first), "last": last}


def _unwrapped(rule: Rule) -> Rule:
    """A group of one is that one."""
    while isinstance(rule, All | AnyOf) and len(rule.rules) == 1:
        rule = rule.rules[0]
    return rule


def _inner(rule: Rule, names: Names) -> str:
    match _unwrapped(rule):
        case Leaf() as leaf:
            return said(leaf, names)
        case Not(inner):
            return _("not %(group)s") % {"group": _in_brackets(_unwrapped(inner), names)}
        case group:
            return _in_brackets(group, names)


def _in_brackets(rule: Rule, names: Names) -> str:
    if not isinstance(rule, All | AnyOf):
        return _("(%(rule)s)") % {"rule": _inner(rule, names)}
    joint = _(" and ") if isinstance(rule, All) else _(" or ")
    return _("(%(rule)s)") % {"rule": joint.join(_inner(each, names) for each in rule.rules)}


def _joined(group: All | AnyOf, parts: Sequence[str]) -> str:
    return (_(", and ") if isinstance(group, All) else _(", or ")).join(parts)


def _counted(leaf: Leaf, names: Names) -> str:
    none = leaf.value == 0 and leaf.operator in ("=", "<=")
    if leaf.operator in ("between", "not_between"):
        count = pgettext("numbers", "%(low)s and %(high)s") % {"low": leaf.value[0], "high": leaf.value[1]}
    else:
        count = _values(leaf, names)
    bound = pgettext("none of what follows", "no") if none else str(BOUNDS[leaf.operator]) % {"count": count}
    number = leaf.value if isinstance(leaf.value, int) else 2
    return _("%(bound)s %(things)s") % {"bound": bound, "things": things_of(leaf, names, number or 2)}


def _narrowed(told: str, leaf: Leaf, names: Names, *, skipping: str = "") -> str:
    for narrowing in _narrowings(leaf, names, skipping):
        told = _("%(field)s %(narrowing)s") % {"field": told, "narrowing": narrowing}
    return told


def _narrowings(leaf: Leaf, names: Names, skipping: str) -> Iterator[str]:
    for key, values in leaf.where:
        if key != skipping:
            template = str(NARROWED.get(key, f"{key} %(values)s"))
            yield template % {"values": either([names.of(key, value) for value in values])}
    if leaf.window is not None:
        yield window_words(leaf.window)


def _operator(leaf: Leaf) -> Any:
    """A list of one, and any list that is joined by “or”, reads as if it were asked by “is”."""
    if leaf.operator == "in":
        return OPERATORS["="]
    if leaf.operator == "not_in" and len(leaf.value) == 1:
        return OPERATORS["!="]
    if leaf.spec.kind in (Kind.DATE, Kind.MOMENT) and leaf.operator in DATED:
        return DATED[leaf.operator]
    return OPERATORS[leaf.operator]


def _values(leaf: Leaf, names: Names) -> str:
    if leaf.operator in TEXT_OPERATORS:
        return _("“%(text)s”") % {"text": leaf.value}
    if leaf.operator in ("between", "not_between"):
        low, high = map(value_words, leaf.value)
        return _("%(low)s and %(high)s") % {"low": low, "high": high}
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    told = [named(value, leaf, names) for value in values]
    if leaf.operator == "not_in" and leaf.field not in DEEDS and len(told) <= SHOWN_VALUES:
        return listed(told)
    return either(told)


def _cut(told: str, longest: int) -> str:
    return told if len(told) <= longest else f"{told[: longest - 1]}…"
