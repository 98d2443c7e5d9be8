"""The members among whom a rule is asked: everyone, or the few that changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from pyroaring import BitMap

from segmentation.columns import read_ids


@dataclass(frozen=True)
class World:
    """`members` bounds every answer. `only` is None for everyone, else the ids to which queries are restricted."""

    members: BitMap
    only: list[int] | None
    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The calendar day of `now` in the site's time zone."""
        return self.now.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """The moment at which `day` starts in the site's time zone."""
        return datetime.combine(day, time_of_day.min, self.zone)

    def days_before(self, days: int) -> datetime:
        """`days` × 24 hours before now."""
        return self.now - timedelta(days=days)


def site_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def everyone(*, now: datetime | None = None) -> World:
    """Return the world of all members. Those who were erased are nobody's audience."""
    members = read_ids("SELECT id FROM members_member WHERE erased_at IS NULL", ())
    return World(members, None, now or timezone.now(), site_zone())


def only(member_ids: Iterable[int], *, now: datetime | None = None) -> World:
    """Return the world of those of `member_ids` that exist and were not erased."""
    members = read_ids("SELECT id FROM members_member WHERE id = ANY(%s) AND erased_at IS NULL", (list(member_ids),))
    return World(members, list(members), now or timezone.now(), site_zone())
