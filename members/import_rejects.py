"""Rejected rows of imports: sealed at rest, whatever their file held, and found again by what stands in a cell.

Any file may hold phone numbers in columns that nobody mapped, so the cells of every kind are sealed, and with them what
the wording of the reason quotes. In the clear stay the line, the column and the code.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from members import contact
from members.contact import Kind
from members.csv_files import Slice
from members.folding import Rejections
from members.import_preview import in_words_of_the_file
from members.models import ImportReject, ImportRun

NUL_SHOWN = "\u2400"
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Opened:
    """The row's own cells, and what the wording of its reason names."""

    fields: list[str]
    parameters: dict[str, Any]


def keep(run: ImportRun, piece: Slice, rejected: Rejections) -> None:
    """Store the rows of the slice that were rejected."""
    ImportReject.objects.bulk_create(
        (
            ImportReject(
                run=run,
                line=piece.numbers[index],
                column=error.column,
                code=str(error.code),
                # Programs that read CSV files choke on a NUL.
                **sealed([each.replace("\0", NUL_SHOWN) for each in piece.fields[index]], error.parameters),
            )
            for index, error in rejected
        ),
        batch_size=BATCH,
    )


def sealed(fields: Sequence[str], parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of ImportReject that hold this, by name."""
    text = json.dumps([list(fields), parameters])
    cells = sorted({cell.strip() for cell in fields} - {""})
    return {
        "sealed": contact.seal_text(Kind.REJECT, text),
        "found_by": [contact.hash_of(Kind.CELL, cell).hex() for cell in cells],
    }


def opened(reject: ImportReject) -> Opened | None:
    """Return what was sealed, None where no key of the installation opens it."""
    text = contact.unseal(Kind.REJECT, reject.sealed)
    return Opened(*json.loads(text)) if text else None


def reason(reject: ImportReject, row: Opened | None, mapping: Mapping[str, str]) -> str:
    """Return why the row was rejected, in the reader's language; the code alone where the row cannot be opened."""
    return in_words_of_the_file(reject.code, reject.column, row.parameters, mapping) if row else reject.code


def naming(text: str) -> QuerySet[ImportReject]:
    """Return the rejected rows that have a cell of just this text."""
    named = Q(pk__in=[])
    for digest in contact.hashes_of(Kind.CELL, text):
        named |= Q(found_by__contains=[digest.hex()])
    return ImportReject.objects.filter(named)
