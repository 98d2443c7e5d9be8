"""The feed of facts, and who is told of them.

Apps above subscribe in `AppConfig.ready()`. A batch of facts makes one job for each subscriber, written in the
transaction of the facts themselves, so that it lives or dies with them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from members.models import Activity
from operations import jobs

ORDER_PAID = "order.paid"
ORDER_REFUNDED = "order.refunded"
ORDER_CORRECTED = "order.corrected"
ORDER_ITEMS = "order.items"
_kinds = {ORDER_PAID, ORDER_REFUNDED, ORDER_CORRECTED, ORDER_ITEMS}

# A job has to be done within the workers' time limit.
TOLD_AT_ONCE = 5_000

# Returns the types of events that are wanted now.
Wants = Callable[[], Collection[str]]

_subscribers: dict[str, list[str]] = defaultdict(list)
_event_subscribers: dict[str, Wants] = {}


@dataclass(frozen=True, slots=True)
class Happened:
    """One fact for the feed. `reference` is the shop's own id of it."""

    member_id: int
    kind: str
    reference: str
    occurred_at: datetime
    data: Mapping[str, object]


def add_kind(kind: str) -> None:
    """Add a kind of fact that an app above records. Apps call this in `AppConfig.ready()`."""
    _kinds.add(kind)


def subscribe(kind: str, function: str) -> None:
    """Have `function` (such as "rewards.jobs.reward_orders") run as a job after each batch with facts of `kind`.

    It is called with `activity_ids`, the list of ids of the batch's activities of the kinds it subscribed to.
    """
    if kind not in _kinds:
        raise ValueError(f"no activity of kind {kind!r}, only {sorted(_kinds)}")
    if function not in _subscribers[kind]:
        _subscribers[kind].append(function)


def record(happened: Sequence[Happened], *, now: datetime) -> None:
    """Add facts to the feed and enqueue one job for each subscriber. Inside the caller's transaction only."""
    activities = Activity.objects.bulk_create(
        [
            Activity(
                member_id=each.member_id,
                kind=each.kind,
                reference=each.reference,
                occurred_at=each.occurred_at,
                data=each.data,
                created_at=now,
            )
            for each in happened
        ]
    )
    by_kind: dict[str, list[int]] = defaultdict(list)
    for activity in activities:
        by_kind[activity.kind].append(activity.pk)
    tell(by_kind)


def followed() -> frozenset[str]:
    """Return the kinds of activities that somebody subscribed to."""
    return frozenset(kind for kind, functions in _subscribers.items() if functions)


def tell(activity_ids: Mapping[str, Sequence[int]]) -> None:
    """Enqueue a job for each subscriber to these kinds of activities, several if there are many of them."""
    told: dict[str, list[int]] = defaultdict(list)
    for kind, ids in activity_ids.items():
        for function in _subscribers.get(kind, ()):
            told[function].extend(ids)
    for function, ids in told.items():
        ids.sort()
        for start in range(0, len(ids), TOLD_AT_ONCE):
            # Batches interleave, so a range of ids could hold another batch's facts: the ids are listed.
            few = ids[start : start + TOLD_AT_ONCE]
            jobs.enqueue(function, key=f"{function}:{few[0]}", arguments={"activity_ids": few})


def subscribe_to_events(function: str, wants: Wants) -> None:
    """Have `function` run as a job after each batch of behaviour events that has some of the types wanted.

    `wants` is asked in each batch's transaction, so it should be cheap. The job is called with `event_ids`, a list of
    [event_id, time in ISO 8601] of the batch's new events of those types: the key of `members.models.Event`.
    """
    if _event_subscribers.get(function, wants) != wants:
        raise ValueError(f"{function!r} subscribes to events already")
    _event_subscribers[function] = wants


def tell_of_events(events: Iterable[tuple[str, str, datetime]]) -> None:
    """Enqueue a job for each subscriber who wants some of these new events (id, type, time), several if they are many.

    Inside the caller's transaction only. Events are many and nobody reads them one by one, so the feed has no rows
    of them.
    """
    wanted = {function: types for function, wants in _event_subscribers.items() if (types := frozenset(wants()))}
    if not wanted:
        return
    told: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for event_id, kind, occurred_at in events:
        for function, types in wanted.items():
            if kind in types:
                told[function].append((event_id, occurred_at.isoformat()))
    for function, event_ids in told.items():
        for start in range(0, len(event_ids), TOLD_AT_ONCE):
            few = event_ids[start : start + TOLD_AT_ONCE]
            first, at = few[0]
            jobs.enqueue(function, key=f"{function}:{at}:{first}", arguments={"event_ids": few})
