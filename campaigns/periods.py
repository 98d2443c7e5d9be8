"""The key of the period a moment falls in: computed on the server, in the campaign's time zone, once. Pure."""

from datetime import datetime, time, timedelta, tzinfo

ONCE = "once"
DAILY = "daily"


def period_key(period: str, now: datetime, zone: tzinfo) -> str:
    """ "once", or what `zone` calls the day "2026-11-21", the week "2026-W47" or the month "2026-11"."""
    today = now.astimezone(zone).date()
    match period:
        case "once":
            return ONCE
        case "daily" | "day":
            return today.isoformat()
        case "week":
            return f"{today.isocalendar().year}-W{today.isocalendar().week:02}"
        case "month":
            return f"{today:%Y-%m}"
        case _:
            raise ValueError(f"no period is called {period}")


def window(period: str, now: datetime, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """From when to when the period lasts; None for one without borders. A day ends at the next midnight of `zone`."""
    if period == ONCE:
        return None
    today = now.astimezone(zone).date()
    tomorrow = today + timedelta(days=1)
    return datetime.combine(today, time.min, zone), datetime.combine(tomorrow, time.min, zone)
