"""What is forgotten after its time: finished jobs and the answers to repeated requests."""

from datetime import datetime, timedelta

from operations.idempotency import FORMS
from operations.models import IdempotencyKey, Job

KEEP_DONE = timedelta(days=14)
# Schedules fire a job each minute; nobody asks after yesterday's.
KEEP_SCHEDULED = timedelta(days=1)
KEEP_ANSWERS = timedelta(days=30)
# A page that holds a form lives as long as a visit: 12 hours.
KEEP_FORMS = timedelta(days=2)


def purge(*, now: datetime) -> None:
    """Delete jobs that are done and answers that are old. Dead jobs stay until an operator deals with them."""
    done = Job.objects.filter(state=Job.State.DONE)
    done.filter(finished_at__lt=now - KEEP_DONE).delete()
    done.filter(finished_at__lt=now - KEEP_SCHEDULED, key__startswith="schedule:").delete()
    IdempotencyKey.objects.filter(created_at__lt=now - KEEP_ANSWERS).delete()
    IdempotencyKey.objects.filter(created_at__lt=now - KEEP_FORMS, client__startswith=FORMS).delete()
