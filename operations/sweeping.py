"""What brings back jobs whose carrier or worker was lost, and carries those whose time has come."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from operations import carrier, running
from operations.advisory_locks import Work, is_mine
from operations.models import Job

logger = logging.getLogger(__name__)

# One sweep holds this many row locks at most; the next one is a minute away.
BATCH = 2_000


@transaction.atomic
def sweep(*, now: datetime) -> int:
    """Carry what is due and has no carrier or an expired lease; bury what has no attempt left. Return the carried."""
    # A second sweep would look with a snapshot from before this one's carriers, and carry the same jobs again.
    if not is_mine(Work.SWEEPING):
        return 0
    carried = 0
    for job in _locked(_lost(now=now)):
        if job.attempts >= job.max_attempts:
            running.bury(job, job.error or running.lost_worker(job), now=now)
            continue
        carrier.carry(job)
        carried += 1
    if carried:
        logger.info("swept %s jobs back into the queue", carried)
    return carried


def _lost(*, now: datetime) -> QuerySet[Job]:
    queued = Job.objects.filter(state=Job.State.QUEUED, run_after__lte=now)
    expired = Job.objects.filter(state=Job.State.RUNNING, lease_until__lte=now)
    return carrier.without_carrier(queued, now=now) | carrier.without_carrier(expired, now=now)


def _locked(jobs: QuerySet[Job]) -> QuerySet[Job]:
    # Locked rows are at work in a transaction, whatever their lease says.
    return jobs.select_for_update(skip_locked=True).order_by("run_after")[:BATCH]
