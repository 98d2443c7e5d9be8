"""Refunds in; see `members.ingest` for what every kind of fact has in common.

A refund of an unknown order is kept until the order comes. No member is known then whose lock would hold its order
out, so batches of orders and such refunds shut each other out (`members.locking`).
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from members import facts, locking, merging, purchases, refunding
from members.faults import Fault, RowError
from members.folding import Folded, IngestResult, Outcome, fold
from members.merging import REFUSED, WAITING
from members.purchases import NOTHING, RefundTaken
from members.refunding import Purchase
from members.rows import RefundRow


def ingest_refunds(rows: Sequence[RefundRow], *, now: datetime) -> IngestResult:
    """Record refunds and apply those whose order, and line if they name one, is known; the others wait.

    A refund never changes: a row with the id of another one, or larger than what is left, is refused.
    """
    while True:
        try:
            return _ingest(rows, now=now)
        except RefundTaken:
            # The other's refunds are committed now: they are known the next time round.
            continue


@transaction.atomic
def _ingest(rows: Sequence[RefundRow], *, now: datetime) -> IngestResult:
    order_ids = {row.order_id for row in rows}
    members = facts.members_of(order_ids)
    if order_ids - members.keys():
        locking.keep_orders_out()
        members = facts.members_of(order_ids)
    locking.lock_by_id(set(members.values()))
    known = purchases.read(order_ids)
    orders = facts.orders_refunded_by([row.refund_id for row in rows])

    def merge(before: Purchase | None, row: RefundRow) -> Purchase:
        after = _with_refund(before or NOTHING, row, orders.get(row.refund_id, row.order_id))
        orders[row.refund_id] = row.order_id
        return after

    folded = fold(known.purchases, ((index, row.order_id, row) for index, row in enumerate(rows)), merge, _outcome)
    purchases.write(folded, known.primary_keys, lambda _before, _after: None, now=now)
    return folded.result([], waiting=_waiting(folded, rows))


def _with_refund(before: Purchase, row: RefundRow, order_id: str) -> Purchase:
    """Return the purchase after `row`; `order_id` is the order that the refund is for, if it is on record."""
    known = before.refunds.get(row.refund_id)
    if order_id != row.order_id or (known is not None and not merging.agrees(known, row)):
        raise RowError(Fault.REFUND_DIFFERS, "refund_id", value=row.refund_id)
    if known is None:
        return refunding.with_refund(before, row.refund_id, merging.refund_of(row))
    if known.state == REFUSED:
        raise refunding.excess(before, known) or RowError(Fault(known.fault), "amount")
    return before


def _outcome(before: Purchase | None, _after: Purchase, row: RefundRow) -> Outcome:
    return "unchanged" if before is not None and row.refund_id in before.refunds else "created"


def _waiting(folded: Folded[str, Purchase], rows: Sequence[RefundRow]) -> int:
    return sum(
        folded.final[order_id].refunds[rows[index].refund_id].state == WAITING for index, order_id, _ in folded.outcomes
    )
