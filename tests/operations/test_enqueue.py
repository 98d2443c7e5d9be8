from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler
from django_q.signing import SignedPackage

from operations import going_ahead, jobs, list_exports, schedules
from operations.models import Job

MARK = "tests.operations.errands.jobs.leave_mark"
LOOKED_OUT_FOR = "tests.operations.errands.jobs.count"


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


def handed_over():
    """Return the job that a cluster is given next."""
    ((row, _task),) = get_broker().dequeue()
    return Job.objects.get(carrier=row)


@pytest.mark.django_db
def test_jobs_are_handed_over_in_the_order_in_which_they_were_made():
    made = [jobs.enqueue(MARK, key=f"job {number}") for number in range(5)]
    # A row that was written again lies elsewhere on the disk.
    OrmQ.objects.filter(pk=made[0].carrier).update(key=F("key"))
    assert [handed_over() for _each in made] == made


@pytest.mark.django_db
def test_what_somebody_looks_out_for_goes_before_what_waits(monkeypatch):
    monkeypatch.setattr(going_ahead, "_functions", {LOOKED_OUT_FOR})
    waiting = [jobs.enqueue(MARK, key=f"order {number}") for number in range(3)]
    asked = [jobs.enqueue(LOOKED_OUT_FOR, key=f"export {number}") for number in range(2)]
    assert handed_over() == asked[0]
    # It lost its carrier, as when a cluster died.
    OrmQ.objects.filter(pk=asked[1].carrier).delete()
    assert jobs.sweep(now=timezone.now()) == 1
    asked[1].refresh_from_db()
    assert [handed_over() for _each in range(4)] == [asked[1], *waiting]


@pytest.mark.django_db(transaction=True)
def test_the_clock_and_the_sign_of_life_do_not_wait_behind_a_flood():
    """Workers with much to do would seem to hang, and be killed."""
    Schedule.objects.exclude(name="heartbeat").delete()
    Schedule.objects.update(next_run=timezone.now())
    with transaction.atomic():
        flood = [jobs.enqueue(MARK, key=f"order {number}") for number in range(3)]
    scheduler()
    ((_row, task),) = get_broker().dequeue()
    fired = SignedPackage.loads(task)
    assert fired["func"] == schedules.FIRE
    schedules.fire(*fired["args"], **fired["kwargs"])
    assert handed_over().function == "operations.jobs.beat"
    assert handed_over() == flood[0]


def test_exports_and_the_cost_of_a_rehearsal_are_looked_out_for():
    wanted = {list_exports.JOB, "segmentation.jobs.write_export", "campaigns.jobs.forecast_cost"}
    assert {each for each in wanted if going_ahead.goes_ahead(each)} == wanted
    assert not going_ahead.goes_ahead("operations.jobs.check_books")
