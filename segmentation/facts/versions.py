"""The store on this machine's disk: which version is the last good one, and how the next one takes its place.

A version is a base shelf, with the facts of everyone, and perhaps a layer, with those of the members that were touched
since the base was written. The pointer `current.json` names them; it is replaced by renaming, when all they consist of
is on the disk. Whatever dies on the way leaves the last good version; what it left behind is cleared away by the next
builder, which holds the file lock.

A token of each version is in the database: a copy that was restored from before, or another database, does not know
it. The state of the facts (`members.touches.state`) would not tell: transactions are counted alike everywhere.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import connection

from segmentation.facts.shelf import CONTENTS, Shelf, synchronise

POINTER = "current.json"
# Raised whenever the files or the columns change their meaning.
FORMAT = 1
# Nobody is at work with the facts of one version for so long.
LONGEST_READ = timedelta(hours=1)

log = structlog.get_logger(__name__)


class Busy(Exception):
    """Another process is at work on the store."""


@dataclass(frozen=True)
class Version:
    """What the pointer says. `levels` are the slugs by id, and `partitions` the tables of events, that were read."""

    token: str
    state: str
    zone: str
    base: str
    layer: str | None
    levels: dict[str, str]
    partitions: list[str]
    format: int = FORMAT


def site_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def directory() -> Path | None:
    """Return where the store of this database is; None where there shall be none."""
    if not settings.FACTS_DIR:
        return None
    where = connection.settings_dict
    name = str(where["NAME"])
    full = f"{where['HOST']}:{where['PORT']}/{name}"
    readable, exact = re.sub(r"[^\w-]", "_", name), hashlib.sha256(full.encode()).hexdigest()[:8]
    return Path(settings.FACTS_DIR) / f"{readable}-{exact}"


def read_pointer(root: Path) -> Version | None:
    """Return the version that is published, if there is one that this code can read."""
    try:
        found = Version(**json.loads((root / POINTER).read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        log.warning("facts.pointer_unreadable", error=str(error))
        return None
    return found if found.format == FORMAT else None


def age(root: Path) -> timedelta:
    """Return how long ago the pointer was moved."""
    return timedelta(seconds=max(0.0, time.time() - (root / POINTER).stat().st_mtime))


def shelves(root: Path, version: Version) -> tuple[Shelf, Shelf | None]:
    """Open what the version consists of. Raises ShelfDamaged."""
    return Shelf(root / version.base), Shelf(root / version.layer) if version.layer else None


def refusal(version: Version) -> str | None:
    """Return why the version does not answer for this database, or None."""
    if version.zone != settings.TIME_ZONE:
        return f"it was written for the time zone {version.zone}"
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT FROM segmentation_factsversion WHERE token = %s),
                (SELECT count(*) FROM members_level l, jsonb_each_text(%s) AS read
                 WHERE l.id = read.key::bigint AND l.slug = read.value),
                (SELECT count(*) FROM pg_partition_tree('members_event')
                 WHERE isleaf AND relid::regclass::text = ANY(%s))
            """,
            [version.token, json.dumps(version.levels), version.partitions],
        )
        known, levels, partitions = cursor.fetchone()
    if not known:
        return "it is not of this database"
    if levels < len(version.levels):
        return "a level has another key"
    return "events were archived" if partitions < len(version.partitions) else None


def publish(root: Path, version: Version, *, before: Version | None) -> None:
    """Move the pointer to the version."""
    _outside_of_the_transaction("INSERT INTO segmentation_factsversion (token, created_at) VALUES (%s, now())", version)
    unfinished = root / f"{POINTER}.new"
    with unfinished.open("wb") as file:
        file.write(json.dumps(asdict(version)).encode())
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(root / POINTER)
    synchronise(root)
    if before:
        _outside_of_the_transaction("DELETE FROM segmentation_factsversion WHERE token = %s", before)


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Be the only one on this machine who builds. Raises Busy while another one does."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (root / "lock").open("wb") as door:
        try:
            fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(str(root)) from error
        yield


def new_name() -> str:
    return uuid.uuid4().hex


def clear_away(root: Path, version: Version | None) -> None:
    """Delete every shelf but those of `version` and those that a process still reads. Only while `alone`.

    A process that is asked nothing keeps what it read last; after LONGEST_READ it goes all the same.
    """
    used = {version.base, version.layer} if version else set()
    for each in root.iterdir():
        if each.is_dir() and each.name not in used and not (_is_read(each) and _is_left_lately(each)):
            shutil.rmtree(each, ignore_errors=True)


def _is_read(shelf: Path) -> bool:
    with suppress(OSError), (shelf / CONTENTS).open("rb") as door:
        try:
            fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _is_left_lately(shelf: Path) -> bool:
    """Tell whether the shelf was found to be replaced less than LONGEST_READ ago, and note when it was first found."""
    note = shelf / "replaced"
    if not note.exists():
        note.touch()
    return time.time() - note.stat().st_mtime < LONGEST_READ.total_seconds()


def _outside_of_the_transaction(sql: str, version: Version) -> None:
    """The pointer is moved for good whatever becomes of the job's transaction, and its token with it."""
    own: Any = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute(sql, [version.token])
    finally:
        own.close()
