"""Pictures that members hand in as a proof: drawn anew, and kept where no address leads."""

import io
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import HttpResponse

from campaigns.models import Submission
from operations.decoding import decoded

LONGEST_SIDE = 2_000
QUALITY = 85
FOLDER = "proofs"
# A picture is stored before its row is committed: what no row names after so long was never handed in.
LOST_AFTER = timedelta(days=1)
CHUNK = 1_000


def drawn_anew(content: bytes) -> bytes:
    """Return the picture as a JPEG of at most LONGEST_SIDE pixels a side, upright. Raises decoding.NotAPicture."""
    written = io.BytesIO()
    decoded(content, within=(LONGEST_SIDE, LONGEST_SIDE)).save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()


def store(jpeg: bytes, *, now: datetime) -> str:
    """Keep a picture under a name that nobody chose; return it, for `Submission.file`."""
    return default_storage.save(f"{FOLDER}/{now:%Y/%m}/{uuid4().hex}.jpg", ContentFile(jpeg))


def answer(submission: Submission) -> HttpResponse:
    """Send the picture to whoever may see it. Raises FileNotFoundError."""
    with submission.file.open("rb") as file:
        response = HttpResponse(file.read(), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = f'inline; filename="{submission.pk}.jpg"'
    return response


def forget(names: Iterable[str]) -> None:
    """Delete pictures once the transaction that takes their rows away is committed."""
    gone = [name for name in names if name]
    if gone:
        transaction.on_commit(lambda: _delete(gone))


def forget_lost(*, now: datetime) -> int:
    """Delete the pictures that no submission names; return how many."""
    root = Path(default_storage.path(FOLDER))
    if not root.is_dir():
        return 0
    lost = 0
    for names in _old(root, now - LOST_AFTER):
        known = set(Submission.objects.filter(file__in=names).values_list("file", flat=True))
        lost += _delete([name for name in names if name not in known])
    return lost


def _old(root: Path, before: datetime) -> Iterator[list[str]]:
    found: list[str] = []
    for path in root.rglob("*.jpg"):
        name = f"{FOLDER}/{path.relative_to(root).as_posix()}"
        if default_storage.get_modified_time(name) < before:
            found.append(name)
        if len(found) >= CHUNK:
            yield found
            found = []
    if found:
        yield found


def _delete(names: list[str]) -> int:
    for name in names:
        default_storage.delete(name)
    return len(names)
