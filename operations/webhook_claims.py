"""Which deliveries a worker sends next, and that no other sends them meanwhile.

The waiting deliveries of one member at one endpoint are a line in the order of their ids, and only its head is ever
taken: the next one follows once the head is delivered or given up. What is about no member stands in no line.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

# A worker has written down what became of a delivery by then, or it was killed, and another takes the delivery.
# Thrice `webhook_client.SECONDS`, since twice as many may wait for a thread, and room for the database.
LEASE = timedelta(seconds=45)

# `min()` as a query of its own and not as a join: the rows come from the index in the order in which they are due, and
# no more of them are looked at than are wanted, however many wait.
_HEAD = """
    (each.member_id IS NULL OR each.id = (
        SELECT first.id FROM operations_webhookdelivery first
        WHERE first.endpoint_id = each.endpoint_id AND first.state = 'waiting' AND first.member_id = each.member_id
        ORDER BY first.id LIMIT 1
    ))
"""
_FREE = """
    each.state = 'waiting' AND each.due_at <= %(now)s AND (each.taken_until IS NULL OR each.taken_until <= %(now)s)
"""
_OPEN = """
    endpoint.state = 'on' AND (endpoint.resting_until IS NULL OR endpoint.resting_until <= %(now)s)
"""
# What another worker took while this statement ran is locked, or not free any more when it is looked at again.
# The heads stand in a query of their own, once: a join may ask a subquery anew for each row, and take more each time.
_TAKE = f"""
    WITH head AS MATERIALIZED ({{heads}})
    UPDATE operations_webhookdelivery each SET attempts = each.attempts + 1, taken_until = %(lease)s
    FROM operations_webhookendpoint endpoint, operations_webhookevent event, head
    WHERE each.id = head.id AND endpoint.id = each.endpoint_id AND event.id = each.event_id AND {_OPEN} AND {_FREE}
    RETURNING each.id, each.attempts, each.member_id,
        (SELECT min(at) FROM operations_webhookattempt tried WHERE tried.delivery_id = each.id),
        event.message_id, event.kind, event.data::text, event.occurred_at
"""  # noqa: S608 - no values in it
_TAKE_DUE = _TAKE.format(
    heads=f"""
        SELECT each.id FROM operations_webhookdelivery each
        WHERE each.endpoint_id = %(endpoint)s AND {_FREE} AND {_HEAD}
        ORDER BY each.due_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
    """  # noqa: S608
)
_TAKE_NEXT = _TAKE.format(
    heads="""
        SELECT next.id FROM unnest(%(members)s::bigint[]) AS line (member) CROSS JOIN LATERAL (
            SELECT waiting.id FROM operations_webhookdelivery waiting
            WHERE waiting.endpoint_id = %(endpoint)s AND waiting.state = 'waiting' AND waiting.member_id = line.member
            ORDER BY waiting.id LIMIT 1
        ) next
    """
)
# One probe of an index for each endpoint.
_DUE = f"""
    SELECT endpoint.id FROM operations_webhookendpoint endpoint
    WHERE {_OPEN} AND endpoint.id <> ALL (%(except)s) AND EXISTS (
        SELECT FROM operations_webhookdelivery each WHERE each.endpoint_id = endpoint.id AND {_FREE} AND {_HEAD}
    ) ORDER BY endpoint.id
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this worker sends: its `attempt`, from 1, and the event, its `data` as JSON.

    `first_at` is when it was first tried.
    """

    id: int
    attempt: int
    member_id: int | None
    first_at: datetime | None
    message_id: str
    kind: str
    data: str
    occurred_at: datetime


def take_due(endpoint_id: int, *, limit: int, now: datetime) -> list[Claimed]:
    """Take up to `limit` heads of lines that are due, those first that have been due for longest."""
    return _taken(_TAKE_DUE, endpoint_id, now=now, limit=limit)


def take_next(endpoint_id: int, members: Collection[int], *, now: datetime) -> list[Claimed]:
    """Take the heads of these members' lines, where they are due."""
    return _taken(_TAKE_NEXT, endpoint_id, now=now, members=list(members)) if members else []


def due_endpoints(*, now: datetime, but: Collection[int] = ()) -> list[int]:
    """Return the endpoints for which something can be sent now, without asking for those in `but`."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, "except": list(but)})
        return [endpoint_id for (endpoint_id,) in cursor.fetchall()]


def _taken(sql: str, endpoint_id: int, *, now: datetime, **values: Any) -> list[Claimed]:
    if connection.in_atomic_block:
        raise RuntimeError("what is sent is committed as taken before: call this outside of a transaction")
    with connection.cursor() as cursor:
        cursor.execute(sql, {"endpoint": endpoint_id, "now": now, "lease": now + LEASE, **values})
        return sorted((Claimed(*row) for row in cursor.fetchall()), key=lambda claimed: claimed.id)
