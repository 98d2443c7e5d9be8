"""Orders and their lines in; see `members.ingest` for what every kind of fact has in common."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from members import activity, facts, locking, merging, new_orders, purchases, refunding, touches
from members.faults import Fault, RowError
from members.folding import Folded, IngestResult, Outcome, Rejections, fold
from members.merging import PAID
from members.purchases import NOTHING
from members.refunding import Purchase
from members.rows import OrderItemRow, OrderRow


@touches.together()
def ingest_orders(rows: Sequence[OrderRow], *, now: datetime) -> IngestResult:
    """Create or correct orders. An unknown uid becomes a member of whom nothing else is known, the joining time least.

    An order never moves to another member: such a row is refused. Refunds that waited for their order are applied.
    New orders come in by one statement (`members.new_orders`), and so quickly; what corrects a known order, comes
    twice in the batch or has been refunded before it came is folded row by row.
    """
    if not rows:
        return IngestResult()
    locking.let_orders_in()
    once, several = _parted_by_frequency(rows)
    accepted, rejected = _of_their_owners(several)
    single = [rows[index] for index in once]
    together = [*single, *(row for _, row in accepted)]
    unknown = new_orders.uids_without_member(together)
    locking.create_missing([uid for uid, buys in unknown.items() if buys], now=now)
    locking.lock_uids({row.uid for row in together} - {uid for uid, buys in unknown.items() if not buys})
    taken = new_orders.take(single, now=now)
    left, refused = _of_their_owners([(once[place], rows[once[place]]) for place in taken.left])
    folded = _fold_in(sorted([*accepted, *left], key=lambda each: each[0]), now=now)
    return replace(
        folded,
        created=folded.created + taken.created,
        unchanged=folded.unchanged + taken.unchanged,
        rejected=sorted([*rejected, *refused, *folded.rejected], key=lambda each: each[0]),
    )


def _fold_in(rows: Sequence[tuple[int, OrderRow]], *, now: datetime) -> IngestResult:
    """Fold rows, each with its index, over what is known of their orders. Their members are locked."""
    if not rows:
        return IngestResult()
    members = facts.members_with_uid({row.uid for _, row in rows})
    known = _known({row.order_id: members[row.uid] for _, row in rows})

    def merge(before: Purchase | None, row: OrderRow) -> Purchase:
        before = before or NOTHING
        said = merging.merged_order(before.order, row, members[row.uid], settings.CURRENCY)
        return refunding.with_order(before, said)

    folded = fold(known.purchases, ((index, row.order_id, row) for index, row in rows), merge, _outcome_for_the_order)
    primary_keys = known.primary_keys | _insert_new(folded)
    lost = _lost_to_another_member(folded, primary_keys)
    purchases.write(folded, primary_keys, _told_of_order, now=now)
    return folded.result(lost)


def _parted_by_frequency(rows: Sequence[OrderRow]) -> tuple[list[int], list[tuple[int, OrderRow]]]:
    """Part the rows into the places of those whose order comes once, and those whose order comes several times."""
    times = Counter(row.order_id for row in rows)
    if len(times) == len(rows):
        return list(range(len(rows))), []
    once = [index for index, row in enumerate(rows) if times[row.order_id] == 1]
    return once, [(index, row) for index, row in enumerate(rows) if times[row.order_id] > 1]


@transaction.atomic
def ingest_order_items(rows: Sequence[OrderItemRow], *, now: datetime) -> IngestResult:
    """Create or correct the lines of known orders. A line of an unknown order is refused."""
    members = facts.members_of([row.order_id for row in rows])
    rejected = [
        (index, RowError(Fault.UNKNOWN_ORDER, "order_id", value=row.order_id))
        for index, row in enumerate(rows)
        if row.order_id not in members
    ]
    locking.lock_by_id(set(members.values()))
    known = purchases.read(members)
    folded = fold(
        known.purchases,
        ((index, row.order_id, row) for index, row in enumerate(rows) if row.order_id in members),
        _with_line,
        _outcome_for_the_line,
    )
    purchases.write(folded, known.primary_keys, _told_of_lines, now=now)
    return folded.result(rejected)


def _of_their_owners(rows: Sequence[tuple[int, OrderRow]]) -> tuple[list[tuple[int, OrderRow]], Rejections]:
    """Part the rows into those that name the order's own member and those that name another.

    Needs no lock: the member of an order never changes.
    """
    owners = facts.owners_of([row.order_id for _, row in rows]) if rows else {}
    accepted, rejected = [], []
    for index, row in rows:
        if owners.setdefault(row.order_id, row.uid) == row.uid:
            accepted.append((index, row))
        else:
            rejected.append((index, RowError(Fault.ORDER_OF_ANOTHER_MEMBER, "uid", value=row.order_id)))
    return accepted, rejected


def _known(members: dict[str, int]) -> purchases.Known:
    """Return the known among these orders, by order id → member id.

    One that has meanwhile come in for another member is left out here; writing it as new will fail and tell.
    """
    known = purchases.read(members)
    for order_id, purchase in list(known.purchases.items()):
        if purchase.order is not None and purchase.order.member_id != members[order_id]:
            del known.purchases[order_id], known.primary_keys[order_id]
    return known


def _insert_new(folded: Folded[str, Purchase]) -> dict[str, int]:
    return facts.insert_orders(
        {
            order_id: purchase.order
            for order_id, purchase in folded.written().items()
            if purchase.order is not None and folded.known.get(order_id, NOTHING).order is None
        }
    )


def _lost_to_another_member(folded: Folded[str, Purchase], written: Collection[str]) -> Rejections:
    """Drop and refuse the new orders that another batch wrote first for another member, whose lock we do not hold."""
    lost = {order_id for order_id, purchase in folded.final.items() if purchase.order is not None} - set(written)
    for order_id in lost:
        del folded.final[order_id]
    return [
        (index, RowError(Fault.ORDER_OF_ANOTHER_MEMBER, "uid", value=order_id))
        for index, order_id, _ in folded.outcomes
        if order_id in lost
    ]


def _with_line(before: Purchase | None, row: OrderItemRow) -> Purchase:
    before = before or NOTHING
    return refunding.with_line(before, row.line, merging.merged_item(before.lines.get(row.line), row))


def _outcome_for_the_order(before: Purchase | None, after: Purchase, _row: OrderRow) -> Outcome:
    if before is None or before.order is None:
        return "created"
    return "unchanged" if after.order == before.order else "updated"


def _outcome_for_the_line(before: Purchase | None, after: Purchase, row: OrderItemRow) -> Outcome:
    line = before and before.lines.get(row.line)
    if line is None:
        return "created"
    return "unchanged" if after.lines[row.line] == line else "updated"


def _told_of_order(before: Purchase, after: Purchase) -> tuple[str, dict[str, object]] | None:
    if after.order is None or after.order == before.order:
        return None
    if before.order is not None and before.order.said_status == after.order.said_status:
        return activity.ORDER_CORRECTED, {}
    if after.order.said_status == PAID:
        return activity.ORDER_PAID, {}
    refunded = after.order.amount - (before.order.refunded_amount if before.order else 0)
    return activity.ORDER_REFUNDED, {"refunded": str(refunded)}


def _told_of_lines(before: Purchase, after: Purchase) -> tuple[str, dict[str, object]] | None:
    return None if before.lines == after.lines else (activity.ORDER_ITEMS, {})
