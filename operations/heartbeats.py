"""Signs of life of what runs in the background."""

from datetime import datetime, timedelta

from operations.models import Heartbeat

WORKERS = "workers"


def beat(name: str, *, now: datetime) -> None:
    """Write down that `name` was alive at `now`."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": now})


def age(name: str, *, now: datetime) -> timedelta | None:
    """Return how long ago `name` last beat, or None if it never did."""
    beat_at = Heartbeat.objects.filter(name=name).values_list("beat_at", flat=True).first()
    return None if beat_at is None else now - beat_at
