"""The difference between two rules, in words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from operations.sentences import clauses, labelled
from segmentation.naming import KEYS_ONLY, Names
from segmentation.needs import needed_words
from segmentation.rule_diff import Added, Change, Changed, Group, Joint, Moved, Node, Rejoined, Removed
from segmentation.rules import All, Leaf, Not, Rule
from segmentation.rules import Any as AnyOf
from segmentation.sentences import said, things_of
from segmentation.wording import group_words

KINDS = {
    Added: ("added", pgettext_lazy("clause", "added")),
    Removed: ("removed", pgettext_lazy("clause", "removed")),
    Changed: ("changed", pgettext_lazy("clause", "changed")),
    Moved: ("moved", pgettext_lazy("clause", "moved")),
    Rejoined: ("changed", pgettext_lazy("clause", "changed")),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One change: `kind` is added, removed, changed or moved, `label` says so; groups have a line for each clause."""

    kind: str
    label: str
    lines: tuple[tuple[int, str], ...]

    @property
    def words(self) -> str:
        """All of it in one line."""
        first, *others = (words for _depth, words in self.lines)
        return labelled(first, clauses(others)) if others else first


def change_words(change: Change, names: Names = KEYS_ONLY) -> Told:
    kind, label = KINDS[type(change)]
    return Told(kind, str(label), tuple(_lines(change, names)))


def _lines(change: Change, names: Names) -> list[tuple[int, str]]:
    match change:
        case Changed(before, after):
            return [(0, _changed(before, after, names))]
        case Rejoined(before, after):
            return [(0, _arrow(_joint(before.joint), _joint(after.joint)))]
        case Moved(node, before, after):
            where = _("from “%(before)s” to “%(after)s”") % {"before": _joint(before), "after": _joint(after)}
            if before == after:
                where = _("to another group")
            (depth, first), *others = _node_lines(node, names)
            return [(depth, _("%(clause)s, %(where)s") % {"clause": first, "where": where}), *others]
        case Added(node) | Removed(node):
            return _node_lines(node, names)
    raise LookupError(change)


def _changed(before: Leaf, after: Leaf, names: Names) -> str:
    if (before.where, before.window) != (after.where, after.window):
        return _arrow(said(before, names), said(after, names))
    change = _arrow(needed_words(before, names), needed_words(after, names))
    return _("%(field)s: %(change)s") % {"field": things_of(after, names, 2), "change": change}


def _arrow(before: str, after: str) -> str:
    return _("%(before)s → %(after)s") % {"before": before, "after": after}


def _node_lines(node: Node, names: Names, depth: int = 0) -> list[tuple[int, str]]:
    if isinstance(node, Group):
        parts = [line for each in node.parts for line in _node_lines(each, names, depth + 1)]
        return [(depth, _joint(node.joint)), *parts]
    return [(depth, said(node, names))]


def _joint(joint: Joint) -> str:
    empty: dict[Joint, Rule] = {
        Joint.ALL: All(()),
        Joint.ANY: AnyOf(()),
        Joint.NOT_ALL: Not(All(())),
        Joint.NONE: Not(AnyOf(())),
    }
    return group_words(empty[joint])
