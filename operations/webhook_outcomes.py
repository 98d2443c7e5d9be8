"""What became of tries, written down: the attempts, the deliveries, and how the endpoint does.

The endpoint's row is locked before its deliveries, here as by those who change endpoints.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Min

from operations import webhook_endpoints, webhook_retries
from operations.models import WebhookDelivery, WebhookEndpoint
from operations.webhook_claims import Claimed
from operations.webhook_client import Answer
from operations.webhook_endpoints import TEST
from operations.webhook_refusals import Fault, Off

logger = logging.getLogger(__name__)

State = WebhookDelivery.State
GONE = 410
# A busy endpoint's row is written once in so long, not with each delivery.
NOTED_EVERY = timedelta(seconds=1)
# Behind a head that waits for its next try, so many are put off with it. Workers need not look at them meanwhile: a
# line of 30,000 costs each look 0.7 s.
PUT_OFF = 50_000

# That it was taken is true whatever was believed meanwhile; that it was not counts for who still holds it.
_END = """
    UPDATE operations_webhookdelivery each
    SET state = told.state, due_at = coalesce(told.due_at, each.due_at), taken_until = NULL, ended_at = told.ended_at,
        last_status = told.status, last_error = told.error
    FROM unnest(
        %(ids)s::bigint[], %(attempts)s::integer[], %(states)s::text[], %(dues)s::timestamptz[],
        %(ends)s::timestamptz[], %(statuses)s::smallint[], %(errors)s::text[]
    ) AS told (id, attempt, state, due_at, ended_at, status, error)
    WHERE each.id = told.id AND each.state = 'waiting' AND (each.attempts = told.attempt OR told.state = 'delivered')
    RETURNING each.id
"""
# A delivery may have gone meanwhile, with its endpoint or its member; what is left is held until this commits.
_NOTE = """
    INSERT INTO operations_webhookattempt (delivery_id, number, at, milliseconds, status, error, answer)
    SELECT told.id, told.number, told.at, told.milliseconds, told.status, told.error, told.answer
    FROM unnest(
        %(ids)s::bigint[], %(numbers)s::integer[], %(times)s::timestamptz[], %(durations)s::integer[],
        %(statuses)s::smallint[], %(errors)s::text[], %(answers)s::text[]
    ) AS told (id, number, at, milliseconds, status, error, answer)
    JOIN operations_webhookdelivery each ON each.id = told.id FOR KEY SHARE OF each
    ON CONFLICT DO NOTHING
"""
# Locked in the order of their ids, as by all who lock more than one (`webhook_events.forget_about`).
_PUT_OFF = """
    UPDATE operations_webhookdelivery SET due_at = %(due)s WHERE id IN (
        SELECT id FROM operations_webhookdelivery
        WHERE endpoint_id = %(endpoint)s AND member_id = %(member)s AND state = 'waiting' AND id > %(head)s
        ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE
    ) AND due_at < %(due)s AND state = 'waiting'
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """One try and what was answered, at `at`."""

    claimed: Claimed
    answer: Answer
    at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """Whether the endpoint fails now, and the members whose next delivery may follow."""

    failing: bool
    freed: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Told:
    state: State
    due_at: datetime | None
    ended_at: datetime | None


def write(  # noqa: PLR0913 - what is known of the tries, by keyword
    endpoint_id: int,
    tries: Sequence[Tried],
    *,
    alone: bool,
    noted: bool = False,
    now: datetime,
    chance: Callable[[], float],
) -> Written:
    """Write down what became of the tries, in one transaction.

    `alone`: nothing else is on its way there, so if all of these failed, the endpoint rests. `noted`: that it takes
    what comes was written down a moment ago, and need not be written again. One that cannot be written as it came does
    not undo the others: each is then written by itself.
    """
    try:
        with transaction.atomic():
            failing = _note(endpoint_id, tries, alone=alone, noted=noted, now=now)
            return Written(failing, _write(endpoint_id, tries, now=now, chance=chance))
    except Exception:
        logger.exception("what became of %s tries of webhook %s is written one by one", len(tries), endpoint_id)
    with transaction.atomic():
        failing = _note(endpoint_id, tries, alone=alone, noted=noted, now=now)
    freed = [_write_one(endpoint_id, tried, now=now, chance=chance) for tried in tries]
    return Written(failing, frozenset().union(*freed))


def _write_one(endpoint_id: int, tried: Tried, *, now: datetime, chance: Callable[[], float]) -> frozenset[int]:
    try:
        with transaction.atomic():
            return _write(endpoint_id, [tried], now=now, chance=chance)
    except Exception as error:
        # Without what the receiver said, which must be what cannot be written.
        why = "" if tried.answer.taken else f"{Fault.BROKEN}: {type(error).__name__}"
        bare = replace(tried, answer=Answer(tried.answer.status, why, milliseconds=tried.answer.milliseconds))
    with transaction.atomic():
        return _write(endpoint_id, [bare], now=now, chance=chance)


def _write(endpoint_id: int, tries: Sequence[Tried], *, now: datetime, chance: Callable[[], float]) -> frozenset[int]:
    """Write the tries and how their deliveries stand; return the members whose next delivery may follow."""
    told = {tried.claimed.id: _told(tried, now=now, chance=chance()) for tried in tries}
    ended = _end(tries, told)
    _note_attempts(tries)
    for tried in tries:
        due = told[tried.claimed.id].due_at
        if due is not None and tried.claimed.id in ended:
            _put_off(endpoint_id, tried.claimed, due)
    freed = {tried.claimed.member_id for tried in tries if told[tried.claimed.id].due_at is None}
    return frozenset(member for member in freed if member is not None)


@transaction.atomic
def rest(endpoint_id: int, *, now: datetime) -> None:
    """Leave the endpoint alone for a while, longer each time, because sending to it is a fault of ours."""
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id).first()
    if endpoint is not None:
        endpoint.failing_since = endpoint.failing_since or now
        endpoint.resting_until = now + webhook_retries.rest_after(now - endpoint.failing_since)
        endpoint.save(update_fields=["failing_since", "resting_until"])


def _told(tried: Tried, *, now: datetime, chance: float) -> _Told:
    if tried.answer.taken:
        return _Told(State.DELIVERED, None, now)
    if tried.answer.status == GONE:
        # The endpoint is off from now on; should somebody switch it on again, this is the first to come.
        return _Told(State.WAITING, now, None)
    # Whoever tests looks at the answer: a test is not tried again for days.
    due = None if tried.claimed.kind == TEST else _next_try(tried, now=now, chance=chance)
    return _Told(State.GIVEN_UP, None, now) if due is None else _Told(State.WAITING, due, None)


def _next_try(tried: Tried, *, now: datetime, chance: float) -> datetime | None:
    wait = webhook_retries.asked_wait(tried.answer.status, tried.answer.retry_after, now=now)
    first = tried.claimed.first_at or tried.at
    return webhook_retries.next_try(tried.claimed.attempt, first=first, now=now, chance=chance, wait=wait)


def _end(tries: Sequence[Tried], told: dict[int, _Told]) -> set[int]:
    """Write what the deliveries are now; return those that this worker still held."""
    endings = [told[tried.claimed.id] for tried in tries]
    values: dict[str, Any] = {
        "ids": [tried.claimed.id for tried in tries],
        "attempts": [tried.claimed.attempt for tried in tries],
        "states": [each.state.value for each in endings],
        "dues": [each.due_at for each in endings],
        "ends": [each.ended_at for each in endings],
        "statuses": [tried.answer.status for tried in tries],
        "errors": [tried.answer.error for tried in tries],
    }
    with connection.cursor() as cursor:
        cursor.execute(_END, values)
        return {delivery_id for (delivery_id,) in cursor.fetchall()}


def _note_attempts(tries: Sequence[Tried]) -> None:
    values: dict[str, Any] = {
        "ids": [tried.claimed.id for tried in tries],
        "numbers": [tried.claimed.attempt for tried in tries],
        "times": [tried.at for tried in tries],
        "durations": [tried.answer.milliseconds for tried in tries],
        "statuses": [tried.answer.status for tried in tries],
        "errors": [tried.answer.error for tried in tries],
        "answers": [tried.answer.beginning for tried in tries],
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)


def _put_off(endpoint_id: int, head: Claimed, due: datetime) -> None:
    if head.member_id is None:
        return
    values: dict[str, Any] = {
        "endpoint": endpoint_id,
        "member": head.member_id,
        "head": head.id,
        "due": due,
        "limit": PUT_OFF,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PUT_OFF, values)


def _note(endpoint_id: int, tries: Sequence[Tried], *, alone: bool, noted: bool, now: datetime) -> bool:
    """Write down how the endpoint does; return whether it fails."""
    if any(tried.answer.status == GONE for tried in tries):
        return _note_gone(endpoint_id, now=now)
    waits = [webhook_retries.asked_wait(each.answer.status, each.answer.retry_after, now=now) for each in tries]
    wait = max(waits, default=timedelta(0))
    if not any(tried.answer.taken for tried in tries):
        return _note_failing(endpoint_id, tries, alone=alone, wait=wait, now=now)
    if noted and all(tried.answer.taken for tried in tries):
        return False
    endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id)
    stale = endpoint.exclude(failing_since=None, last_delivered_at__gt=now - NOTED_EVERY)
    stale.update(failing_since=None, last_delivered_at=now)
    if wait:
        endpoint.update(resting_until=now + wait)
    return False


def _note_gone(endpoint_id: int, *, now: datetime) -> bool:
    """Switch it off, whatever else it took at the same moment."""
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id).first()
    if endpoint is not None:
        webhook_endpoints.switch_off(endpoint, by=None, now=now, reason=Off.GONE)
    return True


def _note_failing(endpoint_id: int, tries: Sequence[Tried], *, alone: bool, wait: timedelta, now: datetime) -> bool:
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id).first()
    if endpoint is None:
        return True
    # A test is not tried again: that it failed says nothing of the days after it.
    if facts := [tried.at for tried in tries if tried.claimed.kind != TEST]:
        endpoint.failing_since = _failing_since(endpoint, min(facts), now=now)
    failing_for = timedelta(0) if endpoint.failing_since is None else now - endpoint.failing_since
    if wait or (alone and endpoint.failing_since is not None):
        endpoint.resting_until = now + max(wait, webhook_retries.rest_after(failing_for))
    endpoint.save(update_fields=["failing_since", "resting_until"])
    if facts and failing_for >= webhook_retries.TRIED_FOR:
        webhook_endpoints.switch_off(endpoint, by=None, now=now, reason=Off.FAILING)
    return endpoint.failing_since is not None


def _failing_since(endpoint: WebhookEndpoint, failed_at: datetime, *, now: datetime) -> datetime:
    """Return since when it has taken nothing of what it is told.

    What failed first may be gone, with its member: then only what still waits can say that it fails for so long. Asked
    when the endpoint would go off, and then it does, or has failed for less: not again for days.
    """
    since = endpoint.failing_since or failed_at
    if now - since < webhook_retries.TRIED_FOR:
        return since
    waiting = endpoint.deliveries.filter(state=State.WAITING, attempts__gt=0).exclude(event__kind=TEST)
    first: datetime | None = waiting.aggregate(first=Min("tries__at"))["first"]
    return max(since, min(first or failed_at, failed_at))
