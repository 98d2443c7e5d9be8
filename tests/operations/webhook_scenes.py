"""Endpoints, events and deliveries of the webhook tests."""

from uuid import uuid4

from operations import jobs, standard_webhooks, webhook_deletion
from operations.models import Job, WebhookDelivery, WebhookEndpoint, WebhookEvent
from operations.sealing import seal
from tests.operations.conftest import NOON

KIND = "test.happened"
SECRET = standard_webhooks.new_secret(bytes(range(32)))


def stored_endpoint(url="https://hooks.example/in", *, now=NOON, **fields):
    """Return an endpoint with SECRET, on, as it lies in the table: nothing of it was checked."""
    wanted = {"name": "Shop", "url": url, "events": [KIND], "sealed_secret": seal(SECRET), "created_at": now} | fields
    return WebhookEndpoint.objects.create(**wanted)


def make_event(member=1, *, now=NOON, kind=KIND, **data):
    return WebhookEvent.objects.create(
        message_id=f"msg_{uuid4().hex}", kind=kind, member_id=member, data={"uid": f"u{member}"} | data, occurred_at=now
    )


def deliver(endpoint, event, *, now=NOON, **fields):
    """Queue the event for the endpoint, as the triggers do."""
    wanted = {"member_id": event.member_id, "due_at": now, "created_at": now} | fields
    return WebhookDelivery.objects.create(endpoint=endpoint, event=event, **wanted)


def run_deletions():
    """Run the jobs that delete what is left of deleted endpoints; return how many deliveries were left after each."""
    left = []
    while job := Job.objects.filter(function=webhook_deletion.JOB, state="queued").first():
        jobs.run(job.pk)
        left.append(WebhookDelivery.objects.count())
    return left
