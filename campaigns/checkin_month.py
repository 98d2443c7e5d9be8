"""The month of a check-in as a calendar: which days the member checked in on."""

import calendar
from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from campaigns.models import Completion


@dataclass(frozen=True, slots=True)
class Day:
    """`column` counts from Monday, 1 to 7; only the first day of the month needs it."""

    number: int
    column: int
    checked: bool
    today: bool
    ahead: bool


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    days: tuple[Day, ...]

    @property
    def checked(self) -> int:
        return sum(day.checked for day in self.days)


def month_of(today: date, checked_in: Set[date]) -> Month:
    """Return the month that `today` lies in. Pure."""
    first = today.replace(day=1)
    column, length = calendar.monthrange(today.year, today.month)
    dates = [first.replace(day=number) for number in range(1, length + 1)]
    return Month(
        first=first,
        days=tuple(
            Day(each.day, (column + each.day - 1) % 7 + 1, each in checked_in, each == today, each > today)
            for each in dates
        ),
    )


def days_checked_in(member_id: int, slug: str, task_key: str, today: date, zone: tzinfo) -> set[date]:
    """Return the days of today's month, in `zone`, on which the task was done. One query."""
    done = Completion.objects.filter(
        enrolment__member_id=member_id,
        enrolment__campaign__slug=slug,
        task_key=task_key,
        completed_at__gte=datetime.combine(today.replace(day=1), time.min, zone),
        completed_at__lt=datetime.combine((today.replace(day=1) + timedelta(days=31)).replace(day=1), time.min, zone),
    )
    return {at.astimezone(zone).date() for at in done.values_list("completed_at", flat=True)}
