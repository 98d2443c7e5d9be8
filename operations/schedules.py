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
    """Make django-q2's schedules what the code says: missing ones created, changed ones updated, others removed."""
    kept = ["sweep", *_planned]
    Schedule.objects.exclude(name__in=kept).delete()
    _write("sweep", {"func": SWEEP, "args": None, "intended_date_kwarg": None, **_rhythm(1)}, next_run=now)
    for planned in _planned.values():
        fields = {"func": FIRE, "args": repr((planned.name,)), "intended_date_kwarg": "intended"}
        if planned.minutes is not None:
            _write(planned.name, {**fields, **_rhythm(planned.minutes)}, next_run=now)
        elif planned.daily_at is not None:
            fields |= {"schedule_type": Schedule.DAILY, "minutes": None}
            _write(planned.name, fields, next_run=next_at(planned.daily_at, now=now))


def next_at(moment: time, *, now: datetime) -> datetime:
    """Return the next time after `now` at which the site's clocks show `moment`."""
    local = timezone.localtime(now)
    today = local.replace(hour=moment.hour, minute=moment.minute, second=0, microsecond=0)
    return today if today > local else today + timedelta(days=1)


def _rhythm(minutes: int) -> dict[str, Any]:
    return {"schedule_type": Schedule.MINUTES, "minutes": minutes}


def _write(name: str, fields: dict[str, Any], *, next_run: datetime) -> None:
    rows = Schedule.objects.filter(name=name)
    same_time = (
        {} if "minutes" in fields and fields["minutes"] else {"next_run__time": timezone.localtime(next_run).time()}
    )
    if rows.filter(**{k: v for k, v in fields.items() if v is not None}, **same_time).count() == 1:
        return
    rows.delete()
    Schedule.objects.create(name=name, next_run=next_run, **fields)
