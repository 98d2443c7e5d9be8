from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from operations import jobs, purging
from operations.carrier import lease_length
from operations.idempotency import FORMS
from operations.models import AuditRecord, IdempotencyKey, Job

MARK = "tests.operations.errands.jobs.leave_mark"

pytestmark = pytest.mark.django_db


def enqueue(key="a", **options):
    return jobs.enqueue(MARK, key=key, arguments={"name": key}, **options)


def test_deleting_the_whole_queue_loses_nothing(carriers):
    for number in range(5):
        enqueue(f"{number}")
    OrmQ.objects.all().delete()
    assert jobs.sweep(now=timezone.now()) == 5
    assert carriers() == 5


def test_a_job_that_waits_in_the_queue_is_not_carried_twice(carriers):
    enqueue()
    assert jobs.sweep(now=timezone.now() + timedelta(hours=1)) == 0
    assert carriers() == 1


def test_a_job_just_handed_to_a_cluster_is_left_to_it(settings):
    enqueue()
    now = timezone.now()
    OrmQ.objects.update(lock=now + timedelta(seconds=settings.Q_CLUSTER["retry"]))
    assert jobs.sweep(now=now) == 0
    assert jobs.sweep(now=now + lease_length()) == 0


def test_a_job_handed_to_a_cluster_that_died_is_carried_anew(settings, carriers):
    enqueue()
    now = timezone.now()
    OrmQ.objects.update(lock=now + timedelta(seconds=settings.Q_CLUSTER["retry"]))
    assert jobs.sweep(now=now + lease_length() + timedelta(seconds=1)) == 1
    assert carriers() == 1


def test_a_job_whose_worker_was_lost_is_carried_anew(errands):
    job = enqueue()
    now = timezone.now()
    OrmQ.objects.all().delete()
    Job.objects.update(state=Job.State.RUNNING, attempts=1, lease_until=now)
    assert jobs.sweep(now=now - timedelta(seconds=1)) == 0
    assert jobs.sweep(now=now) == 1
    jobs.run(job.pk)
    assert errands() == {"a": 1}


def test_a_job_whose_worker_was_lost_once_too_often_is_buried():
    job = enqueue(max_attempts=3)
    now = timezone.now()
    OrmQ.objects.all().delete()
    Job.objects.update(state=Job.State.RUNNING, attempts=3, lease_until=now)
    assert jobs.sweep(now=now) == 0
    job.refresh_from_db()
    assert job.state == Job.State.DEAD


def test_finished_jobs_are_left_alone():
    enqueue()
    OrmQ.objects.all().delete()
    for state in (Job.State.DONE, Job.State.DEAD):
        Job.objects.update(state=state)
        assert jobs.sweep(now=timezone.now() + timedelta(days=1)) == 0


def test_a_dead_job_can_be_replayed_and_that_is_recorded(errands, olga):
    job = enqueue()
    Job.objects.update(state=Job.State.DEAD, attempts=5)
    jobs.replay(job, by=olga, now=timezone.now())
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 1)
    assert errands() == {"a": 1}
    assert AuditRecord.objects.get(action="job.replayed").actor == olga


@pytest.mark.parametrize("state", [Job.State.QUEUED, Job.State.RUNNING, Job.State.DONE])
def test_only_a_dead_job_can_be_replayed(olga, state):
    job = enqueue()
    Job.objects.update(state=state)
    with pytest.raises(jobs.NotDead):
        jobs.replay(job, by=olga, now=timezone.now())


def test_old_finished_jobs_and_answers_are_forgotten_and_dead_jobs_kept():
    now = timezone.now()
    for key in ("old", "young", "schedule:beat:1", "dead"):
        enqueue(key)
    old = now - purging.KEEP_DONE - timedelta(seconds=1)
    Job.objects.filter(key="old").update(state=Job.State.DONE, finished_at=old)
    Job.objects.filter(key="young").update(state=Job.State.DONE, finished_at=now - timedelta(days=13))
    Job.objects.filter(key="schedule:beat:1").update(state=Job.State.DONE, finished_at=now - timedelta(days=2))
    Job.objects.filter(key="dead").update(state=Job.State.DEAD, finished_at=old)
    answers = [("old", "c", 31), ("young", "c", 29), ("old-form", f"{FORMS}7", 3), ("young-form", f"{FORMS}7", 1)]
    for key, client, age in answers:
        IdempotencyKey.objects.create(client=client, endpoint="e", key=key, body_hash="h")
        IdempotencyKey.objects.filter(key=key).update(created_at=now - timedelta(days=age))
    purging.purge(now=now)
    assert set(Job.objects.values_list("key", flat=True)) == {"young", "dead"}
    assert set(IdempotencyKey.objects.values_list("key", flat=True)) == {"young", "young-form"}
