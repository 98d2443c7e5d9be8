"""Handing generated codes to the shop's own system, so that its tills know them."""

from collections.abc import Iterator
from datetime import datetime

from operations import audit
from rewards import code_files
from rewards.models import CodeBatch

BATCH = 5_000


def export(batch: CodeBatch, *, by: audit.Actor, now: datetime) -> Iterator[str]:
    """Return the codes of a batch as the lines of a file, and put on record who took them."""
    audit.record("code_batch.exported", batch, by=by, now=now, changes={"codes": [None, batch.added]})
    return code_files.as_lines(_codes(batch))


def _codes(batch: CodeBatch) -> Iterator[str]:
    """By key and not by a cursor, which poolers do not know."""
    last = 0
    while part := list(batch.codes.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield from (code.code for code in part)
        last = part[-1].pk
