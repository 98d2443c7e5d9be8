"""Real workers, killed at random while they work, with their queue emptied under them: every effect happens once."""

import random
import time
from contextlib import suppress
from datetime import timedelta

import psutil
import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from operations import jobs
from operations.models import AuditRecord, Job
from tests.workers import family_of, is_alive, wait_until

MARK = "tests.operations.errands.jobs.leave_mark"
JOBS = 60
KILLS = 8
HANG = timedelta(seconds=15)

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def enqueue_all(*, seconds):
    with transaction.atomic():
        for number in range(JOBS):
            arguments = {"name": f"job {number}", "seconds": seconds}
            jobs.enqueue(MARK, key=f"{number}", arguments=arguments, max_attempts=100)


def done():
    return Job.objects.filter(state=Job.State.DONE).count()


def is_working(*, since):
    return Job.objects.filter(started_at__gt=since).exists()


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
    enqueue_all(seconds=0.2)
    supervisor = worker_processes()
    kills, struck_at, deadline = 0, timezone.now(), time.monotonic() + 150
    while done() < JOBS:
        assert time.monotonic() < deadline, f"{done()} of {JOBS} jobs were done after {kills} kills"
        family, now = family_of(supervisor), timezone.now()
        if kills < KILLS and family and is_working(since=struck_at):
            # Every other kill strikes the head, and with it the whole cluster in the middle of its jobs.
            kill(family[0] if kills % 2 else chance.choice(family))
            OrmQ.objects.all().delete()
            kills, struck_at = kills + 1, now
        elif family and now - struck_at > HANG and not is_working(since=now - HANG):
            # A worker that was killed while idle has hung the cluster; the supervisor would wait for minutes.
            kill(family[0])
            struck_at = now
        jobs.sweep(now=now)
        time.sleep(0.1)
    assert kills == KILLS
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
