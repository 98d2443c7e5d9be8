from datetime import timedelta

import pytest
from django.utils import timezone

from operations import jobs, running
from operations.carrier import lease_length
from operations.models import Job

MARK = "tests.operations.errands.jobs.leave_mark"
FAIL = "tests.operations.errands.jobs.leave_mark_and_fail"

pytestmark = pytest.mark.django_db


def enqueue(function=MARK, **options):
    return jobs.enqueue(function, key="a", arguments={"name": "a"}, **options)


def test_a_job_runs_once_however_often_it_is_carried(errands):
    job = enqueue()
    jobs.run(job.pk)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease_until) == (Job.State.DONE, 1, None)
    assert job.finished_at is not None
    assert errands() == {"a": 1}


def test_a_failure_leaves_no_effect_and_comes_back_later(errands):
    job = enqueue(FAIL)
    before = timezone.now()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease_until) == (Job.State.QUEUED, 1, None)
    assert job.error.endswith("ValueError: a failed\n")
    assert timedelta(seconds=14) < job.run_after - before < timedelta(seconds=20)
    assert errands() == {}


def test_a_job_that_waits_for_its_next_attempt_is_not_run_before(errands):
    job = enqueue(FAIL)
    jobs.run(job.pk)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.attempts == 1


def test_the_last_failure_makes_a_job_dead_with_its_traceback(errands):
    job = enqueue(FAIL, max_attempts=2)
    for attempt in range(4):
        running.run(job.pk, now=timezone.now() + timedelta(minutes=attempt))
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DEAD, 2)
    assert "leave_mark_and_fail" in job.error
    assert errands() == {}


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 15), (2, 60), (3, 240), (4, 960), (5, 3600), (6, 3600), (10_000, 3600)]
)
def test_the_delay_grows_up_to_an_hour(attempts, seconds):
    assert running.delay_after(attempts) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "function",
    [
        "os.system",
        "operations.audit.record",
        "tests.operations.errands.jobs.nothing",
        "tests.operations.errands.jobs._private",
        "tests.operations.errands.jobs.timezone",
        "tests.operations.errands.jobs.audit.record",
        "csp.jobs.anything",
        "leave_mark",
        "",
        "tests.operations.errands.jobs.",
    ],
)
def test_a_function_that_no_jobs_module_defines_is_never_called(errands, function):
    job = jobs.enqueue(function, key="a", arguments={})
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DEAD, 1)
    assert "UnknownFunction" in job.error


def test_a_running_job_is_left_alone_while_its_lease_lasts(errands):
    job = enqueue()
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, attempts=1, lease_until=now + lease_length())
    running.run(job.pk, now=now + lease_length() - timedelta(seconds=1))
    assert errands() == {}
    running.run(job.pk, now=now + lease_length())
    assert errands() == {"a": 1}


def test_a_worker_that_comes_back_after_its_job_was_taken_over_has_no_effect(errands, monkeypatch):
    job = enqueue()
    take = running._take

    def take_and_lose(job_id, *, now):
        taken = take(job_id, now=now)
        Job.objects.filter(pk=job_id).update(attempts=2)
        return taken

    monkeypatch.setattr(running, "_take", take_and_lose)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.RUNNING, 2)
    assert errands() == {}


def test_a_job_without_attempts_left_is_buried_not_run(errands):
    job = enqueue(max_attempts=1)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, attempts=1, lease_until=timezone.now())
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DEAD
    assert job.error.startswith("The worker was lost during attempt 1 of 1")
    assert errands() == {}


def test_a_timeout_is_noted_and_handed_on(errands, monkeypatch):
    from django_q.exceptions import TimeoutException

    job = enqueue()

    def time_out(**_arguments):
        raise TimeoutException("too long")

    monkeypatch.setattr(running, "job_function", lambda _path: time_out)
    with pytest.raises(TimeoutException):
        jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED
    assert "too long" in job.error


def test_a_job_that_is_gone_is_no_error():
    jobs.run(404)
