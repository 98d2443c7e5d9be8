"""The facts of some members, each table read when it is first asked for."""

from functools import cached_property
from zoneinfo import ZoneInfo

from segmentation.facts import reading
from segmentation.facts.reading import Scope
from segmentation.facts.tables import Events, Items, Orders, People


class Part:
    """The tables of the members in `scope`, straight from the database."""

    def __init__(self, scope: Scope, zone: ZoneInfo):
        self._scope, self._zone = scope, zone

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
