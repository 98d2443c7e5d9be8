"""What the screens of an import show of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count
from django.utils.translation import gettext as _

from members import csv_checks, import_rejects, imports
from members.csv_files import CsvFile
from members.import_columns import column_of
from members.import_forms import SEPARATOR_NAMES, ReadingForm, kinds_for, may_import
from members.import_preview import Row, first_rows
from members.importing import job_of
from members.models import ImportRun
from operations.models import Job

State = ImportRun.State
SHOWN_REASONS = 10


@dataclass(frozen=True, slots=True)
class KindGuide:
    """What a file of a kind must have and may have."""

    name: str
    title: str
    required: tuple[str, ...]
    optional: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """`count` rows were refused for this; `line` is the first of them."""

    text: str
    count: int
    line: int


def guides(user: User | AnonymousUser) -> list[KindGuide]:
    """Return what files must have, for the kinds the user may import."""
    found = []
    for kind in kinds_for(user):
        importer = imports.importer_of(kind)
        labels = {name: str(column.label) for name, column in importer.columns().items()}
        required = tuple(label for name, label in labels.items() if name in importer.required)
        optional = tuple(label for name, label in labels.items() if name not in importer.required)
        found.append(KindGuide(kind, imports.title_of(kind), required, optional))
    return found


def check_screen(run: ImportRun, file: CsvFile, form: ReadingForm, *, now: datetime) -> dict[str, Any]:
    """Return what the page shows before an import starts. Raises FileError."""
    importer = imports.importer_of(run.kind)
    chosen, fault = form.chosen(), form.fault()
    # A column that two headers stand for is read from the first of them here; the import does not start so.
    mapping = {name: title for title, name in reversed(list(zip(form.titles, chosen, strict=True))) if name}
    rows = first_rows(file, importer, mapping, now=now)
    return {
        "kind": imports.title_of(run.kind),
        "rows": rows,
        "heads": list(zip(form.titles, form.column_fields(), chosen, strict=True)),
        "required": [(str(column_of(name).label), name in chosen) for name in importer.required],
        "missing": [str(column_of(name).label) for name in fault.missing],
        "twice": [str(importer.columns()[name].label) for name in fault.twice],
        "ready": not fault,
        "refused": _refused(rows),
        "row_estimate": max(run.lines - 1, 0),
    }


def run_screen(run: ImportRun, user: User | AnonymousUser, *, now: datetime) -> dict[str, Any]:
    """Return what the page of an import shows of it, running or ended."""
    job = job_of(run) if run.state == State.RUNNING else None
    may = may_import(user, run.kind)
    return {
        "run": run,
        "kind": imports.title_of(run.kind),
        "running": run.state == State.RUNNING,
        "waiting": job is not None and run.rows_read == 0 and job.attempts == 0,
        "retried": job if job is not None and job.state == Job.State.QUEUED and job.error else None,
        "left": time_left(run, now=now),
        "reasons": _reasons(run) if run.state != State.RUNNING and run.rejected and may else [],
        "may_act": may,
        "may_cancel": may and run.state in (State.RUNNING, State.FAILED),
        "may_resume": may and run.state == State.FAILED and run.is_kept,
        "may_download": may and run.rejected > 0 and run.is_kept,
        "encoding": csv_checks.ENCODINGS.get(run.encoding, run.encoding),
        "separator": dict(SEPARATOR_NAMES).get(run.separator, run.separator),
        "mapping": [(title, str(_label(run.kind, name))) for name, title in run.mapping.items()],
    }


def time_left(run: ImportRun, *, now: datetime) -> timedelta | None:
    """Return how long the rest will take at the pace so far; None while that cannot be told."""
    if run.state != State.RUNNING or run.resumed or not run.rows_read or run.started_at is None:
        return None
    left = (now - run.started_at) * ((run.size - run.position) / run.position)
    return timedelta(seconds=max(round(left.total_seconds()), 1))


def _label(kind: str, name: str) -> object:
    try:
        columns = imports.importer_of(kind).columns()
    except imports.UnknownKind:
        return name
    return columns[name].label if name in columns else name


def _refused(rows: Sequence[Row]) -> int:
    return sum(not row.is_good for row in rows)


def _reasons(run: ImportRun) -> list[Reason]:
    """Return the most frequent reasons, each in the words of one row refused for it."""
    groups = run.rejects.values("code", "column").annotate(count=Count("id")).order_by("-count", "code", "column")
    found = []
    for group in groups[:SHOWN_REASONS]:
        first = run.rejects.filter(code=group["code"], column=group["column"]).order_by("line")[0]
        words = import_rejects.reason(first, import_rejects.opened(first), run.mapping)
        found.append(Reason(words, group["count"], first.line))
    return found


def reading_note(run: ImportRun) -> str:
    """Return a warning where the detected encoding may be a mistake, else ""."""
    if run.encoding == csv_checks.GB18030:
        return _("The file is not UTF-8, so it is read as GB18030. Look whether the Chinese in the table is right.")
    return ""
