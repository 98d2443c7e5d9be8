"""Jobs for what is due: one for each endpoint, asked for each second by who watches the workers, and each minute."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from operations import webhook_claims
from operations.enqueueing import enqueue
from operations.models import Job

JOB = "operations.jobs.send_webhooks"
# Keys of these jobs begin so; they are forgotten soon after they are done (`operations.purging`).
KEYS = "webhooks:"
# A job that began longer ago was killed with its worker: what it had taken is free again, and others may go on.
AT_WORK = timedelta(seconds=60)
# A job that failed waits longer each time before it is run again. Nobody waits for one that waits longer than this.
SOON = timedelta(minutes=1)


def enqueue_due(*, now: datetime) -> list[int]:
    """Enqueue a job for each endpoint for which something can be sent and that has no open one; return those."""
    due = webhook_claims.due_endpoints(now=now, but=_at_work(now=now))
    if due:
        with transaction.atomic():
            for endpoint_id in due:
                go_on(endpoint_id, now=now)
    return due


def go_on(endpoint_id: int, *, now: datetime) -> None:
    """Enqueue a job for the endpoint, in the caller's transaction. Two of them do no harm: each takes what is free."""
    enqueue(JOB, key=f"{KEYS}{endpoint_id}:{now.isoformat()}", arguments={"endpoint_id": endpoint_id})


def _at_work(*, now: datetime) -> set[int]:
    queued = Q(state=Job.State.QUEUED, run_after__lte=now + SOON)
    running = Q(state=Job.State.RUNNING, started_at__gt=now - AT_WORK)
    open_jobs = Job.objects.filter(queued | running, state__in=(Job.State.QUEUED, Job.State.RUNNING), function=JOB)
    return {arguments["endpoint_id"] for arguments in open_jobs.values_list("arguments", flat=True)}
