"""The one way in for facts: members, orders, their items and refunds. Nothing else writes these tables.

Each call is one transaction and a constant number of statements, whatever the number of rows:
1. lock the members concerned, creating those that are missing (`members.locking`);
2. read what is known; under the locks it cannot change;
3. fold the rows over it, one after the other, so that a row counts as created, updated or unchanged exactly as if it
   had come alone, and of two rows for the same thing the later one holds (`members.folding`);
4. write what is new and what differs, then the totals, the feed and the subscribers' jobs.

A row that does not agree with what is known is refused by itself (`IngestResult.rejected`).
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from members import facts, locking, merging
from members.folding import IngestResult, fold
from members.ingest_orders import ingest_order_items, ingest_orders
from members.ingest_refunds import ingest_refunds
from members.models import Level
from members.rows import MemberRow

__all__ = ["IngestResult", "ingest_members", "ingest_order_items", "ingest_orders", "ingest_refunds"]


@transaction.atomic
def ingest_members(rows: Sequence[MemberRow], *, now: datetime) -> IngestResult:
    """Create or update members. What a row does not give stays as it is."""
    levels = dict(Level.objects.values_list("slug", "id"))
    uids = {row.uid for row in rows}
    created = locking.create_missing(uids, now=now)
    locked = {member.uid: member for member in locking.lock_by_uid(uids)}
    folded = fold(
        {uid: facts.state_of(member) for uid, member in locked.items() if uid not in created},
        ((index, row.uid, row) for index, row in enumerate(rows)),
        lambda known, row: merging.merged_member(known, row, levels),
    )
    facts.update_members({locked[uid].pk: state for uid, state in folded.written().items()})
    return folded.result([])
