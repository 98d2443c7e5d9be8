"""What changed between two rules, clause by clause. Pure: no Django, no queries.

Order does not count: clauses are joined by “and” and “or”, and a list of values is a set.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from segmentation.rules import All, Any, Leaf, Not, Rule


class Joint(StrEnum):
    """How the parts of a group are joined."""

    ALL = "all"
    ANY = "any"
    NOT_ALL = "not_all"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Group:
    joint: Joint
    parts: tuple["Group | Leaf", ...]


Node = Group | Leaf


@dataclass(frozen=True, slots=True)
class Added:
    """A clause or a group that came; `within` is how the group that it came into joins its parts."""

    node: Node
    within: Joint


@dataclass(frozen=True, slots=True)
class Removed:
    node: Node
    within: Joint


@dataclass(frozen=True, slots=True)
class Changed:
    """A clause about the same field that asks for something else."""

    before: Leaf
    after: Leaf


@dataclass(frozen=True, slots=True)
class Rejoined:
    """A group whose parts are joined in another way."""

    before: Group
    after: Group


@dataclass(frozen=True, slots=True)
class Moved:
    """A clause or a group that is as it was, in another group."""

    node: Node
    before: Joint
    after: Joint


Change = Added | Removed | Changed | Rejoined | Moved


def difference(before: Rule, after: Rule) -> list[Change]:
    """Return what makes `after` of `before`, in the order written; nothing where they say the same."""
    return _with_moves(list(_between(_group(before), _group(after))))


def canonical(node: Node) -> Hashable:
    """Return what a clause or group says, whatever the order of its parts and values."""
    if isinstance(node, Group):
        return node.joint, frozenset(Counter(canonical(each) for each in node.parts).items())
    where = frozenset((key, frozenset(values)) for key, values in node.where)
    listed = node.operator in ("in", "not_in")
    return node.field, node.operator, frozenset(node.value) if listed else node.value, where, node.window


def _group(rule: Rule) -> Group:
    node = _node(rule)
    return node if isinstance(node, Group) else Group(Joint.ALL, (node,))


def _node(rule: Rule) -> Node:
    match rule:
        case All(rules):
            return Group(Joint.ALL, tuple(map(_node, rules)))
        case Any(rules):
            return Group(Joint.ANY, tuple(map(_node, rules)))
        case Not(All(rules)):
            return Group(Joint.NOT_ALL, tuple(map(_node, rules)))
        case Not(Any(rules)):
            return Group(Joint.NONE, tuple(map(_node, rules)))
        case Not(inner):
            return Group(Joint.NONE, (_node(inner),))
        case Leaf():
            return rule


def _between(before: Group, after: Group) -> Iterator[Change]:
    if before.joint != after.joint:
        yield Rejoined(before, after)
    gone, come = _unlike(before.parts, after.parts)
    for one, other in _paired(gone, come):
        if isinstance(one, Leaf) and isinstance(other, Leaf):
            yield Changed(one, other)
        elif isinstance(one, Group) and isinstance(other, Group):
            yield from _between(one, other)
    yield from (Removed(each, before.joint) for each in gone)
    yield from (Added(each, after.joint) for each in come)


def _unlike(before: tuple[Node, ...], after: tuple[Node, ...]) -> tuple[list[Node], list[Node]]:
    """Return the parts of each side for which the other has no equal."""
    come, gone = list(after), []
    for each in before:
        equal = next((other for other in come if canonical(other) == canonical(each)), None)
        if equal is None:
            gone.append(each)
        else:
            come.remove(equal)
    return gone, come


# Two clauses are the same one, changed, if they agree in one of these; the closest first.
LIKENESSES: tuple[Callable[[Leaf], Hashable], ...] = (
    lambda leaf: (leaf.field, leaf.where, leaf.window, leaf.operator),
    lambda leaf: (leaf.field, leaf.where, leaf.window),
    lambda leaf: (leaf.field, leaf.where),
    lambda leaf: (leaf.field, leaf.window, leaf.operator),
    lambda leaf: leaf.field,
)


def _paired(gone: list[Node], come: list[Node]) -> Iterator[tuple[Node, Node]]:
    """Take out of both lists, and yield, the pairs that are one clause or group before and after."""
    for likeness in LIKENESSES:
        for one in [each for each in gone if isinstance(each, Leaf)]:
            for other in [each for each in come if isinstance(each, Leaf)]:
                if likeness(one) == likeness(other):
                    gone.remove(one)
                    come.remove(other)
                    yield one, other
                    break
    for group in [each for each in gone if isinstance(each, Group)]:
        others = [each for each in come if isinstance(each, Group)]
        likest = max(others, key=lambda other: _likeness(group, other), default=None)
        if likest is not None and (_shared(group, likest) or _alone(gone, come)):
            gone.remove(group)
            come.remove(likest)
            yield group, likest


def _likeness(one: Group, other: Group) -> tuple[bool, bool, int]:
    shared = _shared(one, other)
    return shared > 0, one.joint == other.joint, shared


def _shared(one: Group, other: Group) -> int:
    """Return how many clauses two groups have in common."""
    return (Counter(map(canonical, _leaves(one))) & Counter(map(canonical, _leaves(other)))).total()


def _alone(gone: list[Node], come: list[Node]) -> bool:
    return all(sum(isinstance(each, Group) for each in side) == 1 for side in (gone, come))


def _leaves(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Leaf):
        yield node
    else:
        for each in node.parts:
            yield from _leaves(each)


def _with_moves(changes: list[Change]) -> list[Change]:
    """Tell what was removed in one place and added in another as moved."""
    told: list[Change] = list(changes)
    for removed in [each for each in changes if isinstance(each, Removed)]:
        for added in [each for each in told if isinstance(each, Added)]:
            if canonical(removed.node) == canonical(added.node):
                told[told.index(removed)] = Moved(removed.node, removed.within, added.within)
                told.remove(added)
                break
    return told
