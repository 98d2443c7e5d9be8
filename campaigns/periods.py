"""The key of the period a moment falls in: computed on the server, in the campaign's time zone, once. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo

ONCE = "once"
DAILY = "daily"
TIMES = "times"

# What rewards and quotas call the periods of tasks.
_DAYS = {DAILY, "day"}
_WEEKS = {"weekly", "week"}
_MONTHS = {"monthly", "month"}
_ENDLESS = {ONCE, "all"}


def period_key(period: str, now: datetime, zone: tzinfo) -> str:
    """ "once", or what `zone` calls the day "2026-11-21", the week "2026-W47" or the month "2026-11".

    A task that may be done several times has no key by the clock: `times_key`.
    """
    today = now.astimezone(zone).date()
    if period in _DAYS:
        return today.isoformat()
    if period in _WEEKS:
        return f"{today.isocalendar().year}-W{today.isocalendar().week:02}"
    if period in _MONTHS:
        return f"{today:%Y-%m}"
    if period in _ENDLESS:
        return ONCE
    raise ValueError(f"no period is called {period}")


def times_key(number: int) -> str:
    """The key of a time of a task that may be done several times; the first is 1."""
    return f"#{number}"


def number_of(key: str) -> int:
    """Which time a key of `times_key` is; 0 for any other."""
    return int(key[1:]) if key.startswith("#") else 0


def earlier_times(key: str) -> int:
    """How many times came before the one of this key, of a task that may be done several times; 0 of any other."""
    return max(0, number_of(key) - 1)


def keys_at(now: datetime, zones: Iterable[tzinfo]) -> list[str]:
    """Every key that a period may have now, in any of the zones."""
    kinds = (ONCE, DAILY, "weekly", "monthly")
    return list(dict.fromkeys(period_key(kind, now, zone) for zone in zones for kind in kinds))


def window(period: str, now: datetime, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """From when to when the period lasts, excluding its end; None for one without borders.

    A day begins with its first moment in `zone`, which is not midnight where the clock skips that.
    """
    today = now.astimezone(zone).date()
    if period in _DAYS:
        return _begin(today, zone), _begin(today + timedelta(days=1), zone)
    if period in _WEEKS:
        monday = today - timedelta(days=today.weekday())
        return _begin(monday, zone), _begin(monday + timedelta(days=7), zone)
    if period in _MONTHS:
        first = today.replace(day=1)
        return _begin(first, zone), _begin((first + timedelta(days=31)).replace(day=1), zone)
    return None


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, zone)
