"""What a clause needs, and a member's own value set against it: "orders in the last 90 days: 2, needed ≥ 3"."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations.sentences import listed
from segmentation.naming import KEYS_ONLY, Names
from segmentation.rules import All, Leaf, Not, Rule
from segmentation.rules import Any as AnyOf
from segmentation.sentences import DEEDS, either, said, things_of
from segmentation.wording import OPERATORS, field_words, named, value_words

SIGNS = {"=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
# What a member may be without, as one would say it of a person.
PERSONAL = ("profile", "attribute", "level", "points")


def needed_words(leaf: Leaf, names: Names = KEYS_ONLY) -> str:
    """Return what a clause asks of its field: "≥ 3", "growth or paid", "contains “Shang”", "known"."""
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    listed = either([named(each, leaf, names) for each in values])
    match leaf.operator:
        case "is_null":
            words = _("none known")
        case "is_not_null":
            words = _("known")
        case "between":
            words = _("%(low)s to %(high)s") % _ends(leaf)
        case "not_between":
            words = _("less than %(low)s or more than %(high)s") % _ends(leaf)
        case "in":
            words = listed
        case "not_in":
            words = _("none of %(values)s") % {"values": listed}
        case "contains" | "not_contains" | "begins_with" | "ends_with":
            words = f"{OPERATORS[leaf.operator]} {_('“%(text)s”') % {'text': leaf.value}}"
        case "=" if isinstance(leaf.value, str | bool):
            words = listed
        case "!=" if isinstance(leaf.value, str | bool):
            words = _("not %(value)s") % {"value": listed}
        case _:
            words = f"{SIGNS[leaf.operator]} {listed}"
    return words


def _ends(leaf: Leaf) -> dict[str, str]:
    low, high = map(value_words, leaf.value)
    return {"low": low, "high": high}


def own_words(values: Sequence[Any], leaf: Leaf, names: Names = KEYS_ONLY) -> str:
    """Return the member's own values of a clause; "" where there is none."""
    return listed(named(value, leaf, names) for value in values)


def told(leaf: Leaf, values: Sequence[Any], names: Names = KEYS_ONLY) -> str:
    """Return a clause with the member's own value and what was needed."""
    needed = needed_words(leaf, names)
    if leaf.field in DEEDS:
        held, not_held = DEEDS[leaf.field]
        own = str(held) % {"values": own_words(values, leaf, names)} if values else _deed_missing(leaf, names, not_held)
        return _("%(own)s; needed: %(needed)s") % {"own": own, "needed": said(leaf, names)}
    if not values and leaf.field.partition(".")[0] in PERSONAL:
        words = {"field": field_words(leaf.field, names), "needed": needed}
        return _("no %(field)s known, needed %(needed)s") % words
    count = values[0] if values and isinstance(values[0], int) else 2
    words = {"field": things_of(leaf, names, count if count == 1 else 2), "needed": needed}
    words["own"] = own_words(values, leaf, names) or _("none")
    return _("%(field)s: %(own)s, needed %(needed)s") % words


def group_needed(rule: Rule) -> str:
    """Return how many of its parts a group needs."""
    match rule:
        case All():
            return _("all")
        case AnyOf():
            return _("at least one")
        case Not(All()):
            return _("not all")
    return _("none of them")


def group_told(rule: Rule, held: int, parts: int) -> str:
    """Return how many parts of a group hold, and how many must: "1 of 3 holds, needed: all"."""
    words = ngettext(
        "%(held)s of %(parts)s holds, needed: %(needed)s", "%(held)s of %(parts)s hold, needed: %(needed)s", held
    )
    return words % {"held": held, "parts": parts, "needed": group_needed(rule)}


def _deed_missing(leaf: Leaf, names: Names, not_held: Any) -> str:
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    if leaf.value is None:
        return _("none")
    return str(not_held) % {"values": either([named(each, leaf, names) for each in values])}


def no_longer(clause: str) -> str:
    """Return the wish that a clause stops holding."""
    return _("no longer: %(clause)s") % {"clause": clause}
