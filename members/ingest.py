"""The one way in for facts: members, orders, their items and refunds. Nothing else writes these tables.

Each call is one transaction and a constant number of statements, whatever the number of rows:
1. lock the members concerned, creating those that are missing (`members.locking`);
2. read what is known; under the locks it cannot change;
3. fold the rows over it, one after the other, so that a row counts as created, updated or unchanged exactly as if it
   had come alone, and of two rows for the same thing the later one holds (`members.folding`);
4. write what is new and what differs, then the totals, the feed and the subscribers' jobs.

A row that does not agree with what is known is refused by itself (`IngestResult.rejected`).
"""

from members.folding import IngestResult
from members.ingest_members import ingest_members
from members.ingest_orders import ingest_order_items, ingest_orders
from members.ingest_refunds import ingest_refunds

__all__ = ["IngestResult", "ingest_members", "ingest_order_items", "ingest_orders", "ingest_refunds"]
