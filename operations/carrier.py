"""django-q2's queue, which carries jobs and owns nothing: each of its rows may be lost or delivered twice."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django_q.brokers.orm import ORM
from django_q.models import OrmQ
from django_q.tasks import async_task

from operations.going_ahead import goes_ahead
from operations.models import Job

RUN = "operations.jobs.run"


# A row whose lock ended so much earlier than it was written is handed over before all that were written meanwhile.
AHEAD = timedelta(days=1)


class Broker(ORM):
    """django-q2's broker, with a queue that has an order: by the time from which on a row may be handed over.

    What the clock of django-q2 fires goes ahead: it only makes jobs, and the sign of life among them must not wait.
    """

    @staticmethod
    def get_connection(list_key: str | None = None) -> QuerySet[OrmQ]:
        return ORM.get_connection(list_key).order_by("lock", "id")

    @transaction.atomic
    def enqueue(self, task: str) -> int:
        """Write a row ahead of the others. In one transaction, or it could be handed over in between, and once more."""
        row: int = super().enqueue(task)
        _put_ahead(row)
        return row


class _JobsBroker(Broker):
    """For jobs, each of which knows by itself whether it goes ahead. It remembers the id of the row it wrote."""

    row: int

    def enqueue(self, task: str) -> int:
        self.row = ORM.enqueue(self, task)
        return self.row


def carry(job: Job) -> None:
    """Give `job` a row in the queue, in the caller's transaction: the row lives or dies with it."""
    broker = _JobsBroker()
    async_task(RUN, job.pk, task_name=f"job-{job.pk}", save=False, broker=broker)
    OrmQ.objects.filter(pk=job.carrier).delete()
    Job.objects.filter(pk=job.pk).update(carrier=broker.row)
    job.carrier = broker.row
    if goes_ahead(job.function):
        _put_ahead(broker.row)


def _put_ahead(row: int) -> None:
    OrmQ.objects.filter(pk=row).update(lock=F("lock") - AHEAD)


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
