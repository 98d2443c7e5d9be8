"""Moments and days as numbers, as the columns of facts keep them. Pure.

A moment is microseconds since 2000-01-01 UTC, which is how PostgreSQL sends it; a day is days since 2000-01-01.
"""

from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

import numpy

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def moment(when: datetime) -> int:
    return (when - EPOCH) // timedelta(microseconds=1)


def day(when: date) -> int:
    return (when - EPOCH.date()).days


def date_of(number: int) -> date:
    return EPOCH.date() + timedelta(days=number)


def midnight(when: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which the day starts in the zone."""
    return datetime.combine(when, time_of_day.min, zone)


def days(moments: numpy.ndarray, zone: ZoneInfo) -> numpy.ndarray:
    """Return the calendar day of each moment on the clocks of the zone, whatever its summer times."""
    if not moments.size:
        return moments
    first, last = (
        (EPOCH + timedelta(microseconds=int(each))).astimezone(zone).date() for each in (moments.min(), moments.max())
    )
    midnights = numpy.array([moment(midnight(date_of(n), zone)) for n in range(day(first), day(last) + 1)])
    return day(first) + numpy.searchsorted(midnights, moments, side="right") - 1


def when(number: int) -> datetime:
    return EPOCH + timedelta(microseconds=number)
