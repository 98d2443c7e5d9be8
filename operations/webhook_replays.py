"""Sending again what was delivered or given up: a delivery of the same event, at the end of its member's line.

The receiver sees the same `webhook-id` and the same body. The delivery that is repeated stays as it ended.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import connection, transaction

from operations import audit, webhook_rights
from operations.enqueueing import enqueue
from operations.models import WebhookDelivery, WebhookEndpoint
from operations.webhook_refusals import WebhookRefusal, WebhookRefused

State = WebhookDelivery.State
JOB = "operations.jobs.replay_webhooks"
SLICE = 1_000

# Of one event only the newest delivery counts: what was given up and has arrived since is not sent again. Nor is what
# the endpoint may not be told of any more (`refused`).
_NEWEST = """
    old.endpoint_id = %(endpoint)s AND old.state = ANY(%(states)s)
    AND old.created_at >= %(since)s AND old.created_at < %(until)s
    AND NOT EXISTS (
        SELECT FROM operations_webhookdelivery newer
        WHERE newer.event_id = old.event_id AND newer.endpoint_id = old.endpoint_id AND newer.id > old.id
    )
    AND (%(refused)s::text[] = '{}' OR NOT EXISTS (
        SELECT FROM operations_webhookevent told WHERE told.id = old.event_id AND told.kind = ANY(%(refused)s)
    ))
"""
_COUNT = f"SELECT count(*) FROM operations_webhookdelivery old WHERE {_NEWEST}"  # noqa: S608 - no values in it
_REPLAY = f"""
    WITH again AS MATERIALIZED (
        SELECT old.id, old.event_id, old.member_id FROM operations_webhookdelivery old
        JOIN operations_webhookevent event ON event.id = old.event_id
        WHERE {_NEWEST} AND old.id > %(after)s AND old.id <= %(last)s ORDER BY old.id LIMIT %(limit)s
        FOR KEY SHARE OF event
    ), made AS (
        INSERT INTO operations_webhookdelivery
            (endpoint_id, event_id, member_id, state, attempts, due_at, replays_id, last_error, created_at)
        SELECT %(endpoint)s, event_id, member_id, 'waiting', 0, %(now)s, id, '', %(now)s FROM again ORDER BY id
    )
    SELECT count(*), max(id) FROM again
"""  # noqa: S608 - no values in it


class Which(StrEnum):
    """Which deliveries of a time are sent again."""

    GIVEN_UP = "given_up"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Stretch:
    """The deliveries of an endpoint that were made from `since` to before `until`, up to the delivery `last`."""

    endpoint_id: int
    since: datetime
    until: datetime
    which: Which
    last: int

    def values(self) -> dict[str, Any]:
        """Return what the statements are given."""
        states = [State.GIVEN_UP.value] + ([State.DELIVERED.value] if self.which == Which.ALL else [])
        return {"endpoint": self.endpoint_id, "since": self.since, "until": self.until, "states": states}

    def written(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self) | {"since": self.since.isoformat(), "until": self.until.isoformat()}

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "Stretch":
        since, until = (datetime.fromisoformat(written[name]) for name in ("since", "until"))
        return cls(written["endpoint_id"], since, until, Which(written["which"]), written["last"])


@transaction.atomic
def replay(delivery: WebhookDelivery, *, by: audit.Actor, now: datetime) -> WebhookDelivery:
    """Queue the delivery's event anew; return the new delivery. Raises WebhookRefused while the event waits there, once
    it is forgotten, and if the client that made the endpoint may not be told of it any more.

    While the endpoint is paused or off it waits for that as well.
    """
    endpoint = _turn_of(delivery.endpoint_id)
    if delivery.event.kind in webhook_rights.refused_to(endpoint):
        raise WebhookRefused(WebhookRefusal.NOT_TOLD)
    of_the_event = WebhookDelivery.objects.filter(endpoint=endpoint, event_id=delivery.event_id)
    if of_the_event.filter(state=State.WAITING).exists():
        raise WebhookRefused(WebhookRefusal.STILL_WAITING)
    _hold_event(delivery.event_id)
    made = WebhookDelivery.objects.create(
        endpoint=endpoint,
        event_id=delivery.event_id,
        member_id=delivery.member_id,
        due_at=now,
        created_at=now,
        replays=delivery,
    )
    audit.record("webhook.replayed", endpoint, by=by, now=now, changes={"delivery": [delivery.pk, made.pk]})
    return made


def count(endpoint: WebhookEndpoint, *, since: datetime, until: datetime, which: Which) -> int:
    """Return how many deliveries `replay_many` would queue anew."""
    return _count(endpoint, _stretch(endpoint, since, until, which))


@transaction.atomic
def replay_many(  # noqa: PLR0913 - what, when and who, by keyword
    endpoint: WebhookEndpoint, *, since: datetime, until: datetime, which: Which, by: audit.Actor, now: datetime
) -> int:
    """Have workers queue anew what was made from `since` to before `until`; return how many deliveries that will be.

    An event is sent again once, however often it was sent before, and not at all if the client that made the endpoint
    may not be told of it any more. Raises WebhookRefused for a time without length.
    """
    if until <= since:
        raise WebhookRefused(WebhookRefusal.NO_TIME, field="until")
    stretch = _stretch(endpoint, since, until, which)
    found = _count(endpoint, stretch)
    if found:
        written = stretch.written()
        enqueue(JOB, key=f"replay:{endpoint.pk}:{now.isoformat()}", arguments={"stretch": written})
        changes = {name: [None, written[name]] for name in ("since", "until", "which")} | {"count": [None, found]}
        audit.record("webhook.replayed_many", endpoint, by=by, now=now, changes=changes)
    return found


@transaction.atomic
def replay_slice(written: Mapping[str, Any], *, after: int, now: datetime) -> int:
    """Queue the next of a stretch anew, those behind the delivery `after`, and a job for the rest. Return how many."""
    stretch = Stretch.read(written)
    try:
        endpoint = _turn_of(stretch.endpoint_id)
    except WebhookEndpoint.DoesNotExist:
        return 0
    with connection.cursor() as cursor:
        values = {"after": after, "last": stretch.last, "limit": SLICE, "now": now}
        cursor.execute(_REPLAY, _values(endpoint, stretch) | values)
        queued, reached = cursor.fetchone()
    if queued == SLICE:
        key = f"replay:{stretch.endpoint_id}:{now.isoformat()}:{reached}"
        enqueue(JOB, key=key, arguments={"stretch": dict(written), "after": reached})
    return int(queued)


def _stretch(endpoint: WebhookEndpoint, since: datetime, until: datetime, which: Which) -> Stretch:
    newest = WebhookDelivery.objects.filter(endpoint=endpoint).order_by("-pk").values_list("pk", flat=True).first()
    return Stretch(endpoint.pk, since, until, which, newest or 0)


def _count(endpoint: WebhookEndpoint, stretch: Stretch) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _values(endpoint, stretch))
        return int(cursor.fetchone()[0])


def _values(endpoint: WebhookEndpoint, stretch: Stretch) -> dict[str, Any]:
    return stretch.values() | {"refused": webhook_rights.refused_to(endpoint)}


def _hold_event(event_id: int) -> None:
    """Keep the event from being forgotten, with its member or by age, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM operations_webhookevent WHERE id = %s FOR KEY SHARE", [event_id])
        if cursor.rowcount == 0:
            raise WebhookRefused(WebhookRefusal.FORGOTTEN)


def _turn_of(endpoint_id: int) -> WebhookEndpoint:
    """Hold the endpoint until the transaction ends: two replays at once would each miss what the other adds."""
    return WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint_id)
