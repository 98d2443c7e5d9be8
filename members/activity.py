"""The feed of facts, and who is told of them.

Apps above subscribe in `AppConfig.ready()`. A batch of facts makes one job for each subscriber, written in the
transaction of the facts themselves, so that it lives or dies with them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.models import Activity
from operations import jobs

ORDER_PAID = "order.paid"
ORDER_REFUNDED = "order.refunded"
ORDER_CORRECTED = "order.corrected"
ORDER_ITEMS = "order.items"
WORDINGS: dict[str, Promise] = {
    ORDER_PAID: _("order paid"),
    ORDER_REFUNDED: _("order refunded"),
    ORDER_CORRECTED: _("order corrected"),
    ORDER_ITEMS: _("order items"),
}

# A job has to be done within the workers' time limit.
TOLD_AT_ONCE = 5_000

_subscribers: dict[str, list[str]] = defaultdict(list)


@dataclass(frozen=True, slots=True)
class Happened:
    """One fact for the feed. `reference` is the shop's own id of it."""

    member_id: int
    kind: str
    reference: str
    occurred_at: datetime
    data: Mapping[str, object]


def wording_of(kind: str) -> str:
    return str(WORDINGS.get(kind, kind))


def name_kind(kind: str, wording: Promise) -> None:
    """Add a kind of fact that an app above records. Apps call this in `AppConfig.ready()`."""
    if WORDINGS.setdefault(kind, wording) != wording:
        raise ValueError(f"there is already an activity of kind {kind!r}")


def subscribe(kind: str, function: str) -> None:
    """Have `function` (such as "rewards.jobs.reward_orders") run as a job after each batch with facts of `kind`.

    It is called with `activity_ids`, the list of ids of the batch's activities of the kinds it subscribed to.
    """
    if kind not in WORDINGS:
        raise ValueError(f"no activity of kind {kind!r}, only {sorted(WORDINGS)}")
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
