"""How a clause is answered: the source of a field says what its values are, and here they are compared, in SQL."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from pyroaring import BitMap

from members import touches
from segmentation import member_sets
from segmentation.columns import bitmap_of, read_ids
from segmentation.facts.measures import Measure
from segmentation.facts.parts import Part
from segmentation.fields import COMPLEMENT_OF, Kind
from segmentation.rules import Leaf
from segmentation.sources.comparing import Comparison, told
from segmentation.world import World


class SourceError(Exception):
    """A clause that cannot be answered now: what it reads has not been computed, or is gone."""


@dataclass(frozen=True, slots=True)
class Values:
    """SQL that selects `member_id` and `value`, one row for each value that a member has.

    `default` is the value of a member without a row: None where the value is then missing.
    """

    sql: str
    params: tuple[Any, ...] = ()
    default: int | None = None


class Source(ABC):
    """Answers the clauses over one family of fields.

    `families` are the families of facts (`members.touches`) whose changes may change an answer.
    """

    families: frozenset[str] = frozenset()

    def names(self) -> Mapping[str, frozenset[str]]:
        """Return the names that this family makes known to rules, by kind of name."""
        return {}

    def moves_with_time(self, leaf: Leaf) -> bool:
        """Tell whether the answer may change although no fact does: the window slides, the days go by."""
        slides = leaf.window is not None and leaf.window.last_days is not None
        return slides or leaf.field.endswith(".days_ago")

    def identity(self, leaf: Leaf) -> Hashable | None:
        """Return what the names in the clause stand for now, as keys that are never given again: an answer is kept by
        them. None where no answer is kept: names without such keys, or an answer that is quickly read as it is.
        """
        named = leaf.spec.names or leaf.spec.values_in not in (None, "gender")
        return () if self.families and not named else None

    @abstractmethod
    def members_of(self, leaf: Leaf, world: World) -> BitMap:
        """Return the members of `world` for whom `leaf` holds."""

    @abstractmethod
    def values_of(self, leaf: Leaf, member_id: int, world: World) -> list[Any]:
        """Return what `leaf` compares for one member: no value, one, or several where a member may carry several."""


def patched(
    base: BitMap, as_of: str, families: frozenset[str], answer: Callable[[World], BitMap], world: World
) -> BitMap:
    """Return `base`, an answer for the state of facts `as_of`, with those touched since then answered anew.

    Raises SourceError where it is not known who was touched: the answer is too old.
    """
    # Whoever is new has an answer too, though no fact of these families.
    touched = touches.touched_since(as_of, families | {touches.PROFILE})
    if touched is None:
        raise SourceError(_("What was computed before is too old; it has to be computed anew."))
    return (base & world.members) - BitMap(touched) | answer(world.narrowed(touched))


class SqlSource(Source):
    """A family whose values are rows of the database."""

    @abstractmethod
    def values(self, leaf: Leaf, world: World) -> Values:
        """Return the values that `leaf` compares. The one place where they are spelled."""

    def members_of(self, leaf: Leaf, world: World) -> BitMap:
        values = self.values(leaf, world)
        operator = COMPLEMENT_OF.get(leaf.operator, leaf.operator)
        complement = operator != leaf.operator
        condition, operands = compare(leaf, operator, world)
        if values.default is not None and _holds_for(values.default, condition, operands):
            condition, complement = f"NOT ({condition})", not complement
        sql = f"SELECT v.member_id AS id FROM ({values.sql}) AS v WHERE ({condition})"  # noqa: S608
        params = [*values.params, *operands]
        if world.only is not None:
            sql, params = f"{sql} AND v.member_id = ANY(%s)", [*params, world.only]
        found = read_ids(sql, params)
        return world.members - found if complement else found & world.members

    def values_of(self, leaf: Leaf, member_id: int, world: World) -> list[Any]:
        values = self.values(leaf, world)
        sql = f"SELECT v.value FROM ({values.sql}) AS v WHERE v.member_id = %s AND v.value IS NOT NULL"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} ORDER BY 1", [*values.params, member_id])
            found = [value for (value,) in cursor.fetchall()]
        return [values.default] if not found and values.default is not None else found


class ColumnSource(Source):
    """A family whose values are measured from columns of facts."""

    @abstractmethod
    def measure(self, leaf: Leaf, part: Part, world: World) -> Measure:
        """Return the values that `leaf` compares, of the members of `part`. The one place where they are spelled."""

    def members_of(self, leaf: Leaf, world: World) -> BitMap:
        operator = COMPLEMENT_OF.get(leaf.operator, leaf.operator)
        wanted = Comparison(leaf, operator, world)
        complement, found = operator != leaf.operator, BitMap()
        by_default = False
        for part in world.parts:
            measured = self.measure(leaf, part.whole, world)
            by_default = measured.default is not None and wanted.holds_for(measured.default)
            held = wanted.holds(measured)
            found |= bitmap_of(measured.ids[~held if by_default else held]) - part.hidden
        return world.members - found if complement != by_default else found & world.members

    def values_of(self, leaf: Leaf, member_id: int, world: World) -> list[Any]:
        found: list[Any] = []
        default = None
        for part in world.parts:
            measured = self.measure(leaf, part, world)
            default = measured.default
            found += [told(each, leaf, measured, world) for each in measured.values[measured.ids == member_id].tolist()]
        return sorted(found) if found else [] if default is None else [default]


class SetSource(Source):
    """A family whose values are few, each with a stored member set."""

    def identity(self, leaf: Leaf) -> None:
        return None

    @abstractmethod
    def sets(self, leaf: Leaf) -> Mapping[Any, int]:
        """Return each value with the id of the member set that has it. Raises SourceError where there are none yet."""

    def members_of(self, leaf: Leaf, world: World) -> BitMap:
        sets = self.sets(leaf)
        operator = COMPLEMENT_OF.get(leaf.operator, leaf.operator)
        chosen = _matching(leaf, operator, list(sets), world)
        found = BitMap.union(BitMap(), *(member_sets.load_within(sets[value], world.only) for value in chosen))
        return world.members - found if operator != leaf.operator else found & world.members

    def values_of(self, leaf: Leaf, member_id: int, world: World) -> list[Any]:
        return [value for value, set_id in self.sets(leaf).items() if member_sets.holds(set_id, member_id)]


def positional(expression: str, named: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """Return an expression of named parameters as one of positional ones, which can be joined with others."""
    order = re.findall(r"%\((\w+)\)s", expression)
    return re.sub(r"%\(\w+\)s", "%s", expression), tuple(named[name] for name in order)


CONDITIONS = MappingProxyType(
    {
        "is_not_null": "value IS NOT NULL",
        "in": "value = ANY(%s{array})",
        "between": "value BETWEEN %s AND %s",
        "contains": "strpos(value, %s) > 0",
        "begins_with": "starts_with(value, %s)",
        "ends_with": "right(value, %s) = %s",
    }
    | {operator: f"value {operator} %s" for operator in ("=", "<", "<=", ">", ">=")}
)


def compare(leaf: Leaf, operator: str, world: World) -> tuple[str, list[Any]]:
    """Return the condition on `value`, and its parameters, of an operator that is no complement of another."""
    operand = _operand(leaf, world)
    condition = CONDITIONS[operator].format(array=ARRAY_OF.get(leaf.spec.kind, ""))
    match operator:
        case "is_not_null":
            return condition, []
        case "between":
            return condition, operand
        case "ends_with":
            return condition, [len(operand), operand]
    return condition, [operand]


# Arrays of Python numbers reach the server as whatever type is narrowest; comparisons are wanted in the widest.
ARRAY_OF = {Kind.INTEGER: "::numeric[]", Kind.DECIMAL: "::numeric[]"}


def _operand(leaf: Leaf, world: World) -> Any:
    """Return the value of the clause as the database compares it: a date asked of a moment is its midnight."""
    if leaf.spec.kind is not Kind.MOMENT or leaf.value is None:
        return list(leaf.value) if isinstance(leaf.value, tuple) else leaf.value
    if isinstance(leaf.value, tuple):
        return [world.midnight(day) for day in leaf.value]
    return world.midnight(leaf.value)


def _holds_for(value: int, condition: str, operands: list[Any]) -> bool:
    """Ask the same condition of one value."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {condition} FROM (SELECT %s::numeric AS value) AS v", [*operands, value])  # noqa: S608
        return bool(cursor.fetchone()[0])


def _matching(leaf: Leaf, operator: str, candidates: list[Any], world: World) -> list[Any]:
    """Ask the same condition of each value for which there is a set."""
    condition, operands = compare(leaf, operator, world)
    sql = f"SELECT value FROM unnest(%s{ARRAY_OF.get(leaf.spec.kind, '::text[]')}) AS v(value) WHERE {condition}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [candidates, *operands])
        return [int(value) if leaf.spec.kind is Kind.INTEGER else value for (value,) in cursor.fetchall()]
