"""One attempt at one job.

1. The attempt is counted and the lease taken in a transaction of its own, before the work: a job that kills its worker
   each time is dead after `max_attempts`, not run for ever.
2. The effect and DONE are one transaction, which holds the job's row: two carriers of one job have one effect.
3. A failure is written down in a third transaction, after the effect has been rolled back.
"""

import inspect
import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from operations.carrier import lease_length
from operations.models import Job

logger = logging.getLogger(__name__)

# The clocks of two machines may differ by this much: a job due now elsewhere is due here.
CLOCK_SKEW = timedelta(seconds=5)
FIRST_DELAY = timedelta(seconds=15)
LONGEST_DELAY = timedelta(hours=1)
ERROR_LENGTH = 20_000


class NotRetried(Exception):
    """This attempt was the last: another would not help, or something else sees to it."""


class UnknownFunction(NotRetried, LookupError):
    """The job names no function that workers may call. Trying again would not help."""


class LostLease(RuntimeError):
    """Another worker took the job over while this one was away."""


def run(job_id: int, *, now: datetime) -> None:
    """Attempt the job unless it is finished, not due, or held by another worker."""
    job = _take(job_id, now=now)
    if job is None:
        return
    try:
        with transaction.atomic():
            _hold(job)
            job_function(job.function)(**job.arguments)
            _mark_done(job, now=timezone.now())
    except LostLease:
        logger.warning("job %s was taken over by another worker", job_id)
    except BaseException as error:
        _note_failure(job, error, now=timezone.now())
        # A timeout of django-q2 or an exit is the carrier's to handle; anything else ends here.
        if not isinstance(error, Exception):
            raise


def job_function(path: str) -> Callable[..., object]:
    """Return the function at `path`. Raises UnknownFunction unless an installed app's `jobs` module defines it."""
    module_name, _, name = path.rpartition(".")
    if module_name not in {f"{config.name}.jobs" for config in apps.get_app_configs()}:
        raise UnknownFunction(f"{path!r} is not in the jobs module of an installed app")
    try:
        function = getattr(import_module(module_name), name, None)
    except ModuleNotFoundError as error:
        if error.name != module_name:
            raise
        raise UnknownFunction(f"there is no module {module_name!r}") from error
    if not inspect.isfunction(function) or function.__module__ != module_name or name.startswith("_"):
        raise UnknownFunction(f"{module_name!r} defines no function {name!r}")
    return function


def delay_after(attempts: int) -> timedelta:
    """Return how long to wait after the n-th failed attempt: 15 s, 1 min, 4 min, 16 min, then each hour."""
    return min(FIRST_DELAY * 4 ** min(attempts - 1, 10), LONGEST_DELAY)


def bury(job: Job, error: str, *, now: datetime) -> None:
    """Give the job up. An operator sees it with its error and may replay it."""
    job.state, job.error, job.lease_until, job.finished_at = Job.State.DEAD, error[-ERROR_LENGTH:], None, now
    job.save(update_fields=["state", "error", "lease_until", "finished_at"])
    logger.error("job %s (%s) is dead after %s attempts", job.pk, job.key, job.attempts)


@transaction.atomic
def _take(job_id: int, *, now: datetime) -> Job | None:
    # A row that is locked is being worked on, or swept: either way it is not this carrier's turn.
    job = Job.objects.select_for_update(skip_locked=True).filter(pk=job_id).first()
    if job is None or not _is_free(job, now=now):
        return None
    if job.attempts >= job.max_attempts:
        bury(job, job.error or lost_worker(job), now=now)
        return None
    job.state, job.attempts, job.started_at = Job.State.RUNNING, job.attempts + 1, now
    job.lease_until = now + lease_length()
    job.save(update_fields=["state", "attempts", "started_at", "lease_until"])
    return job


def _is_free(job: Job, *, now: datetime) -> bool:
    if job.state == Job.State.RUNNING:
        return job.lease_until is None or job.lease_until <= now
    return job.state == Job.State.QUEUED and job.run_after <= now + CLOCK_SKEW


def lost_worker(job: Job) -> str:
    """Return what is known of a job whose worker never came back."""
    return f"The worker was lost during attempt {job.attempts} of {job.max_attempts}, without an error of its own."


def _hold(job: Job) -> None:
    held = Job.objects.select_for_update().filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)
    if not held.exists():
        raise LostLease


def _mark_done(job: Job, *, now: datetime) -> None:
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, lease_until=None, finished_at=now, error="")


@transaction.atomic
def _note_failure(job: Job, error: BaseException, *, now: datetime) -> None:
    current = Job.objects.select_for_update().get(pk=job.pk)
    if current.state != Job.State.RUNNING or current.attempts != job.attempts:
        return
    text = "".join(traceback.format_exception(error)).replace("\x00", "\\x00")
    if isinstance(error, NotRetried) or current.attempts >= current.max_attempts:
        bury(current, text, now=now)
        return
    current.state, current.error, current.lease_until = Job.State.QUEUED, text[-ERROR_LENGTH:], None
    current.run_after = now + delay_after(current.attempts)
    current.save(update_fields=["state", "error", "lease_until", "run_after"])
    logger.warning("job %s (%s) failed, attempt %s", current.pk, current.key, current.attempts, exc_info=error)
