"""Places in quotas: nobody holds one for what was not done, and each is of the day for which it is decided."""

import pytest
from django.db import transaction

from campaigns import moving_tasks, playing
from campaigns.entering import enter
from campaigns.models import Completion, TaskQuota
from members.event_rows import EventRow
from members.ingest_events import ingest_events
from tests.campaigns.scenes import DAY, NOW, chain, make_member, publish, task
from tests.campaigns.story import run_jobs

pytestmark = pytest.mark.django_db

QUOTAS = [{"quota": 10}, {"quota": 1, "per": "day"}]


@pytest.fixture(autouse=True)
def _at_now(time_machine):
    time_machine.move_to(NOW, tick=False)


def share(member, now=NOW):
    return playing.submit(member, "autumn", "share", {}, now=now)


def taken():
    return dict(TaskQuota.objects.values_list("period", "taken"))


def test_who_comes_too_late_for_the_last_place_of_the_day_holds_none_of_all():
    publish(tasks=[task("share", "share", config={"count": 1}, quotas=QUOTAS)])
    ann, ben = make_member("ann"), make_member("ben")
    playing.enrol(ben, "autumn", now=NOW)
    ingest_events([EventRow("e", "ben", "share", NOW)], now=NOW)
    with transaction.atomic():
        play = enter(ben, "autumn", now=NOW)
        share(ann)
        moving_tasks.observe_open(play)

    assert Completion.objects.get().enrolment.member == ann
    assert set(taken().values()) == {1}


def test_a_step_stays_done_where_the_next_one_has_no_place_left(monkeypatch):
    tasks = [task("one"), task("share", "share", config={"count": 1}, quotas=QUOTAS)]
    publish(tasks=tasks, chains=[chain("way", "one", "share")])
    ann, ben = make_member("ann"), make_member("ben")
    for member in (ann, ben):
        playing.enrol(member, "autumn", now=NOW)
        ingest_events([EventRow(member.uid, member.uid, "share", NOW)], now=NOW)
    # As it was when they began: the place that ann takes was free.
    monkeypatch.setattr("campaigns.eligibility.Asked.is_full", lambda *_: False)

    moved = [playing.submit(member, "autumn", "one", {}, now=NOW) for member in (ann, ben)]

    assert [each.completed for each in moved] == [True, True]
    done = Completion.objects.values_list("enrolment__member__uid", "task_key")
    assert sorted(done) == [("ann", "one"), ("ann", "share"), ("ben", "one")]
    assert set(taken().values()) == {1}


def test_what_was_done_yesterday_takes_a_place_of_yesterday():
    favourite = {"type": "favourite", "count": 1}
    publish(tasks=[task("like", "event", config=favourite, period="daily", quotas=[{"quota": 1, "per": "day"}])])
    ann, ben = make_member("ann"), make_member("ben")
    for member in (ann, ben):
        playing.enrol(member, "autumn", now=NOW - DAY)
    ingest_events([EventRow("a", "ann", "favourite", NOW)], now=NOW)
    run_jobs()
    ingest_events([EventRow("b", "ben", "favourite", NOW - DAY)], now=NOW)
    run_jobs()

    assert sorted(Completion.objects.values_list("enrolment__member__uid", "period")) == [
        ("ann", "2026-11-11"),
        ("ben", "2026-11-10"),
    ]
    assert taken() == {"2026-11-11": 1, "2026-11-10": 1}
