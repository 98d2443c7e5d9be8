"""The facts of some members, each table read when it is first asked for. The parts of a world have no member twice."""

from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from pyroaring import BitMap, FrozenBitMap

from segmentation.facts import choosing, reading
from segmentation.facts.choosing import Facts
from segmentation.facts.reading import Scope
from segmentation.facts.tables import Events, Items, Orders, People

NOBODY = FrozenBitMap()


class Part(Facts, Protocol):
    """The facts of some members.

    `whole` may have rows of the members `hidden` as well, which are out of date: an answer from it is right without
    them. It spares copying the columns without their rows.
    """

    @property
    def whole(self) -> "Part": ...
    @property
    def hidden(self) -> FrozenBitMap: ...


class ReadPart:
    """The facts of the members in `scope`, straight from the database."""

    hidden = NOBODY

    def __init__(self, scope: Scope, zone: ZoneInfo):
        self._scope, self._zone = scope, zone

    @property
    def whole(self) -> "ReadPart":
        return self

    @property
    def orders(self) -> Orders:
        return self._orders_and_items[0]

    @property
    def items(self) -> Items:
        return self._orders_and_items[1]

    @cached_property
    def events(self) -> Events:
        return reading.read_events(self._scope, self._zone)

    @cached_property
    def people(self) -> People:
        return reading.read_people(self._scope)

    @cached_property
    def _orders_and_items(self) -> tuple[Orders, Items]:
        return reading.read_orders(self._scope, self._zone)


class KeptPart:
    """Facts from a store, of which those of the members `hidden` are out of date."""

    def __init__(self, facts: Facts, hidden: BitMap | FrozenBitMap = NOBODY):
        self._facts, self.hidden = facts, FrozenBitMap(hidden)

    @cached_property
    def whole(self) -> "KeptPart":
        return KeptPart(self._facts) if self.hidden else self

    @property
    def orders(self) -> Orders:
        return self._current.orders

    @property
    def items(self) -> Items:
        return self._current.items

    @property
    def events(self) -> Events:
        return self._current.events

    @property
    def people(self) -> People:
        return self._current.people

    @cached_property
    def _current(self) -> Facts:
        return choosing.without(self._facts, self.hidden) if self.hidden else self._facts
