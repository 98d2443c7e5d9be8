"""When segments are computed whole, by the site's clocks, without storms after a rest."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from operations.models import Job
from segmentation import freshness, recomputing, scheduling
from segmentation.models import Segment, SegmentRun
from segmentation.scheduling import BadCron, Cron, Every
from tests.segmentation.people import NOW, ZONE

pytestmark = pytest.mark.django_db
STILL = {"version": 1, "combinator": "and", "rules": [{"field": "profile.region", "operator": "is_null"}]}
MOVING = {
    "version": 1,
    "combinator": "and",
    "rules": [{"field": "orders.count", "operator": ">", "value": 0, "window": {"last_days": 30}}],
}


def at(hour: int, minute: int = 0, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def segment(rule: dict = STILL, **fields) -> Segment:
    made = Segment.objects.create(slug="s", name="S", rule=rule, **fields)
    assert recomputing.recompute(made, now=NOW).state == "done"
    Job.objects.all().delete()
    return Segment.objects.get()


def scan(now: datetime) -> datetime | None:
    scheduling.scan(now=now)
    return Segment.objects.get().next_run_at


@pytest.mark.parametrize(
    ("plan", "after", "following"),
    [
        (Every(60), at(20, 30), at(21)),
        (Every(60), at(21), at(22)),
        (Every(15), at(20, 44), at(20, 45)),
        (Every(1440), at(20, 30), at(0, day=22)),
        (Cron("30 3 * * *"), at(3, 29), at(3, 30)),
        (Cron("30 3 * * *"), at(3, 30), at(3, 30, day=22)),
        (Cron("0 9 * * 1"), at(9, day=21), at(9, day=23)),
    ],
)
def test_the_next_time_is_after_the_moment(plan, after, following):
    assert plan.next_after(after) == following
    assert plan.last_before(following) == following
    assert plan.last_before(following - timedelta(seconds=1)) <= after


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("* * *", "Wrong number of fields"),
        ("0 0 30 3 * *", "Wrong number of fields"),
        ("61 3 * * *", "Bad minute"),
        ("0 24 * * *", "Bad hour"),
        ("0 3 32 * *", "Bad day-of-month"),
        ("0 3 31 2 *", "Bad day-of-month"),
        ("0 3 * 13 *", "Bad month"),
        ("0 3 * * 8", "Bad day-of-week"),
        ("0 3 * * monday", "Bad day-of-week"),
        ("* * * * *", "Too often"),
        ("0,2 3 * * *", "Too often"),
        ("\x00 3 * * *", "Bad minute"),
    ],
)
def test_a_bad_cron_is_named(expression, fault):
    with pytest.raises(BadCron, match=fault):
        scheduling.check_cron(expression, now=NOW)


@pytest.mark.parametrize("expression", ["*/5 * * * *", "30 3 * * *", "0 9 * * MON-FRI", "0 0 29 2 *", "0 3 L * *"])
def test_a_good_cron_is_taken(expression):
    scheduling.check_cron(expression, now=NOW)


def test_a_segment_that_only_facts_move_needs_no_schedule():
    segment()
    assert scan(NOW) is None


def test_what_moves_with_time_is_computed_each_full_hour():
    segment(MOVING)
    assert scan(at(20, 30)) == at(21)
    assert scan(at(20, 59)) == at(21)
    assert not Job.objects.exists()
    assert scan(at(21)) == at(22)
    assert Job.objects.get().function == "segmentation.jobs.recompute"


def test_the_same_time_asks_once():
    segment(every_minutes=30)
    scan(at(20, 30))
    Segment.objects.update(next_run_at=at(21))
    scan(at(21, 1))
    Segment.objects.update(next_run_at=at(21))
    scan(at(21, 2))
    assert Job.objects.count() == 1


def test_a_week_of_missed_times_is_made_up_for_once():
    segment(every_minutes=30)
    scan(at(20, 30, day=10))
    assert scan(at(20, 45, day=20)) == at(21, day=20)
    assert Job.objects.count() == 1


def test_a_new_schedule_sets_the_next_time_anew():
    made = segment(cron="30 3 * * *")
    assert scan(at(20)) == at(3, 30, day=22)
    made.refresh_from_db()
    made.cron = "0 22 * * *"
    made.save()
    assert Segment.objects.get().next_run_at is None
    assert scan(at(20)) == at(22)


def test_a_segment_without_a_good_version_is_tried_each_hour():
    Segment.objects.create(slug="s", name="S", rule={"version": 1, "combinator": "and", "rules": []})
    assert scan(at(20, 30)) == at(21)
    scan(at(21))
    assert Job.objects.count() == 1


def test_a_run_that_was_due_and_has_not_begun_is_late():
    segment(every_minutes=60)
    scan(NOW)
    assert list(freshness.late(now=at(21, 14))) == []
    assert [each.slug for each in freshness.late(now=at(21, 16))] == ["s"]
    SegmentRun.objects.create(segment=Segment.objects.get(), state="failed", started_at=at(21, 15))
    assert list(freshness.late(now=at(21, 16))) == []
    assert [each.slug for each in freshness.failing()] == ["s"]


def test_old_runs_are_forgotten_segment_by_segment(monkeypatch):
    monkeypatch.setattr(freshness, "KEPT_RUNS", 3)
    made = segment()
    for _number in range(5):
        recomputing.recompute(made, now=timezone.now())
    assert freshness.forget_runs() == 3
    assert made.runs.count() == 3
    assert made.runs.first().started_at > datetime(2026, 11, 21, tzinfo=UTC)
