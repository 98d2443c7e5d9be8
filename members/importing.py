"""Imports of whole files, worked off by workers in slices.

States: uploaded → running → done, failed or cancelled; what has failed can be resumed where it stopped.

A slice is one job and one transaction. It reads rows from where the run stands, brings them in, keeps those that were
refused, moves the run and enqueues the job of the next slice: killed at any moment, a slice has happened or has not.
The run is moved by an update that holds only while it still stands where the slice began. So nobody waits for a slice:
whoever cancels does it at once, and the slice that is under way then undoes itself.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from members import csv_checks, import_rejects, imports
from members.csv_files import CsvFile, FileError, Place, Slice
from members.folding import IngestResult
from members.import_mapping import columns_of, fault_of
from members.import_uploads import stored
from members.models import ImportRun
from operations import audit, jobs
from operations.models import Job
from operations.sentences import listed

logger = logging.getLogger(__name__)

State = ImportRun.State
SLICE_JOB = "members.jobs.import_slice"
# Large, since each slice has a constant cost.
ROWS_PER_SLICE = 20_000
# A job must end long before workers are stopped at 60 s, and the bar should move.
ROWS_PER_JOB = 10_000
# Whatever went wrong, it may have been that the slices were too large for this machine.
ROWS_PER_JOB_RESUMED = 1_000


class NotPossible(Exception):
    """The import is in a state that does not allow it: somebody else was faster, or the file is gone."""


class _Overtaken(Exception):
    """The run does not stand any more where this slice began."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read: its encoding, its separator, and column of the kind → title of the file's column."""

    encoding: str
    separator: str
    mapping: Mapping[str, str]


def open_file(run: ImportRun, *, encoding: str = "", separator: str = "") -> CsvFile:
    """Return the run's file. Raises FileError if it is gone or not to be read so."""
    return CsvFile(Path(run.file.path), encoding=encoding or run.encoding, separator=separator or run.separator)


def check_encoding(run: ImportRun, encoding: str) -> None:
    """Raise FileError unless the whole file fits this encoding, as it fits the one that was detected."""
    if encoding != run.encoding:
        csv_checks.check(Path(run.file.path), encoding)


def upload(kind: str, content: File, *, by: audit.Actor, now: datetime) -> ImportRun:
    """Store a file that somebody wants to import. Raises FileError, and keeps nothing, if it is no CSV file of rows."""
    run = ImportRun(kind=kind, name=Path(content.name or "").name[-200:], created_at=now)
    run.uploaded_by = by  # type: ignore[assignment]
    with stored(run.file, content) as path:
        checked = csv_checks.detect(path)
        run.encoding, run.lines = checked.encoding, checked.lines
        run.separator = csv_checks.detect_separator(path, checked.encoding)
        file = open_file(run)
        csv_checks.refuse_without_rows(file)
        run.size = file.size
        with transaction.atomic():
            run.save()
            audit.record("import_run.uploaded", run, by=by, now=now, changes={"kind": [None, kind]})
    return run


@transaction.atomic
def start(run: ImportRun, reading: Reading, *, by: audit.Actor, now: datetime, rows: int = ROWS_PER_JOB) -> None:
    """Let workers bring the file in, `rows` a job. Raises FileError, or NotPossible if it was started before."""
    if missing := fault_of(list(reading.mapping), imports.importer_of(run.kind).required).missing:
        raise FileError(_("Nothing stands for: %(columns)s.") % {"columns": listed(missing)})
    check_encoding(run, reading.encoding)
    begin = open_file(run, encoding=reading.encoding, separator=reading.separator).begin
    _move(
        run,
        [State.UPLOADED],
        state=State.RUNNING,
        encoding=reading.encoding,
        separator=reading.separator,
        mapping=dict(reading.mapping),
        position=begin.offset,
        line=begin.line,
        started_at=now,
    )
    _enqueue(run, rows=rows)
    audit.record("import_run.started", run, by=by, now=now, changes={"mapping": [None, dict(reading.mapping)]})


@transaction.atomic
def cancel(run: ImportRun, *, by: audit.Actor, now: datetime) -> None:
    """Bring in no further rows. Those that have come in stay; a file that was never started is deleted.

    Raises NotPossible if it has ended before.
    """
    _move(run, [State.UPLOADED, State.RUNNING, State.FAILED], state=State.CANCELLED, finished_at=now)
    if run.started_at is None:
        # Once the row is seen without it: a file that is missed is worse than one that is left.
        transaction.on_commit(partial(run.file.storage.delete, str(run.file.name)))
        ImportRun.objects.filter(pk=run.pk).update(file="")
    audit.record("import_run.cancelled", run, by=by, now=now)


@transaction.atomic
def resume(run: ImportRun, *, by: audit.Actor, now: datetime, rows: int = ROWS_PER_JOB_RESUMED) -> None:
    """Go on where a failed import stopped, in smaller slices.

    Raises NotPossible for any other, or when its file has been deleted.
    """
    _move(run, [State.FAILED], state=State.RUNNING, error="", finished_at=None, resumed=F("resumed") + 1)
    _enqueue(run, rows=rows)
    audit.record("import_run.resumed", run, by=by, now=now)


def work(run_id: int, *, position: int, rows: int, now: datetime) -> None:
    """Bring in the slice that begins at `position`; nothing happens unless the run is there, and running."""
    run = ImportRun.objects.filter(pk=run_id, state=State.RUNNING, position=position).first()
    if run is None:
        return
    try:
        with transaction.atomic():
            _work_slice(run, rows=rows, now=now)
    except _Overtaken:
        logger.info("import %s went on without the slice at %s", run_id, position)
    except (FileError, OSError) as error:
        # Trying again would not help; an operator may put the file in order and resume.
        _fail(run, str(error), now=now)


def job_of(run: ImportRun) -> Job | None:
    """Return the job of the slice where the run stands."""
    return Job.objects.filter(key=_key(run)).first()


def note_lost(*, now: datetime) -> None:
    """Mark as failed the imports whose slice was given up, and ask again for a slice that nobody knows of."""
    for run in ImportRun.objects.filter(state=State.RUNNING):
        job = job_of(run)
        if job is None:
            with transaction.atomic():
                _enqueue(run, rows=ROWS_PER_JOB)
        elif job.state == Job.State.DEAD:
            _fail(run, job.error.strip().rpartition("\n")[2], now=now)


def forget_old(*, now: datetime) -> None:
    """Delete the files and rejected rows of imports that ended IMPORT_KEEP_DAYS ago; the counts stay."""
    edge = now - timedelta(days=settings.IMPORT_KEEP_DAYS)
    ended = Q(finished_at__lt=edge) | Q(finished_at=None, created_at__lt=edge)
    old = ImportRun.objects.filter(ended).exclude(state=State.RUNNING).exclude(file="")
    for pk in old.values_list("pk", flat=True):
        with transaction.atomic():
            run = old.select_for_update().filter(pk=pk).first()
            if run is None:
                continue
            run.rejects.all().delete()
            run.file.delete(save=False)
            if run.state == State.UPLOADED:
                run.state, run.finished_at = State.CANCELLED, now
            run.save(update_fields=["file", "state", "finished_at"])


def _work_slice(run: ImportRun, *, rows: int, now: datetime) -> None:
    file = open_file(run)
    importer = imports.importer_of(run.kind).of_file(run.name)
    piece = file.slice(Place(run.position, run.line), rows=rows)
    raws = piece.raws(columns_of(file.titles, run.mapping))
    result = imports.take(importer, raws, context=importer.load_context(now), now=now)
    # Before the rejects: a worker that was overtaken ends here and not at their unique constraint.
    _advance(run, piece, result, now=now)
    import_rejects.keep(run, piece, result.rejected)
    if not piece.finished:
        _enqueue(run, rows=rows)


def _advance(run: ImportRun, piece: Slice, result: IngestResult, *, now: datetime) -> None:
    """Move the run to the end of the slice. Raises _Overtaken if it does not stand at the beginning of it."""
    stands = ImportRun.objects.filter(pk=run.pk, state=State.RUNNING, position=run.position, resumed=run.resumed)
    moved = stands.update(
        position=piece.end.offset,
        line=piece.end.line,
        rows_read=F("rows_read") + len(piece.numbers),
        created=F("created") + result.created,
        updated=F("updated") + result.updated,
        unchanged=F("unchanged") + result.unchanged,
        rejected=F("rejected") + len(result.rejected),
        state=State.DONE if piece.finished else State.RUNNING,
        finished_at=now if piece.finished else None,
    )
    if not moved:
        raise _Overtaken
    run.position = piece.end.offset


def _move(run: ImportRun, allowed: list[State], **fields: object) -> None:
    """Change the state of a run whose file is there. Raises NotPossible unless it is in one of those allowed."""
    moved = ImportRun.objects.filter(pk=run.pk, state__in=allowed).exclude(file="").update(**fields)
    if not moved:
        raise NotPossible
    run.refresh_from_db()


def _fail(run: ImportRun, error: str, *, now: datetime) -> None:
    stands = ImportRun.objects.filter(pk=run.pk, state=State.RUNNING, position=run.position, resumed=run.resumed)
    stands.update(state=State.FAILED, error=error, finished_at=now)


def _enqueue(run: ImportRun, *, rows: int) -> None:
    arguments = {"run": run.pk, "position": run.position, "rows": rows}
    jobs.enqueue(SLICE_JOB, key=_key(run), arguments=arguments)


def _key(run: ImportRun) -> str:
    """Return the key of the job for the slice where the run stands; after a failure it needs a new one."""
    return f"import:{run.pk}:{run.position}" + (f":{run.resumed}" if run.resumed else "")
