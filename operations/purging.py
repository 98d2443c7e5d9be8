"""What is forgotten after its time: finished jobs and the answers to repeated requests."""

from datetime import datetime, timedelta

from operations import webhook_due
from operations.idempotency import FORMS
from operations.models import IdempotencyKey, Job

KEEP_DONE = timedelta(days=14)
# Schedules fire a job each minute; nobody asks after yesterday's.
KEEP_SCHEDULED = timedelta(days=1)
# Those of webhooks are made each second while something is to be told.
KEEP_SENDING = timedelta(hours=1)
# A dead one of webhooks needs nobody: the next sends what it left. It stays for its error to be read.
KEEP_UNSENT = timedelta(days=1)
KEEP_ANSWERS = timedelta(days=30)
# A page that holds a form lives as long as a visit: 12 hours.
KEEP_FORMS = timedelta(days=2)


def purge(*, now: datetime) -> None:
    """Delete jobs that are done and answers that are old. Dead jobs stay until an operator deals with them.

    Those that send webhooks do not stay.
    """
    done = Job.objects.filter(state=Job.State.DONE)
    done.filter(finished_at__lt=now - KEEP_DONE).delete()
    done.filter(finished_at__lt=now - KEEP_SCHEDULED, key__startswith="schedule:").delete()
    done.filter(finished_at__lt=now - KEEP_SENDING, key__startswith=webhook_due.KEYS).delete()
    dead = Job.objects.filter(state=Job.State.DEAD, function=webhook_due.JOB)
    dead.filter(finished_at__lt=now - KEEP_UNSENT).delete()
    IdempotencyKey.objects.filter(created_at__lt=now - KEEP_ANSWERS).delete()
    IdempotencyKey.objects.filter(created_at__lt=now - KEEP_FORMS, client__startswith=FORMS).delete()
