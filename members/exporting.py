"""All that is held about a member, as JSON in a zip: a file for each section, and an index that says what each is."""

import zipfile
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from members import privacy
from members.models import Member
from operations import audit

_OPTIONS = orjson.OPT_NON_STR_KEYS


def export(member: Member, *, by: audit.Actor, now: datetime) -> IO[bytes]:
    """Return an open file with the archive, read from its start; closing it deletes it.

    Rows are read and written one after the other, so a long history needs no more memory than a short one. They are
    of one moment, and who exported whose is on record.
    """
    with ExitStack() as stack:
        archive = stack.enter_context(TemporaryFile())
        with transaction.atomic():
            if not connection.savepoint_ids:
                # Rows that come in meanwhile would be in one section and miss in another.
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            _write(archive, member, now)
            audit.record("member.data_exported", member, by=by, now=now)
        archive.seek(0)
        # Only what failed is closed here.
        stack.pop_all()
    return archive


def _write(archive: IO[bytes], member: Member, now: datetime) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        index = []
        for each in privacy.registered():
            name = f"{each.section.name}.json"
            with file.open(name, "w") as part:
                rows = write_rows(part, each.export(member))
            index.append({"file": name, "what": str(each.section.title), "rows": rows})
        about = {"uid": member.uid, "exported_at": timezone.localtime(now), "files": index}
        file.writestr("index.json", _json(about, orjson.OPT_INDENT_2))


def write_rows(part: IO[bytes], rows: Iterable[privacy.Row]) -> int:
    """Write the rows as a JSON list, a line each; return how many."""
    count = 0
    for row in rows:
        part.write(b",\n" if count else b"[\n")
        part.write(_json(row))
        count += 1
    part.write(b"\n]\n" if count else b"[]\n")
    return count


def _json(value: Any, options: int = 0) -> bytes:
    # Amounts are Decimal: as text they keep their cents.
    return orjson.dumps(value, default=str, option=_OPTIONS | options)
