"""The one way in for facts: members, orders and their items. Nothing else writes these tables.

Each call is one transaction and a constant number of statements, whatever the number of rows:
1. lock the members concerned, creating those that are missing (`members.locking`);
2. read what is known; under the locks it cannot change;
3. fold the rows over it, one after the other, so that a row counts as created, updated or unchanged exactly as if it
   had come alone, and of two rows for the same thing the later one holds;
4. write what is new and what differs, then the totals, the feed and the subscribers' jobs.

A row that does not agree with what is known is refused by itself (`IngestResult.rejected`).
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from members import activity, facts, locking, merging, metrics, standing
from members.faults import Fault, RowError
from members.merging import OrderState
from members.rows import MemberRow, OrderItemRow, OrderRow

Key = TypeVar("Key")
State = TypeVar("State")
Rejections = list[tuple[int, RowError]]


@dataclass(frozen=True, slots=True)
class IngestResult:
    """How many rows did what. `rejected` lists (index among the rows given, reason)."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: Rejections = field(default_factory=list)


@dataclass
class Folded(Generic[Key, State]):
    """What was known, what it becomes, and what each row did to it: (index, key, outcome)."""

    known: dict[Key, State]
    final: dict[Key, State]
    outcomes: list[tuple[int, Key, str]]

    def new(self) -> dict[Key, State]:
        return {key: state for key, state in self.final.items() if key not in self.known}

    def changed(self) -> dict[Key, State]:
        return {key: state for key, state in self.final.items() if key in self.known and state != self.known[key]}

    def written(self) -> dict[Key, State]:
        return self.new() | self.changed()

    def result(self, rejected: Rejections) -> IngestResult:
        refused = {index for index, _ in rejected}
        counts = Counter(outcome for index, _, outcome in self.outcomes if index not in refused)
        return IngestResult(**counts, rejected=sorted(rejected, key=lambda each: each[0]))


def fold(
    known: dict[Key, State],
    rows: Iterable[tuple[int, Key, Any]],
    merge: Callable[[State | None, Any], State],
) -> Folded[Key, State]:
    """Let each row (index, key, row) change the state of its key, in their order."""
    final = dict(known)
    outcomes = []
    for index, key, row in rows:
        before = final.get(key)
        after = merge(before, row)
        outcomes.append((index, key, "created" if before is None else "unchanged" if after == before else "updated"))
        final[key] = after
    return Folded(known, final, outcomes)


@transaction.atomic
def ingest_members(rows: Sequence[MemberRow], *, now: datetime) -> IngestResult:
    """Create or update members. What a row does not give stays as it is."""
    uids = {row.uid for row in rows}
    created = locking.create_missing(uids, now=now)
    locked = {member.uid: member for member in locking.lock_by_uid(uids)}
    held = standing.levels_had([locked[row.uid].pk for row in rows if row.level is not None])
    folded = fold(
        {uid: facts.state_of(member) for uid, member in locked.items() if uid not in created},
        ((index, row.uid, row) for index, row in enumerate(rows)),
        lambda known, row: merging.merged_member(known, row, held.get(locked[row.uid].pk, ())),
    )
    written = {locked[uid].pk: state for uid, state in folded.written().items()}
    facts.update_members(written)
    given = {pk: state.given_level for pk, state in written.items() if state.given_level is not None}
    standing.give_imported_levels(given, now=now)
    return folded.result([])


@transaction.atomic
def ingest_orders(rows: Sequence[OrderRow], *, now: datetime) -> IngestResult:
    """Create or correct orders. An unknown uid becomes a member of whom nothing else is known, the joining time least.

    An order never moves to another member: such a row is refused.
    """
    accepted, rejected = _of_their_owners(rows)
    uids = {row.uid for _, row in accepted}
    locking.create_missing(uids, now=now)
    members = {member.uid: member.pk for member in locking.lock_by_uid(uids)}
    folded = fold(
        _known_orders({row.order_id: members[row.uid] for _, row in accepted}),
        ((index, row.order_id, row) for index, row in accepted),
        lambda known, row: merging.merged_order(known, row, members[row.uid], settings.CURRENCY),
    )
    inserted = facts.insert_orders(folded.new())
    rejected += _lost_to_another_member(folded, inserted)
    primary_keys = inserted | facts.update_orders(folded.changed())
    _refresh_totals(folded)
    activity.record(_activities(folded, primary_keys), now=now)
    return folded.result(rejected)


@transaction.atomic
def ingest_order_items(rows: Sequence[OrderItemRow], *, now: datetime) -> IngestResult:
    """Create or correct the lines of known orders. A line of an unknown order is refused."""
    orders = {order.order_id: order for order in facts.find_orders([row.order_id for row in rows])}
    rejected = [
        (index, RowError(Fault.UNKNOWN_ORDER, "order_id", value=row.order_id))
        for index, row in enumerate(rows)
        if row.order_id not in orders
    ]
    locking.lock_by_id({order.member_id for order in orders.values()})
    folded = fold(
        facts.read_items([order.pk for order in orders.values()]),
        ((i, (orders[row.order_id].pk, row.line), row) for i, row in enumerate(rows) if row.order_id in orders),
        merging.merged_item,
    )
    facts.write_items(folded.written())
    _tell_of_items({order_pk for order_pk, _ in folded.written()}, now=now)
    return folded.result(rejected)


def _of_their_owners(rows: Sequence[OrderRow]) -> tuple[list[tuple[int, OrderRow]], Rejections]:
    """Part the rows into those that name the order's own member and those that name another.

    Needs no lock: the member of an order never changes.
    """
    owners = facts.owners_of([row.order_id for row in rows])
    accepted, rejected = [], []
    for index, row in enumerate(rows):
        if owners.setdefault(row.order_id, row.uid) == row.uid:
            accepted.append((index, row))
        else:
            rejected.append((index, RowError(Fault.ORDER_OF_ANOTHER_MEMBER, "uid", value=row.order_id)))
    return accepted, rejected


def _known_orders(members: dict[str, int]) -> dict[str, OrderState]:
    """Return the known among these orders, by order id → member id.

    One that has meanwhile come in for another member is left out here; writing it as new will fail and tell.
    """
    known = facts.read_orders(members)
    return {order_id: state for order_id, state in known.items() if state.member_id == members[order_id]}


def _lost_to_another_member(folded: Folded[str, OrderState], inserted: Collection[str]) -> Rejections:
    """Drop and refuse the new orders that another batch wrote first for another member, whose lock we do not hold."""
    lost = folded.new().keys() - inserted
    for order_id in lost:
        del folded.final[order_id]
    return [
        (index, RowError(Fault.ORDER_OF_ANOTHER_MEMBER, "uid", value=order_id))
        for index, order_id, _ in folded.outcomes
        if order_id in lost
    ]


def _refresh_totals(folded: Folded[str, OrderState]) -> None:
    """Derive the totals anew on the days the orders are on now and on those they have left."""
    written = folded.written()
    states = [*written.values(), *(folded.known[order_id] for order_id in written if order_id in folded.known)]
    metrics.refresh({state.member_id for state in states}, {_day(state.paid_at) for state in states})


def _tell_of_items(order_pks: Collection[int], *, now: datetime) -> None:
    # Read under the lock: the order may have been corrected since it was found.
    orders = facts.orders_with_pk(order_pks)
    metrics.refresh({order.member_id for order in orders}, {_day(order.paid_at) for order in orders})
    happened = [
        activity.Happened(order.member_id, activity.ORDER_ITEMS, order.order_id, order.paid_at, {"order": order.pk})
        for order in orders
    ]
    activity.record(happened, now=now)


def _activities(folded: Folded[str, OrderState], primary_keys: dict[str, int]) -> list[activity.Happened]:
    return [
        activity.Happened(
            state.member_id,
            _kind_of_change(folded.known.get(order_id), state),
            order_id,
            state.paid_at,
            {"order": primary_keys[order_id], "amount": str(state.amount), "quantity": state.quantity},
        )
        for order_id, state in folded.written().items()
    ]


def _kind_of_change(before: OrderState | None, after: OrderState) -> str:
    if before is not None and before.status == after.status:
        return activity.ORDER_CORRECTED
    return activity.ORDER_PAID if after.status == merging.PAID else activity.ORDER_REFUNDED


def _day(moment: datetime) -> date:
    return timezone.localdate(moment, timezone.get_default_timezone())
