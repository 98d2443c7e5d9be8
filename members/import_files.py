"""Files for operators: the rejected rows of an import, and a template for each kind."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from members import import_rejects
from members.imports import Importer
from members.models import ImportReject, ImportRun
from operations.formulas import disarmed

# Excel takes a CSV file for UTF-8 only if it begins so.
MARK = "\ufeff"
BATCH = 2_000


def rejects_as_csv(run: ImportRun, titles: Sequence[str]) -> Iterator[str]:
    """Yield the rejected rows in the reader's language: line, column, code, reason and the row's own fields."""
    language = get_language()
    yield MARK + _csv([[_("Line of the file"), _("Column to correct"), _("Code"), _("Reason"), *titles]])
    rejects = run.rejects.order_by("line")
    last = 0
    # By key and not by a cursor, which poolers do not know. The language is that of the request, which may be over.
    while batch := list(rejects.filter(line__gt=last)[:BATCH]):
        with override(language):
            yield _csv(_shown(reject, run) for reject in batch)
        last = batch[-1].line


def template_as_csv(importer: Importer, *, now: datetime) -> str:
    """Return a file with the kind's columns, called as the reader calls them, and one row as an example."""
    columns = importer.columns().values()
    return MARK + _csv([[str(column.label) for column in columns], [column.example_at(now) for column in columns]])


def _shown(reject: ImportReject, run: ImportRun) -> list[str]:
    row = import_rejects.opened(reject)
    reason = import_rejects.reason(reject, row, run.mapping)
    column = run.mapping.get(reject.column, reject.column)
    return [str(reject.line), column, reject.code, reason, *(row.fields if row else [])]


def _csv(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([disarmed(field) for field in row] for row in rows)
    return text.getvalue()
