"""What webhooks tell: written by the database with the fact itself, forgotten when its time is over.

Two functions of the database are the only door of facts (migration 0006): `operations_webhook_wanted` says whether
anybody is told of a kind, `operations_webhook_tell` writes the events and their deliveries. Triggers of the apps' own
tables call them in the transaction of the fact, so that no writer can forget, and what is undone is told to nobody.

Order: an event has its id from the moment, and under the locks, of its fact. Facts that wait for each other, as all do
that move one account, are told in the order in which they happened; of facts that do not, none is the first.

Locks: whoever tells holds the endpoints it tells (FOR KEY SHARE) until its transaction ends. An endpoint is changed
beside it (FOR NO KEY UPDATE, `select_for_update(no_key=True)`), and so is it marked as deleted: whoever tells later
passes it over, whoever does at this moment may leave a delivery behind. Jobs delete the deliveries, and lock the row
FOR UPDATE only once none is left; behind the lock they look again (`operations.webhook_deletion`).
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from operations.models import WebhookAttempt, WebhookDelivery, WebhookEvent
from operations.webhook_refusals import Fault

FORGOTTEN_AT_ONCE = 5_000

# Of each endpoint those that have been due for longest, which its index of what waits is in the order of. What is being
# sent at this moment is passed over.
_GIVE_UP = """
    WITH old AS MATERIALIZED (
        SELECT each.id FROM operations_webhookendpoint endpoint CROSS JOIN LATERAL (
            SELECT id FROM operations_webhookdelivery
            WHERE endpoint_id = endpoint.id AND state = 'waiting' AND due_at < %(before)s
                AND (taken_until IS NULL OR taken_until <= %(now)s)
            ORDER BY due_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
        ) each
        WHERE endpoint.state <> 'on' LIMIT %(limit)s
    )
    UPDATE operations_webhookdelivery SET state = 'given_up', ended_at = %(now)s, last_error = %(error)s
    WHERE id IN (SELECT id FROM old)
"""
# An event that is being sent again at this moment is passed over: whoever does holds it (FOR KEY SHARE).
_FORGET = """
    WITH old AS MATERIALIZED (
        SELECT id FROM operations_webhookevent event
        WHERE occurred_at < %(before)s AND NOT EXISTS (
            SELECT FROM operations_webhookdelivery delivery WHERE delivery.event_id = event.id AND state = 'waiting'
        )
        ORDER BY occurred_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), sent AS (
        DELETE FROM operations_webhookdelivery WHERE event_id IN (SELECT id FROM old) RETURNING id
    ), tried AS (
        DELETE FROM operations_webhookattempt WHERE delivery_id IN (SELECT id FROM sent)
    )
    DELETE FROM operations_webhookevent WHERE id IN (SELECT id FROM old)
"""

# The book of deliveries: one line for each member, or they would overtake each other.
ASTRAY = """
    SELECT count(*) FROM operations_webhookdelivery delivery JOIN operations_webhookevent event ON event.id = event_id
    WHERE delivery.member_id IS DISTINCT FROM event.member_id
"""


def events_of(member_id: int) -> QuerySet[WebhookEvent]:
    """Return what was told of a member."""
    return WebhookEvent.objects.filter(member_id=member_id)


def deliveries_of(member_id: int) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(event__member_id=member_id)


def attempts_of(member_id: int) -> QuerySet[WebhookAttempt]:
    return WebhookAttempt.objects.filter(delivery__event__member_id=member_id)


def forget_about(member_id: int) -> None:
    """Delete all that was told of a member, and what waits to be told, in the transaction of an erasure.

    The events are held first: whoever queues one anew at this moment either has, and that goes too, or finds it gone.
    Then the deliveries, in the order of their ids: a worker holds the first of a line when it puts off the others.
    """
    list(events_of(member_id).select_for_update().order_by("id").values_list("id"))
    list(deliveries_of(member_id).select_for_update(of=("self",)).order_by("id").values_list("id"))
    for rows in (attempts_of(member_id), deliveries_of(member_id), events_of(member_id)):
        rows._raw_delete(using=rows.db)


def give_up_old(*, now: datetime) -> int:
    """Give up a slice of what has been due for longer than `WEBHOOK_KEEP_DAYS` at endpoints that are paused or off;
    return how many. Kept for ever otherwise, it would keep its events too.
    """
    before = now - timedelta(days=settings.WEBHOOK_KEEP_DAYS)
    values: dict[str, Any] = {"before": before, "now": now, "limit": FORGOTTEN_AT_ONCE, "error": Fault.TOO_OLD.value}
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_UP, values)
        return cursor.rowcount


def forget_old(*, now: datetime) -> int:
    """Delete a slice of the events older than `WEBHOOK_KEEP_DAYS` of which nothing waits; return how many."""
    before = now - timedelta(days=settings.WEBHOOK_KEEP_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"before": before, "limit": FORGOTTEN_AT_ONCE})
        return cursor.rowcount
