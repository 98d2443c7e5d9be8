"""`profile.*`: what the member's own row says. An empty text is a missing value."""

from typing import Any
from zoneinfo import ZoneInfo

from pyroaring import BitMap

from members import touches
from members.models import Member
from segmentation.facts import clock, measures
from segmentation.facts.measures import Measure
from segmentation.facts.parts import Part
from segmentation.facts.tables import People
from segmentation.rules import Leaf
from segmentation.sources.base import ColumnSource, Source, SqlSource, Values
from segmentation.world import World

# Texts of which nearly each is another one are asked of the database.
EXPRESSIONS: dict[tuple[str, ...], str] = {("uid",): "uid", ("name",): "NULLIF(name, '')"}


class _Texts(SqlSource):
    def values(self, leaf: Leaf, world: World) -> Values:
        return Values(f"SELECT id AS member_id, {EXPRESSIONS[leaf.parts]} AS value FROM members_member")  # noqa: S608


class _Columns(ColumnSource):
    def measure(self, leaf: Leaf, part: Part, world: World) -> Measure:
        return _measured(leaf.parts, part.people, clock.day(world.today), world.zone)


class ProfileSource(Source):
    families = frozenset({touches.PROFILE})
    _texts, _columns = _Texts(), _Columns()

    def moves_with_time(self, leaf: Leaf) -> bool:
        return leaf.parts == ("age",) or super().moves_with_time(leaf)

    def names(self):
        return {"gender": frozenset(Member.Gender.values)}

    def members_of(self, leaf: Leaf, world: World) -> BitMap:
        return self._of(leaf).members_of(leaf, world)

    def values_of(self, leaf: Leaf, member_id: int, world: World) -> list[Any]:
        return self._of(leaf).values_of(leaf, member_id, world)

    def _of(self, leaf: Leaf) -> Source:
        return self._texts if leaf.parts in EXPRESSIONS else self._columns


def _measured(parts: tuple[str, ...], people: People, today: int, zone: ZoneInfo) -> Measure:
    match parts:
        case ("gender",):
            return measures.of_words(people.member, people.gender, people.genders)
        case ("region",):
            return measures.of_words(people.member, people.region, people.regions)
        case ("birthday",):
            return measures.of_known(people.member, people.birthday)
        case ("age",):
            return measures.ages(people.member, people.birthday, today)
        case ("joined_at",):
            return measures.of_known(people.member, people.joined_at)
    return measures.days_since(measures.of_known(people.member, people.joined_at), today, zone)
