from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from operations import jobs, schedules
from operations.models import Heartbeat, Job
from tests.operations.conftest import NOON

MARK = "tests.operations.errands.jobs.leave_mark"

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(monkeypatch):
    monkeypatch.setattr(schedules, "_planned", {})
    return schedules.register


def rows():
    return set(Schedule.objects.values_list("name", "schedule_type", "minutes"))


def test_migrating_plans_what_the_code_says():
    Schedule.objects.all().delete()
    Schedule.objects.create(name="by hand", func="os.system")
    call_command("migrate", verbosity=0)
    names = {name for name, _kind, _minutes in rows()}
    assert {"sweep", "heartbeat", "check-books", "purge"} <= names
    assert "by hand" not in names


def test_a_schedule_is_created_changed_and_removed_with_the_code(plan, monkeypatch):
    plan("hourly", MARK, minutes=60)
    plan("nightly", MARK, daily_at=time(3, 30))
    schedules.synchronise(now=NOON)
    assert rows() == {("sweep", "I", 1), ("hourly", "I", 60), ("nightly", "D", None)}
    monkeypatch.setattr(schedules, "_planned", {})
    plan("hourly", MARK, minutes=30)
    schedules.synchronise(now=NOON)
    assert rows() == {("sweep", "I", 1), ("hourly", "I", 30)}


def test_synchronising_again_leaves_each_schedule_at_the_time_it_has_come_to(plan):
    plan("hourly", MARK, minutes=60)
    plan("nightly", MARK, daily_at=time(3, 30))
    schedules.synchronise(now=NOON)
    before = set(Schedule.objects.values_list("pk", "next_run"))
    schedules.synchronise(now=NOON + timedelta(days=3))
    assert set(Schedule.objects.values_list("pk", "next_run")) == before


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 11, 21, 19, 29, tzinfo=UTC), datetime(2026, 11, 21, 19, 30, tzinfo=UTC)),
        (datetime(2026, 11, 21, 19, 30, tzinfo=UTC), datetime(2026, 11, 22, 19, 30, tzinfo=UTC)),
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), datetime(2026, 11, 21, 19, 30, tzinfo=UTC)),
    ],
)
def test_a_time_of_day_is_the_sites(settings, now, expected):
    settings.TIME_ZONE = "Asia/Shanghai"
    assert schedules.next_at(time(3, 30), now=now) == expected


def test_one_intended_time_is_one_job_however_often_it_fires(plan):
    plan("hourly", MARK, minutes=60)
    for intended in ("12:00", "12:00", "13:00"):
        schedules.fire("hourly", intended=intended)
    assert list(Job.objects.order_by("id").values_list("key", flat=True)) == [
        "schedule:hourly:12:00",
        "schedule:hourly:13:00",
    ]


def test_a_schedule_that_is_gone_fires_nothing(plan):
    schedules.fire("hourly", intended="12:00")
    assert not Job.objects.exists()


@pytest.mark.parametrize("rhythm", [{}, {"minutes": 5, "daily_at": time(3)}])
def test_a_schedule_needs_one_rhythm(plan, rhythm):
    with pytest.raises(ValueError, match="either minutes or daily_at"):
        plan("hourly", MARK, **rhythm)


def test_two_schedules_of_one_name_are_refused(plan):
    plan("hourly", MARK, minutes=60)
    with pytest.raises(ValueError, match="already"):
        plan("hourly", MARK, minutes=30)


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_goes_the_whole_way_from_the_schedule_to_the_row():
    from django_q.scheduler import scheduler

    before = timezone.now()
    Schedule.objects.exclude(name="heartbeat").delete()
    scheduler()
    fired = OrmQ.objects.get().task
    assert fired["func"] == "operations.schedules.fire"
    schedules.fire(*fired["args"], **fired["kwargs"])
    job = Job.objects.get()
    assert OrmQ.objects.filter(pk=job.carrier).exists()
    jobs.run(job.pk)
    assert Heartbeat.objects.get(name="workers").beat_at >= before
