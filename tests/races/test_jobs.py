"""Jobs met by many carriers, sweeps and callers at once."""

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from operations import jobs
from operations.models import Job
from tests.operations.conftest import errands  # noqa: F401 - a fixture
from tests.races.together import at_once

MARK = "tests.operations.errands.jobs.leave_mark"

pytestmark = pytest.mark.django_db(transaction=True)


def enqueue(key, **arguments):
    with transaction.atomic():
        return jobs.enqueue(MARK, key=key, arguments={"name": key, **arguments})


def test_a_job_that_twelve_carriers_run_at_once_has_one_effect(errands):  # noqa: F811
    job = enqueue("a", seconds=0.2)
    assert at_once(12, lambda _number: jobs.run(job.pk)) == [None] * 12
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 1)
    assert errands() == {"a": 1}


def test_a_job_whose_lease_ended_is_taken_over_by_one_of_twelve(errands):  # noqa: F811
    job = enqueue("a", seconds=0.2)
    Job.objects.update(state=Job.State.RUNNING, attempts=1, lease_until=timezone.now())
    assert at_once(12, lambda _number: jobs.run(job.pk)) == [None] * 12
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 2)
    assert errands() == {"a": 1}


def test_thirty_callers_with_one_key_make_one_job_and_one_carrier():
    made = at_once(30, lambda _number: enqueue("a").pk)
    assert len(set(made)) == 1
    assert Job.objects.count() == OrmQ.objects.count() == 1


def test_sweeps_that_meet_carry_each_job_once():
    for number in range(20):
        enqueue(f"{number}")
    OrmQ.objects.all().delete()
    carried = at_once(6, lambda _number: jobs.sweep(now=timezone.now()))
    assert sum(carried) == 20
    assert OrmQ.objects.count() == 20


def test_a_dead_job_that_many_replay_is_queued_once():
    job = enqueue("a")
    Job.objects.update(state=Job.State.DEAD)
    OrmQ.objects.all().delete()
    replays = at_once(10, lambda _number: jobs.replay(job, by=None, now=timezone.now()))
    assert sum(isinstance(replay, Job) for replay in replays) == 1
    assert sum(isinstance(replay, jobs.NotDead) for replay in replays) == 9
    assert OrmQ.objects.count() == 1
