"""The operators of rules over columns: exact, whatever the operand, since values are whole numbers of their unit."""

from collections.abc import Callable
from decimal import Decimal
from math import ceil, floor
from types import MappingProxyType
from typing import Any

import numpy

from segmentation.facts import clock
from segmentation.facts.measures import Measure
from segmentation.facts.tables import Column
from segmentation.fields import Kind
from segmentation.rules import Leaf
from segmentation.world import World

LEAST, MOST = numpy.iinfo(numpy.int64).min, numpy.iinfo(numpy.int64).max
HUNDREDTHS = 100

OF_TEXT: MappingProxyType[str, Callable[[str, Any], bool]] = MappingProxyType(
    {
        "=": lambda text, wanted: text == wanted,
        "in": lambda text, wanted: text in wanted,
        "contains": lambda text, wanted: wanted in text,
        "begins_with": lambda text, wanted: text.startswith(wanted),
        "ends_with": lambda text, wanted: text.endswith(wanted),
    }
)


class Comparison:
    """One clause's operator and operand, asked of columns. The operator is one that is no complement of another."""

    def __init__(self, leaf: Leaf, operator: str, world: World):
        self._operator, self._operand = operator, leaf.value
        if leaf.spec.kind not in (Kind.KEY, Kind.TEXT):
            values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
            numbers = [] if leaf.value is None else [in_units(each, leaf.spec.kind, world) for each in values]
            self._operand = numbers if isinstance(leaf.value, tuple) else next(iter(numbers), None)

    def holds(self, measure: Measure) -> Column:
        """Return, for each value of the measure, whether the clause holds for it."""
        if self._operator == "is_not_null":
            return numpy.ones(measure.values.size, dtype=bool)
        if measure.words is None:
            return numbers_hold(self._operator, measure.values, self._operand)
        test = OF_TEXT[self._operator]
        return numpy.array([*(test(text, self._operand) for text in measure.words.texts), False])[measure.values]

    def holds_for(self, value: int) -> bool:
        """Tell whether the clause holds for one number."""
        return bool(self.holds(Measure(numpy.array([0]), numpy.array([value])))[0])


def in_units(value: Any, kind: Kind, world: World) -> Decimal:
    """Return the operand in the unit of the column that it is compared with."""
    match kind:
        case Kind.DECIMAL:
            return Decimal(value) * HUNDREDTHS
        case Kind.DATE:
            return Decimal(clock.day(value))
        case Kind.MOMENT:
            return Decimal(clock.moment(world.midnight(value)))
    return Decimal(value)


def told(value: int, leaf: Leaf, measure: Measure, world: World) -> Any:
    """Return a value of the column as people read it: the other way round from `in_units`."""
    if measure.words is not None:
        return measure.words.texts[value]
    match leaf.spec.kind:
        case Kind.DECIMAL:
            return Decimal(value) / HUNDREDTHS
        case Kind.DATE:
            return clock.date_of(value)
        case Kind.MOMENT:
            return clock.when(value).astimezone(world.zone)
    return value


def numbers_hold(operator: str, values: Column, wanted: Any) -> Column:  # noqa: PLR0911 - one for each operator
    """Compare whole numbers with a number that may lie between two of them, or beyond what a column can hold."""
    match operator:
        case "=":
            return numpy.isin(values, _whole([wanted]))
        case "in":
            return numpy.isin(values, _whole(wanted))
        case "<":
            return values < _within(ceil(wanted)) if wanted <= MOST else numpy.ones(values.size, dtype=bool)
        case "<=":
            return values <= _within(floor(wanted))
        case ">":
            return values > _within(floor(wanted)) if wanted >= LEAST else numpy.ones(values.size, dtype=bool)
        case ">=":
            return values >= _within(ceil(wanted))
        case "between":
            return numbers_hold(">=", values, wanted[0]) & numbers_hold("<=", values, wanted[1])
    raise LookupError(f"numbers have no operator {operator}")


def _whole(wanted: list[Decimal]) -> Column:
    return numpy.array([int(each) for each in wanted if each == int(each) and LEAST <= each <= MOST], dtype=numpy.int64)


def _within(number: int) -> int:
    # A bound beyond the largest number holds for none or for all, as the largest itself: no value is that large.
    return max(LEAST, min(MOST, number))
