"""Making jobs, as part of the change that asks for them (`operations.jobs.enqueue`)."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from operations import carrier
from operations.job_table import insert_or_find
from operations.models import Job


class NotInTransaction(RuntimeError):
    """A job was enqueued outside a transaction, where it could outlive the change that asked for it."""


def enqueue(
    function: str,
    *,
    key: str,
    arguments: dict[str, Any] | None = None,
    run_after: datetime | None = None,
    max_attempts: int = 5,
) -> Job:
    """Insert a job and its carrier in the caller's transaction. The same key again returns the first job.

    `function` is the dotted path of a function in an app's `jobs` module, called as `function(**arguments)`;
    `arguments` is what JSON can hold. A key is remembered for `purging.KEEP_DONE` after the job is done.
    Two transactions that enqueue the same keys should do so in the same order.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(f"enqueue {key!r} inside transaction.atomic()")
    now = timezone.now()
    wanted = Job(
        key=key, function=function, arguments=arguments or {}, run_after=run_after or now, max_attempts=max_attempts
    )
    job, created = insert_or_find(wanted)
    if created and job.run_after <= now:
        carrier.carry(job)
    return job
