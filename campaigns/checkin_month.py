"""The month of a check-in as a calendar: which days the member checked in on, which they made up, which they may."""

import calendar
from collections.abc import Set
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Day:
    """`column` counts from Monday, 1 to 7."""

    number: int
    column: int
    checked: bool
    today: bool
    ahead: bool
    made_up: bool = False
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    days: tuple[Day, ...]

    @property
    def weeks(self) -> tuple[tuple[Day | None, ...], ...]:
        """Rows of seven from Monday on; None stands for a day of another month."""
        before = (None,) * (self.days[0].column - 1)
        cells = (*before, *self.days)
        cells = (*cells, *(None,) * (-len(cells) % 7))
        return tuple(cells[start : start + 7] for start in range(0, len(cells), 7))

    @property
    def checked(self) -> int:
        return sum(day.checked for day in self.days)


def month_of(
    today: date, checked_in: Set[date], *, made_up: Set[date] = frozenset(), missed: Set[date] = frozenset()
) -> Month:
    """Return the month that `today` lies in. `made_up` are days among those done, `missed` those that can be. Pure."""
    first = today.replace(day=1)
    column, length = calendar.monthrange(today.year, today.month)
    dates = [first.replace(day=number) for number in range(1, length + 1)]
    return Month(
        first=first,
        days=tuple(
            Day(
                number=each.day,
                column=(column + each.day - 1) % 7 + 1,
                checked=each in checked_in,
                today=each == today,
                ahead=each > today,
                made_up=each in made_up,
                missed=each in missed,
            )
            for each in dates
        ),
    )
