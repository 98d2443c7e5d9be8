"""Files of a segment's members for download, written by workers.

A slice is one job and one transaction: it cuts the file to what stands for good, writes on, and moves the export, whose
row it holds. Killed at any moment, a slice has happened or has not. Contact data never goes into such a file.
"""

import csv
import io
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from members.import_uploads import stored
from members.models import Member
from operations import audit, jobs
from operations.formulas import disarmed
from operations.models import Job
from segmentation import member_sets
from segmentation.models import MemberExport, Segment
from segmentation.uid_lists import name_of

SLICE = 50_000
JOB = "segmentation.jobs.write_export"
# Column of the file → what of a member is in it.
COLUMNS = {"uid": "uid", "name": "name", "level": "level__name"}
# Spreadsheets read Chinese in UTF-8 only behind a byte order mark.
ENCODING = "utf-8"
MARK = "\ufeff"

State = MemberExport.State


@transaction.atomic
def request_export(segment: Segment, columns: Sequence[str], *, by: audit.Actor, now: datetime) -> MemberExport:
    """Ask workers for a file of the version that serves now. `columns` are added to the uid."""
    if segment.members is None:
        raise ValueError(f"segment {segment.slug} has no members computed yet")
    wanted = ["uid", *(each for each in COLUMNS if each in columns and each != "uid")]
    export = MemberExport(
        segment=segment,
        segment_name=segment.name,
        members=segment.members,
        columns=wanted,
        size=segment.members.size,
        asked_by=name_of(by),
        created_at=now,
    )
    header = (MARK + _as_csv([wanted])).encode(ENCODING)
    with stored(export.file, ContentFile(header, name="members.csv")):
        export.position = len(header)
        export.save()
        _enqueue(export)
        audit.record("segment.export_requested", segment, by=by, now=now, changes={"columns": [None, wanted]})
    return export


@transaction.atomic
def work(export_id: int, *, last_id: int, now: datetime) -> None:
    """Write the slice of members above `last_id`; nothing happens unless the export stands there."""
    running = MemberExport.objects.filter(pk=export_id, state=State.RUNNING, last_id=last_id)
    export = running.select_for_update().first()
    if export is None or export.members_id is None:
        return
    ids = list(islice(member_sets.load(export.members_id).iter_equal_or_larger(last_id + 1), SLICE))
    try:
        export.position = _write(Path(export.file.path), export.position, _rows(ids, export.columns))
    except OSError as error:
        _end(export, State.FAILED, now, error=str(error))
        return
    export.done += len(ids)
    if len(ids) == SLICE:
        export.last_id = ids[-1]
        _enqueue(export)
        export.save(update_fields=["position", "done", "last_id"])
    else:
        _end(export, State.DONE, now)


def note_lost(*, now: datetime) -> None:
    """Mark as failed the exports whose slice was given up."""
    for export in MemberExport.objects.filter(state=State.RUNNING):
        job = Job.objects.filter(key=_key(export)).first()
        if job is not None and job.state == Job.State.DEAD:
            _end(export, State.FAILED, now, error=job.error.strip().rpartition("\n")[2])


def forget_old(*, now: datetime) -> int:
    """Delete the files of exports that ended EXPORT_KEEP_DAYS ago; returns how many."""
    edge = now - timedelta(days=settings.EXPORT_KEEP_DAYS)
    old = list(MemberExport.objects.filter(finished_at__lt=edge).exclude(state=State.GONE))
    for export in old:
        _forget(export)
    return len(old)


def forget_member(member: Member) -> None:
    """Delete every file that the member is in: an erasure leaves no copy behind."""
    for export in MemberExport.objects.exclude(state=State.GONE).exclude(members=None):
        if export.members_id is not None and member_sets.holds(export.members_id, member.pk):
            _forget(export)


def _forget(export: MemberExport) -> None:
    """Delete the file once the row is seen without it: a file that is missed is worse than one that is left."""
    name, storage = str(export.file.name), export.file.storage
    with transaction.atomic():
        export.state, export.members, export.file = State.GONE, None, ""
        export.save(update_fields=["state", "members", "file"])
        if name:
            transaction.on_commit(lambda: storage.delete(name))


def _end(export: MemberExport, state: State, now: datetime, *, error: str = "") -> None:
    export.state, export.finished_at, export.error = state, now, error
    export.save(update_fields=["state", "finished_at", "error", "position", "done"])


def _rows(ids: list[int], columns: Sequence[str]) -> str:
    people = Member.objects.filter(pk__in=ids, erased_at=None).order_by("pk")
    return _as_csv(people.values_list(*(COLUMNS[each] for each in columns)))


def _as_csv(rows: object) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([disarmed(str(cell or "")) for cell in row] for row in rows)  # type: ignore[attr-defined]
    return text.getvalue()


def _write(path: Path, position: int, rows: str) -> int:
    """Write `rows` at `position`, in the place of whatever a slice that was undone had left; return where they end."""
    with path.open("r+b") as file:
        file.truncate(position)
        file.seek(position)
        file.write(rows.encode(ENCODING))
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _enqueue(export: MemberExport) -> None:
    jobs.enqueue(JOB, key=_key(export), arguments={"export_id": export.pk, "last_id": export.last_id})


def _key(export: MemberExport) -> str:
    return f"export:{export.pk}:{export.last_id}"
