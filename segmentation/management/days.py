"""Days as commands are given them."""

from datetime import date

from django.core.management.base import CommandError

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)


def read_day(text: str | None) -> date | None:
    """Return the day given as --at, or None without one."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--at: {text} is not a day such as 2026-01-31") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise CommandError(f"--at: {text} is not between {FIRST_DAY} and {LAST_DAY}")
    return day
