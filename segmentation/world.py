"""The members among whom a rule is asked: everyone, or the few that changed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from pyroaring import BitMap

from segmentation.columns import read_ids
from segmentation.facts import clock
from segmentation.facts.parts import Part
from segmentation.facts.reading import Scope

# Members whose facts are read at once.
PART = 1 << 17


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

    @property
    def today(self) -> date:
        """The calendar day of `now` in the site's time zone."""
        return self.now.astimezone(self.zone).date()

    def narrowed(self, member_ids: Iterable[int]) -> "World":
        """Return the world of those of `member_ids` that are in this one, at the same moment."""
        members = self.members & BitMap(member_ids)
        few = list(members)
        return replace(self, members=members, only=few, parts=(Part(Scope(few), self.zone),))

    def midnight(self, day: date) -> datetime:
        """The moment at which `day` starts in the site's time zone."""
        return clock.midnight(day, self.zone)

    def days_before(self, days: int) -> datetime:
        """`days` × 24 hours before now. Reckoned in UTC: on the clocks of a zone some days are shorter or longer."""
        return self.now.astimezone(UTC) - timedelta(days=days)


def site_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def everyone(*, now: datetime | None = None) -> World:
    """Return the world of all members. Those who were erased are nobody's audience."""
    members = read_ids("SELECT id FROM members_member WHERE erased_at IS NULL", ())
    return World(members, None, now or timezone.now(), site_zone(), _parts(members))


def only(member_ids: Iterable[int], *, now: datetime | None = None) -> World:
    """Return the world of those of `member_ids` that exist and were not erased."""
    members = read_ids("SELECT id FROM members_member WHERE id = ANY(%s) AND erased_at IS NULL", (list(member_ids),))
    few = list(members)
    return World(members, few, now or timezone.now(), site_zone(), (Part(Scope(few), site_zone()),))


def _parts(members: BitMap) -> tuple[Part, ...]:
    last = members.max() if members else 0
    return tuple(Part(Scope(low=low, high=low + PART), site_zone()) for low in range(0, last + 1, PART))
