"""Lists of uids as operators bring them: pasted, or a file of text or CSV in any encoding that files of facts may have.

One uid a line. Where a line has several cells, the uid is in the column whose title says so, else in the first. Nothing
is done to anybody by reading a list; what is nobody's uid, or is repeated, is kept with its line.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.files.base import File
from django.db import connection, transaction
from django.utils.translation import gettext as _
from pyroaring import BitMap

from members import cells, csv_checks
from members.csv_files import BYTE_ORDER_MARKS, SEPARATORS, FileError
from members.import_columns import column_of
from members.import_mapping import guess
from operations import audit
from operations.formulas import disarmed
from segmentation import member_sets
from segmentation.models import UidList

MOST_UIDS = 1_000_000
LONGEST_UID = 100
LARGEST_MB = 50
ASKED_AT_ONCE = 50_000

_FIND = """
    SELECT uid, id FROM members_member
    WHERE uid = ANY((SELECT string_to_array(%s, E'\\n'))::text[]) AND erased_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Reject:
    line: int
    uid: str
    reason: str


@dataclass(frozen=True, slots=True)
class Read:
    """The uids of a list, each with the line it first stands on, and the lines that repeat one or hold none."""

    uids: dict[str, int]
    repeated: list[Reject]
    unreadable: list[Reject]


def bring(text: str, file: File | None, *, by: audit.Actor, now: datetime) -> UidList:
    """Read what was pasted, and the file, as one list. Raises FileError, and keeps nothing, if it names nobody."""
    lines = [*text.splitlines(), *(_lines_of(file) if file is not None else [])]
    read = read_lines(lines)
    if not read.uids:
        raise FileError(_("There is no uid in it: one uid a line is needed."))
    ids = find(read.uids)
    unknown = [Reject(line, uid, _("there is no such member")) for uid, line in read.uids.items() if uid not in ids]
    rejects = sorted([*read.repeated, *read.unreadable, *unknown], key=lambda each: each.line)
    with transaction.atomic():
        kept = UidList.objects.create(
            name=Path(file.name or "").name[-200:] if file is not None else "",
            members=member_sets.store(BitMap(ids.values())),
            lines=len(read.uids) + len(read.repeated) + len(read.unreadable),
            known=len(ids),
            repeated=len(read.repeated),
            unknown=len(unknown) + len(read.unreadable),
            rejects=_as_csv(rejects),
            brought_by=name_of(by),
            created_at=now,
        )
        audit.record("uid_list.uploaded", kept, by=by, now=now, changes={"known": [None, len(ids)]})
    return kept


def read_lines(lines: Iterable[str]) -> Read:
    """Return the uids in the lines. Raises FileError where there are too many of them, or too many lines are none."""
    uids: dict[str, int] = {}
    repeated, unreadable = [], []
    for number, uid in _cells(lines):
        if not uid:
            continue
        if len(uid) > LONGEST_UID or not cells.is_storable(uid):
            unreadable.append(Reject(number, uid[:LONGEST_UID], _("not a uid")))
        elif uid in uids:
            repeated.append(Reject(number, uid, _("repeated, first in line %(line)s") % {"line": uids[uid]}))
        else:
            uids[uid] = number
        if max(len(uids), len(repeated) + len(unreadable)) > MOST_UIDS:
            raise FileError(_("More than %(most)s uids are too many. Split the list.") % {"most": MOST_UIDS})
    return Read(uids, repeated, unreadable)


def find(uids: Iterable[str]) -> dict[str, int]:
    """Return the ids of those uids that are members'."""
    wanted = list(uids)
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), ASKED_AT_ONCE):
            cursor.execute(_FIND, ["\n".join(wanted[start : start + ASKED_AT_ONCE])])
            found.update(cursor.fetchall())
    return found


def of_selection(members: BitMap, *, by: audit.Actor, now: datetime) -> UidList:
    """Keep members who were picked on a screen as a list."""
    kept = member_sets.store(members)
    counted = {"lines": kept.size, "known": kept.size, "repeated": 0, "unknown": 0}
    words = _("Selected in the list of members")
    return UidList.objects.create(name=words, members=kept, **counted, brought_by=name_of(by), created_at=now)


def forget_uid(uid: str) -> None:
    """Empty the lines of every list that names the uid: an erasure leaves no copy behind."""
    UidList.objects.filter(rejects__contains=uid).update(rejects="")


def forget_rejects(*, before: datetime) -> int:
    """Empty what lists named that is nobody: they may be personal data of people who are none of ours."""
    return UidList.objects.filter(created_at__lt=before).exclude(rejects="").update(rejects="")


def name_of(actor: audit.Actor) -> str:
    """Return what a row calls whoever made it."""
    return "" if actor is None else str(getattr(actor, "username", None) or getattr(actor, "name", ""))[:150]


def _cells(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the number of each line and the uid in it."""
    place, separator = 0, ""
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix("\ufeff") if number == 1 else line
        if number == 1:
            separator = next((each for each in SEPARATORS if each in text), "")
            title = _title_place(_cells_of(text, separator))
            if title is not None:
                place = title
                continue
        cells = _cells_of(text, separator)
        yield number, _armed(cells[place].strip()) if place < len(cells) else ""


def _cells_of(line: str, separator: str) -> list[str]:
    if '"' not in line and not (separator and separator in line):
        return [line]
    try:
        return next(csv.reader([line], delimiter=separator or ","), [""])
    except csv.Error:
        return [line]


def _title_place(cells: list[str]) -> int | None:
    """Return the place of the uid's column if the line is a header, else None."""
    titles = [cell.strip() for cell in cells]
    title = guess(titles, {"uid": column_of("uid")}).get("uid")
    return None if title is None else titles.index(title)


def _armed(uid: str) -> str:
    """Return the uid as it was before an export made it harmless to spreadsheets."""
    return uid[1:] if uid.startswith("'") and disarmed(uid[1:]) == uid else uid


def _lines_of(file: File) -> list[str]:
    """Return the lines of a file in the encoding that fits. Raises FileError if it is no text, or too large."""
    if file.size > LARGEST_MB * 1_000_000:
        raise FileError(_("The file is larger than %(most)s MB. Split it.") % {"most": LARGEST_MB})
    with NamedTemporaryFile() as kept:
        for chunk in file.chunks():
            kept.write(chunk)
        kept.flush()
        encoding = csv_checks.detect(Path(kept.name)).encoding
        content = Path(kept.name).read_bytes().removeprefix(BYTE_ORDER_MARKS[encoding])
    return content.decode(encoding).splitlines()


def _as_csv(rejects: list[Reject]) -> str:
    if not rejects:
        return ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["line", "uid", "reason"])
    writer.writerows([each.line, disarmed(each.uid), each.reason] for each in rejects)
    return text.getvalue().replace("\x00", "")
