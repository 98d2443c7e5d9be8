"""Real workers, killed at random while they work, with their queue emptied under them: every effect happens once."""

import random
import time
from contextlib import suppress

import psutil
import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from operations import jobs
from operations.models import AuditRecord, Job
from tests.operations.conftest import family_of, is_alive, wait_until

MARK = "tests.operations.errands.jobs.leave_mark"
JOBS = 60

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def enqueue_all(*, seconds):
    with transaction.atomic():
        for number in range(JOBS):
            arguments = {"name": f"job {number}", "seconds": seconds}
            jobs.enqueue(MARK, key=f"{number}", arguments=arguments, max_attempts=100)


def done():
    return Job.objects.filter(state=Job.State.DONE).count()


def marks():
    return sorted(AuditRecord.objects.filter(action="errand.done").values_list("target_name", flat=True))


def kill(process):
    with suppress(psutil.NoSuchProcess):
        process.kill()


def test_workers_run_what_was_enqueued(worker_processes):
    enqueue_all(seconds=0)
    worker_processes()
    wait_until(lambda: done() == JOBS, seconds=90)
    assert marks() == sorted(f"job {number}" for number in range(JOBS))


def test_every_effect_happens_once_though_workers_are_killed_and_the_queue_is_emptied(worker_processes):
    chance = random.Random(20261121)
    enqueue_all(seconds=0.1)
    supervisor = worker_processes()
    wait_until(lambda: done() > 0, seconds=60)
    kills = 0
    deadline = time.monotonic() + 120
    while done() < JOBS:
        assert time.monotonic() < deadline, f"{done()} of {JOBS} jobs were done after {kills} kills"
        if kills < 12 and (family := family_of(supervisor)):
            # Every fourth kill strikes the head, and with it the whole cluster.
            kill(family[0] if kills % 4 == 3 else chance.choice(family[1:] or family))
            kills += 1
        elif kills == 12:
            # A worker that was killed while idle may have hung the cluster; the supervisor would wait for minutes.
            for each in family_of(supervisor)[:1]:
                kill(each)
            kills += 1
        OrmQ.objects.all().delete()
        jobs.sweep(now=timezone.now())
        time.sleep(chance.uniform(0.3, 1.5))
    assert kills >= 8
    assert marks() == sorted(f"job {number}" for number in range(JOBS))
    assert Job.objects.filter(attempts__gt=1).exists()


def test_no_worker_outlives_a_supervisor_that_is_killed(worker_processes):
    enqueue_all(seconds=0)
    supervisor = worker_processes()
    wait_until(lambda: done() > 0, seconds=60)
    family = family_of(supervisor)
    assert len(family) >= 6
    supervisor.kill()
    wait_until(lambda: not any(is_alive(each) for each in family), seconds=10)


def test_sigterm_stops_the_supervisor_and_every_worker(worker_processes):
    enqueue_all(seconds=0)
    supervisor = worker_processes()
    wait_until(lambda: done() > 0, seconds=60)
    family = family_of(supervisor)
    supervisor.terminate()
    assert supervisor.wait(30) == 0
    assert not any(is_alive(each) for each in family)
