"""What runs by the clock. Schedules are written in code; their rows in django-q2's table follow at each migrate."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_q.models import Schedule

from operations import jobs

FIRE = "operations.schedules.fire"
SWEEP = "operations.jobs.sweep_now"


@dataclass(frozen=True)
class Planned:
    """One schedule: every `minutes`, or each day at `daily_at` in the site's time zone."""

    name: str
    function: str
    minutes: int | None
    daily_at: time | None


_planned: dict[str, Planned] = {}


def register(name: str, function: str, *, minutes: int | None = None, daily_at: time | None = None) -> None:
    """Plan `function`, a job, every `minutes` or each day at `daily_at`. Apps call this in `AppConfig.ready()`."""
    if (minutes is None) == (daily_at is None):
        raise ValueError(f"schedule {name!r} needs either minutes or daily_at")
    planned = Planned(name, function, minutes, daily_at)
    if _planned.get(name, planned) != planned:
        raise ValueError(f"there is already a schedule {name!r}")
    _planned[name] = planned


def fire(name: str, *, intended: str) -> None:
    """Enqueue the job of schedule `name`. Fired twice for one intended time, it is still one job."""
    planned = _planned.get(name)
    if planned is None:
        return
    with transaction.atomic():
        jobs.enqueue(planned.function, key=f"schedule:{name}:{intended}")


@transaction.atomic
def synchronise(*, now: datetime) -> None:
    """Make django-q2's schedules what the code says: missing ones created, changed ones replaced, others removed."""
    Schedule.objects.exclude(name__in=["sweep", *_planned]).delete()
    _keep("sweep", {"func": SWEEP, "schedule_type": Schedule.MINUTES, "minutes": 1}, next_run=now)
    for planned in _planned.values():
        fired = {"func": FIRE, "args": repr((planned.name,)), "intended_date_kwarg": "intended"}
        if planned.daily_at is None:
            fields = {**fired, "schedule_type": Schedule.MINUTES, "minutes": planned.minutes}
            _keep(planned.name, fields, next_run=now)
        else:
            next_run = next_at(planned.daily_at, now=now)
            fields = {**fired, "schedule_type": Schedule.DAILY, "next_run__time": timezone.localtime(next_run).time()}
            _keep(planned.name, fields, next_run=next_run)


def next_at(moment: time, *, now: datetime) -> datetime:
    """Return the next time after `now` at which the site's clocks show `moment`."""
    local = timezone.localtime(now)
    today = local.replace(hour=moment.hour, minute=moment.minute, second=0, microsecond=0)
    return today if today > local else today + timedelta(days=1)


def _keep(name: str, fields: dict[str, Any], *, next_run: datetime) -> None:
    """Leave the one row that has these fields alone, with the time it has come to; else write it anew."""
    if Schedule.objects.filter(name=name, **fields).count() == 1:
        return
    Schedule.objects.filter(name=name).delete()
    columns = {column: value for column, value in fields.items() if "__" not in column}
    Schedule.objects.create(name=name, next_run=next_run, **columns)
