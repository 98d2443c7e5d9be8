"""What is left of deleted endpoints: jobs delete their deliveries and tries slice by slice, and then them.

An endpoint with a hundred thousand deliveries takes seconds to delete. Nobody who tells of something waits so long:
its row is locked against them once nothing hangs on it any more (`operations.webhook_events` says who locks what).
"""

from datetime import datetime, timedelta

from django.db import transaction

from operations.enqueueing import enqueue
from operations.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

JOB = "operations.jobs.delete_webhook"
SLICE = 5_000
# Who held something may have let go of it by then.
AGAIN = timedelta(seconds=30)


def begin(endpoint_id: int) -> None:
    """Have jobs delete what is left of the endpoint, in the transaction that marks it as deleted."""
    enqueue(JOB, key=f"delete-webhook:{endpoint_id}", arguments={"endpoint_id": endpoint_id})


@transaction.atomic
def go_on(endpoint_id: int, *, now: datetime) -> None:
    """Delete a slice of the deliveries, or the endpoint if there are none, and have a job go on while it is there."""
    if not WebhookEndpoint.with_deleted.filter(pk=endpoint_id, deleted_at__isnull=False).exists():
        return
    if _delete_slice(endpoint_id):
        run_after = now
    elif not _delete_endpoint(endpoint_id):
        run_after = now + AGAIN
    else:
        return
    key = f"delete-webhook:{endpoint_id}:{now.isoformat()}"
    enqueue(JOB, key=key, arguments={"endpoint_id": endpoint_id}, run_after=run_after)


def _delete_slice(endpoint_id: int) -> int:
    """Delete deliveries with their tries; return how many. What somebody else holds is left for later."""
    deliveries = WebhookDelivery.objects.filter(endpoint=endpoint_id)
    # The newest first: what repeats a delivery goes before it, or beside it.
    newest = deliveries.order_by("-pk").select_for_update(skip_locked=True)
    held = set(newest.values_list("pk", flat=True)[:SLICE])
    # What is repeated by one that somebody else holds has to stay as long.
    held -= set(deliveries.filter(replays__in=held).exclude(pk__in=held).values_list("replays", flat=True))
    # Asked for only now: a try may have been noted while its delivery was waited for.
    tries = WebhookAttempt.objects.filter(delivery__in=held)
    tries._raw_delete(tries.db)
    going = WebhookDelivery.objects.filter(pk__in=held)
    going._raw_delete(going.db)
    return len(held)


def _delete_endpoint(endpoint_id: int) -> bool:
    """Delete the endpoint, unless somebody tells it something at this moment or has just done so."""
    endpoint = WebhookEndpoint.with_deleted.select_for_update(skip_locked=True).filter(pk=endpoint_id).first()
    # Asked for behind the lock: whoever told it before has committed, and nobody tells it any more.
    if endpoint is None or WebhookDelivery.objects.filter(endpoint=endpoint_id).exists():
        return False
    gone = WebhookEndpoint.with_deleted.filter(pk=endpoint_id)
    gone._raw_delete(gone.db)
    return True
