"""Who asks whether something is due, and that one job at a time answers."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from operations import jobs, purging, supervising, webhook_due, webhook_sending
from operations.models import Job
from operations.supervising import Supervisor
from operations.webhook_sending import Sent
from tests.operations.webhook_scenes import deliver, make_event, stored_endpoint

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def due():
    """An endpoint for which something is due."""
    now = timezone.now()
    endpoint = stored_endpoint(now=now)
    deliver(endpoint, make_event(now=now), now=now)
    return endpoint


def test_each_endpoint_with_something_due_has_one_job(due):
    now = timezone.now()
    stored_endpoint(name="Quiet")
    other = stored_endpoint(name="Busy")
    deliver(other, make_event(), now=now)
    assert webhook_due.enqueue_due(now=now) == [due.pk, other.pk]
    assert webhook_due.enqueue_due(now=now + SECOND) == []
    assert [job.arguments for job in Job.objects.order_by("pk")] == [
        {"endpoint_id": due.pk},
        {"endpoint_id": other.pk},
    ]


def test_a_job_that_is_done_or_dead_is_followed_by_another(due):
    now = timezone.now()
    for number, state in enumerate(("done", "dead")):
        webhook_due.enqueue_due(now=now + number * SECOND)
        Job.objects.update(state=state)
    assert webhook_due.enqueue_due(now=now + 5 * SECOND) == [due.pk]


def test_a_job_whose_worker_was_killed_is_not_waited_for(due):
    now = timezone.now()
    webhook_due.enqueue_due(now=now)
    Job.objects.update(state="running", started_at=now)
    assert webhook_due.enqueue_due(now=now + webhook_due.AT_WORK - SECOND) == []
    assert webhook_due.enqueue_due(now=now + webhook_due.AT_WORK) == [due.pk]


def test_a_job_that_failed_and_waits_for_long_is_not_waited_for(due):
    now = timezone.now()
    webhook_due.enqueue_due(now=now)
    Job.objects.update(run_after=now + webhook_due.SOON)
    assert webhook_due.enqueue_due(now=now) == []
    Job.objects.update(run_after=now + webhook_due.SOON + SECOND)
    assert webhook_due.enqueue_due(now=now) == [due.pk]


@pytest.mark.django_db(transaction=True)
def test_a_pump_that_fails_is_dead_at_once_and_followed_after_a_pause_that_grows(due, monkeypatch, time_machine):
    def broken(*_given, **_named):
        raise ZeroDivisionError

    monkeypatch.setattr(webhook_sending.webhook_claims, "take_due", broken)
    began = timezone.now()
    time_machine.move_to(began, tick=False)
    failed_at = []
    for _second in range(120):
        for _endpoint in webhook_due.enqueue_due(now=timezone.now()):
            jobs.run(Job.objects.latest("pk").pk)
            failed_at.append((timezone.now() - began).seconds)
        time_machine.shift(1)
    assert failed_at == [0, 1, 2, 3, 5, 8, 12, 18, 27, 41, 62, 93]
    assert set(Job.objects.values_list("state", flat=True)) == {"dead"}
    assert "ZeroDivisionError" in Job.objects.latest("pk").error
    monkeypatch.undo()
    due.refresh_from_db()
    assert (due.failing_since, due.state) == (began, "on")


def test_nothing_is_asked_for_where_only_the_head_of_a_line_waits_for_its_next_try(due):
    now = timezone.now()
    due.deliveries.update(due_at=now + 60 * SECOND)
    deliver(due, make_event(), now=now)
    assert webhook_due.enqueue_due(now=now) == []
    assert webhook_due.enqueue_due(now=now + 60 * SECOND) == [due.pk]


def test_a_pump_that_ran_out_of_time_is_followed_by_the_next(due, monkeypatch):
    told = iter([Sent(5, 0, more=True), Sent(5, 0, more=False)])
    monkeypatch.setattr(jobs, "apart", lambda *_given, **_named: next(told))
    jobs.send_webhooks(due.pk)
    assert Job.objects.count() == 1
    jobs.send_webhooks(due.pk)
    assert Job.objects.count() == 1


def test_a_pump_takes_no_new_work_for_a_third_of_a_workers_time(settings):
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"timeout": 60}
    assert webhook_sending.seconds_of_a_job() == 20


def test_the_supervisor_asks_each_time_it_looks(due):
    Supervisor(["true"]).ask_for_webhooks(now=timezone.now())
    assert Job.objects.get().function == webhook_due.JOB


def test_a_database_that_is_away_does_not_end_the_watch(monkeypatch):
    def away(**_named):
        raise OperationalError("away")

    monkeypatch.setattr(webhook_due, "enqueue_due", away)
    monkeypatch.setattr(supervising.connection, "close", lambda: None)
    Supervisor(["true"]).ask_for_webhooks(now=timezone.now())


def test_jobs_that_are_dead_are_forgotten_within_a_day(due):
    now = timezone.now()
    webhook_due.enqueue_due(now=now)
    Job.objects.update(state="dead", finished_at=now)
    purging.purge(now=now + purging.KEEP_UNSENT)
    assert Job.objects.exists()
    purging.purge(now=now + purging.KEEP_UNSENT + SECOND)
    assert not Job.objects.exists()


def test_jobs_that_are_done_are_forgotten_within_hours(due):
    now = timezone.now()
    webhook_due.enqueue_due(now=now)
    Job.objects.update(state="done", finished_at=now)
    purging.purge(now=now + purging.KEEP_SENDING)
    assert Job.objects.exists()
    purging.purge(now=now + purging.KEEP_SENDING + SECOND)
    assert not Job.objects.exists()
