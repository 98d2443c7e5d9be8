from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from operations import jobs
from operations.models import Job

MARK = "tests.operations.errands.jobs.leave_mark"


@pytest.mark.django_db
def test_a_job_and_its_carrier_are_inserted_together():
    job = jobs.enqueue(MARK, key="a", arguments={"name": "a"})
    carrier = OrmQ.objects.get()
    assert (job.state, job.attempts, job.arguments, job.carrier) == (Job.State.QUEUED, 0, {"name": "a"}, carrier.pk)
    assert carrier.task["func"] == "operations.jobs.run"
    assert carrier.task["args"] == (job.pk,)


@pytest.mark.django_db(transaction=True)
def test_both_vanish_with_the_transaction():
    with transaction.atomic():
        jobs.enqueue(MARK, key="a", arguments={"name": "a"})
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not OrmQ.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_job_outside_a_transaction_is_refused():
    with pytest.raises(jobs.NotInTransaction):
        jobs.enqueue(MARK, key="a")


@pytest.mark.django_db
def test_the_same_key_is_the_first_job():
    first = jobs.enqueue(MARK, key="a", arguments={"name": "first"})
    again = jobs.enqueue(MARK, key="a", arguments={"name": "again"})
    assert again.pk == first.pk
    assert again.arguments == {"name": "first"}
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db
def test_a_job_for_later_has_no_carrier_until_it_is_due():
    later = timezone.now() + timedelta(hours=1)
    job = jobs.enqueue(MARK, key="a", run_after=later)
    assert OrmQ.objects.count() == 0
    assert jobs.sweep(now=later - timedelta(seconds=1)) == 0
    assert jobs.sweep(now=later) == 1
    assert OrmQ.objects.get().task["args"] == (job.pk,)


@pytest.mark.django_db
@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_arguments_that_json_cannot_hold_are_refused(value):
    with pytest.raises((TypeError, ValueError)):
        jobs.enqueue(MARK, key="a", arguments={"value": value})
