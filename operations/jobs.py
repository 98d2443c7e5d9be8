"""Background work: the doors through which jobs are made, run, swept and replayed, and the jobs of this app.

A job's function must be safe to run again from the start after a failure; it runs inside the transaction that marks the
job done, so what it writes to the database happens once, and what it sends elsewhere may happen more than once.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from operations import (
    audit,
    bookkeeping,
    call_counts,
    carrier,
    heartbeats,
    list_exports,
    pictures,
    purging,
    running,
    sweeping,
    webhook_deletion,
    webhook_due,
    webhook_events,
    webhook_replays,
    webhook_rights,
    webhook_sending,
)
from operations.apart import apart
from operations.enqueueing import NotInTransaction, enqueue
from operations.models import Job
from operations.sign_in import sessions

__all__ = ["NotDead", "NotInTransaction", "enqueue", "replay", "run", "sweep"]


class NotDead(ValueError):
    """Only a dead job can be replayed."""


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


def forget_call_counts() -> None:
    call_counts.forget(now=timezone.now())


def forget_ended_sessions() -> None:
    sessions.forget_ended(now=timezone.now())


def forget_pictures() -> None:
    pictures.forget_unused(now=timezone.now())


def forget_webhook_events(part: int = 1) -> None:
    now = timezone.now()
    most = max(webhook_events.give_up_old(now=now), webhook_events.forget_old(now=now))
    if most >= webhook_events.FORGOTTEN_AT_ONCE:
        function = "operations.jobs.forget_webhook_events"
        enqueue(function, key=f"{function}:{now.isoformat()}", arguments={"part": part + 1})


def write_list_export(export_id: int, slice: int) -> None:
    list_exports.work(export_id, slice=slice, now=timezone.now())


def forget_list_exports() -> None:
    now = timezone.now()
    list_exports.note_lost(now=now)
    list_exports.forget_old(now=now)


def send_due_webhooks() -> None:
    webhook_due.enqueue_due(now=timezone.now())


def send_webhooks(endpoint_id: int) -> None:
    if apart(webhook_sending.pump, endpoint_id, now=timezone.now).more:
        webhook_due.go_on(endpoint_id, now=timezone.now())


def replay_webhooks(stretch: dict[str, Any], after: int = 0) -> None:
    webhook_replays.replay_slice(stretch, after=after, now=timezone.now())


def delete_webhook(endpoint_id: int) -> None:
    webhook_deletion.go_on(endpoint_id, now=timezone.now())


def end_lost_webhook_rights() -> None:
    webhook_rights.enforce(now=timezone.now())
