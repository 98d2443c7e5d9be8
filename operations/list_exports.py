"""Lists as files: short ones at once, long ones by workers, in slices. The only writer of ListExport.

A slice is one job and one transaction: it cuts the file to what stands for good, writes on, and moves the export, whose
row it holds. Killed at any moment, a slice has happened or has not. Rows come newest first, by their keys, so what is
added meanwhile is in no file, and nothing comes twice.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from operations import audit, enqueueing, list_files
from operations.list_columns import Cell, cells, exported_columns, titles
from operations.models import Job, ListExport

# What a web process writes while somebody waits, and what a worker does in one slice.
AT_ONCE = 2_000
SLICE = 10_000
BATCH = 1_000
JOB = "operations.jobs.write_list_export"
TO_EXPORT = "operations.add_listexport"

State = ListExport.State


class CannotExport(ValueError):
    """The list cannot be written as asked; the message says why."""


def may_export(request: HttpRequest, model_admin: Any) -> bool:
    return bool(request.user.has_perm(TO_EXPORT) and model_admin.has_view_permission(request))


def asked_anew(export: ListExport, user: User) -> tuple[Any, HttpRequest]:
    """Return the admin of the list and a request for it as it was made. Raises PermissionDenied, LookupError."""
    model_admin = next(
        (each for model, each in admin.site._registry.items() if model._meta.label_lower == export.list_label), None
    )
    if model_admin is None:
        raise LookupError(export.list_label)
    request = HttpRequest()
    request.method, request.GET, request.user = "GET", QueryDict(export.query), user
    if not (user.is_active and user.is_staff and may_export(request, model_admin)):
        raise PermissionDenied
    return model_admin, request


def part(model_admin: Any, listed: QuerySet[Any], *, after: str, most: int) -> list[Model]:
    """Return up to `most` rows of a list, newest first, that come behind the row with the key `after`."""
    rows = listed.order_by("-pk")
    if after:
        rows = rows.filter(pk__lt=model_admin.model._meta.pk.to_python(after))
    return list(model_admin.export_rows(list(rows[:most])))


@transaction.atomic
def begin(  # noqa: PLR0913 - what a row is made of, by keyword
    model_admin: Any, request: HttpRequest, *, format: str, expected: int, state: State, now: datetime
) -> ListExport:
    """Put on record that somebody takes a list with them; a RUNNING one is handed to workers."""
    export = ListExport(
        list_label=model_admin.model._meta.label_lower,
        query=_query(request),
        format=format,
        state=state,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        expected=expected,
        asked_by=request.user,  # type: ignore[misc]  # staff have signed in
        created_at=now,
        finished_at=None if state == State.RUNNING else now,
    )
    if state == State.RUNNING:
        with translation.override(export.language):
            heading = list_files.line(format, titles(model_admin, exported_columns(model_admin, request)))
        begun = list_files.beginning(format) + heading
        export.position = len(begun)
        export.file.save(f"{uuid4().hex}.part", ContentFile(begun), save=False)
        export.save()
        _enqueue(export)
    else:
        export.done = expected
        export.save()
    changes = {"list": [None, export.list_label], "rows": [None, expected], "filters": [None, export.query]}
    audit.record("list.exported", export, by=request.user, now=now, changes=changes)
    return export


def written_at_once(model_admin: Any, request: HttpRequest, *, format: str, rows: list[Model]) -> bytes:
    """Return the whole file of these rows."""
    names = exported_columns(model_admin, request)
    told: list[list[Cell]] = [[*titles(model_admin, names)], *(cells(model_admin, names, row) for row in rows)]
    return list_files.whole(format, told, title=str(model_admin.opts.verbose_name_plural))


@transaction.atomic
def work(export_id: int, *, slice: int, now: datetime) -> None:
    """Write one slice; nothing happens unless the export stands there."""
    export = ListExport.objects.select_for_update().filter(pk=export_id, state=State.RUNNING, slice=slice).first()
    if export is None:
        return
    try:
        with translation.override(export.language):
            _write_slice(export, now=now)
    except CannotExport as error:
        _end(export, State.FAILED, now=now, error=str(error))
    except (PermissionDenied, LookupError, IncorrectLookupParameters, ValidationError):
        with translation.override(export.language):
            why = _("Whoever asked for it may not see this list any more, or the list has changed.")
        _end(export, State.FAILED, now=now, error=why)
    except OSError as error:
        _end(export, State.FAILED, now=now, error=str(error))


def _write_slice(export: ListExport, *, now: datetime) -> None:
    if export.asked_by is None:
        raise PermissionDenied
    model_admin, request = asked_anew(export, export.asked_by)
    names = exported_columns(model_admin, request)
    model_admin.prepare_export(request)
    listed = model_admin.get_changelist_instance(request).queryset
    written, last = [], False
    for _batch in range(SLICE // BATCH):
        rows = part(model_admin, listed, after=export.last_key, most=BATCH)
        written += [list_files.line(export.format, cells(model_admin, names, row)) for row in rows]
        if rows:
            export.last_key = str(rows[-1].pk)
        export.done += len(rows)
        if last := len(rows) < BATCH:
            break
    if export.format == ListExport.Format.XLSX and export.done > list_files.MOST_XLSX_ROWS:
        raise CannotExport(too_long_for_excel())
    export.position = list_files.write(Path(export.file.path), export.position, b"".join(written))
    if last:
        title = str(model_admin.opts.verbose_name_plural)
        list_files.finish(Path(export.file.path), export.format, title=title)
        _end(export, State.DONE, now=now)
    else:
        export.slice += 1
        export.save(update_fields=["done", "last_key", "position", "slice"])
        _enqueue(export)


def too_long_for_excel() -> str:
    words = _("A list of more than %(most)s rows is too long for Excel: take CSV, or narrow the list by its filters.")
    return words % {"most": f"{list_files.MOST_XLSX_ROWS:,}"}


@transaction.atomic
def stop(export: ListExport, *, by: audit.Actor, now: datetime) -> bool:
    """Stop an export that is being written; False where it has ended already."""
    locked = ListExport.objects.select_for_update().get(pk=export.pk)
    if locked.state != State.RUNNING:
        return False
    _end(locked, State.STOPPED, now=now)
    audit.record("list_export.stopped", locked, by=by, now=now)
    return True


def note_lost(*, now: datetime) -> None:
    """Mark as failed the exports whose slice was given up."""
    for export in ListExport.objects.filter(state=State.RUNNING):
        job = Job.objects.filter(key=_key(export)).first()
        if job is not None and job.state == Job.State.DEAD:
            _end(export, State.FAILED, now=now, error=job.error.strip().rpartition("\n")[2])


def forget_old(*, now: datetime) -> None:
    """Delete the files of exports that ended EXPORT_KEEP_DAYS ago."""
    edge = now - timedelta(days=settings.EXPORT_KEEP_DAYS)
    for export in ListExport.objects.filter(finished_at__lt=edge).exclude(file=""):
        _forget(export)


def forget_files(*, now: datetime) -> None:
    """Delete every file, and stop those being written: who was erased may be in any of them."""
    for export in ListExport.objects.exclude(file="").select_for_update():
        export.finished_at = export.finished_at or now
        _forget(export)


def _forget(export: ListExport) -> None:
    name, storage = str(export.file.name), export.file.storage
    with transaction.atomic():
        export.state, export.file = State.GONE, ""
        export.save(update_fields=["state", "file", "finished_at"])
        transaction.on_commit(lambda: storage.delete(name))


def _end(export: ListExport, state: State, *, now: datetime, error: str = "") -> None:
    export.state, export.finished_at, export.error = state, now, error
    name, storage = str(export.file.name), export.file.storage
    if state != State.DONE and name:
        # Half a list is none.
        export.file = ""
        transaction.on_commit(lambda: storage.delete(name))
    export.save()


def _query(request: HttpRequest) -> str:
    wanted = request.GET.copy()
    for of_the_page in ("p", "e", "all", "_changelist_filters"):
        wanted.pop(of_the_page, None)
    return wanted.urlencode()


def _enqueue(export: ListExport) -> None:
    enqueueing.enqueue(JOB, key=_key(export), arguments={"export_id": export.pk, "slice": export.slice})


def _key(export: ListExport) -> str:
    return f"list-export:{export.pk}:{export.slice}"
