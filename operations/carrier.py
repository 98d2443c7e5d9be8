"""django-q2's queue, which carries jobs and owns nothing: each of its rows may be lost or delivered twice."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django_q.brokers.orm import ORM
from django_q.models import OrmQ
from django_q.tasks import async_task

from operations.models import Job

RUN = "operations.jobs.run"


class _RowKeepingBroker(ORM):
    """django-q2's broker, which also remembers the id of the row it wrote."""

    row: int

    def enqueue(self, task: str) -> int:
        self.row = super().enqueue(task)
        return self.row


def carry(job: Job) -> None:
    """Give `job` a row in the queue, in the caller's transaction: the row lives or dies with it."""
    broker = _RowKeepingBroker()
    async_task(RUN, job.pk, task_name=f"job-{job.pk}", save=False, broker=broker)
    OrmQ.objects.filter(pk=job.carrier).delete()
    Job.objects.filter(pk=job.pk).update(carrier=broker.row)
    job.carrier = broker.row


def without_carrier(jobs: QuerySet[Job], *, now: datetime) -> QuerySet[Job]:
    """Return those of `jobs` whose row is gone, or was handed to a cluster so long ago that the cluster has died.

    django-q2 locks a row until `retry` seconds after the hand-over; a row that is not locked still waits its turn.
    """
    handed_over = now + timedelta(seconds=settings.Q_CLUSTER["retry"])
    lost = Q(lock__gt=now, lock__lt=handed_over - lease_length())
    return jobs.exclude(Exists(OrmQ.objects.filter(pk=OuterRef("carrier")).exclude(lost)))


def lease_length() -> timedelta:
    """Return how long a worker may hold a job: longer than django-q2 lets any task run."""
    return timedelta(seconds=settings.Q_CLUSTER["timeout"] * 1.5)
