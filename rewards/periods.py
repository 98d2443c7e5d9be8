"""The days and hours in which quotas and budgets count: those of the site's time zone. Pure."""

from datetime import date, datetime

from django.utils import timezone


def day_of(now: datetime) -> date:
    """Return the site's day."""
    return timezone.localdate(now, timezone.get_default_timezone())


def hour_of(now: datetime) -> str:
    """Return the key of the site's hour, "2026-11-21T09+0800": an hour that a clock change repeats has two."""
    return timezone.localtime(now, timezone.get_default_timezone()).strftime("%Y-%m-%dT%H%z")
