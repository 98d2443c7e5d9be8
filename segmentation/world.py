"""The members among whom a rule is asked: everyone, or the few that changed."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from pyroaring import BitMap, FrozenBitMap

from members import touches
from segmentation.columns import read_ids
from segmentation.facts import clock, current
from segmentation.facts.parts import Part, ReadPart
from segmentation.facts.reading import Scope
from segmentation.facts.versions import site_zone

# Members whose facts are read at once.
PART = 1 << 17

__all__ = ["World", "everyone", "only", "site_zone"]


@dataclass(frozen=True)
class World:
    """`members` bounds every answer. `only` is None for everyone, else the ids to which
    queries are restricted."""

    members: BitMap
    only: list[int] | None
    now: datetime
    zone: ZoneInfo
    # The facts of the members, part by part; together they are all of them.
    parts: tuple[Part, ...]
    # The state of the facts that answers for everyone are of (`members.touches.state`).
    state: str = ""
    _narrowed: dict[FrozenBitMap, "World"] = field(default_factory=dict, compare=False, repr=False)
    _touched: dict[tuple[str, frozenset[str]], FrozenBitMap | None] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def today(self) -> date:
        """The calendar day of `now` in the site's time zone."""
        return self.now.astimezone(self.zone).date()

    def narrowed(self, member_ids: Iterable[int]) -> "World":
        """Return the world of those of `member_ids` that are in this one, at the same moment.

        Asked for the same ones again, it is the same world: their facts are read once.
        """
        members = FrozenBitMap(self.members & BitMap(member_ids))
        if members not in self._narrowed:
            few = list(members)
            parts = (ReadPart(Scope(few), self.zone),)
            self._narrowed[members] = replace(self, members=BitMap(members), only=few, parts=parts, _narrowed={})
        return self._narrowed[members]

    def touched_since(self, state: str, families: frozenset[str]) -> FrozenBitMap | None:
        """Return whose facts of `families` have changed since `state`, as `touches.touched_since`; asked once."""
        key = (state, families)
        if key not in self._touched:
            found = touches.touched_since(state, families)
            self._touched[key] = None if found is None else FrozenBitMap(found)
        return self._touched[key]

    def midnight(self, day: date) -> datetime:
        """The moment at which `day` starts in the site's time zone."""
        return clock.midnight(day, self.zone)

    def days_before(self, days: int) -> datetime:
        """`days` × 24 hours before now. Reckoned in UTC: on the clocks of a zone some days are shorter or longer."""
        return self.now.astimezone(UTC) - timedelta(days=days)


def everyone(*, now: datetime | None = None) -> World:
    """Return the world of all members. Those who were erased are nobody's audience."""
    state = touches.state()
    kept = current.everyone(state)
    if kept is None:
        members = read_ids("SELECT id FROM members_member WHERE erased_at IS NULL", ())
        kept = current.Everyone(members, _parts(members))
    return World(kept.members, None, now or timezone.now(), site_zone(), kept.parts, state)


def only(member_ids: Iterable[int], *, now: datetime | None = None) -> World:
    """Return the world of those of `member_ids` that exist and were not erased."""
    members = read_ids("SELECT id FROM members_member WHERE id = ANY(%s) AND erased_at IS NULL", (list(member_ids),))
    few = list(members)
    return World(members, few, now or timezone.now(), site_zone(), (ReadPart(Scope(few), site_zone()),))


def _parts(members: BitMap) -> tuple[Part, ...]:
    last = members.max() if members else 0
    return tuple(ReadPart(Scope(low=low, high=low + PART), site_zone()) for low in range(0, last + 1, PART))
