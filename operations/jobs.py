"""Background work: the doors through which jobs are made, run, swept and replayed, and the jobs of this app.

A job's function must be safe to run again from the start after a failure; it runs inside the transaction that marks the
job done, so what it writes to the database happens once, and what it sends elsewhere may happen more than once.
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from operations import audit, bookkeeping, carrier, heartbeats, pictures, purging, running, sweeping
from operations.job_table import insert_or_find
from operations.models import Job


class NotInTransaction(RuntimeError):
    """A job was enqueued outside a transaction, where it could outlive the change that asked for it."""


class NotDead(ValueError):
    """Only a dead job can be replayed."""


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


def run(job_id: int) -> None:
    """Run one job; what django-q2 calls."""
    running.run(job_id, now=timezone.now())


def sweep(*, now: datetime) -> int:
    """Carry again each open job that has lost its carrier or its worker; return how many."""
    return sweeping.sweep(now=now)


@transaction.atomic
def replay(job: Job, *, by: audit.Actor, now: datetime) -> Job:
    """Queue a dead job again with all its attempts. Raises NotDead for any other."""
    locked = Job.objects.select_for_update().get(pk=job.pk)
    if locked.state != Job.State.DEAD:
        raise NotDead(f"job {locked.pk} is {locked.state}")
    locked.state, locked.attempts, locked.run_after, locked.finished_at = Job.State.QUEUED, 0, now, None
    locked.save(update_fields=["state", "attempts", "run_after", "finished_at"])
    carrier.carry(locked)
    audit.record("job.replayed", locked, by=by, now=now)
    return locked


def sweep_now() -> None:
    """Sweep; the one schedule that is no job itself, since it is what brings jobs back."""
    sweeping.sweep(now=timezone.now())


def beat() -> None:
    heartbeats.beat(heartbeats.WORKERS, now=timezone.now())


def check_books() -> None:
    bookkeeping.check_books(now=timezone.now())


def purge() -> None:
    purging.purge(now=timezone.now())


def forget_pictures() -> None:
    pictures.forget_unused(now=timezone.now())
