"""Pictures that members hand in as a proof: looked into, drawn anew, and kept where no address leads.

What a phone says a file is counts for nothing. A picture is decoded and encoded again, so that nothing but its pixels
stays: no place where it was taken, no second file hidden behind it.
"""

import io
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from campaigns.models import Submission

LARGEST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2_000
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 85
FOLDER = "proofs"
# A picture is stored before its row is committed: what no row names after so long was never handed in.
LOST_AFTER = timedelta(days=1)
CHUNK = 1_000


class NotAPicture(ValueError):
    """It cannot be taken; `words` say why."""

    def __init__(self, words: Promise) -> None:
        super().__init__(str(words))
        self.words = words


TOO_LARGE = _("The picture is larger than 10 MB.")
TOO_MANY_PIXELS = _("The picture has more than 50 million pixels.")
NO_PICTURE = _("This is no picture that can be read. Please choose a photo as JPEG, PNG or WebP.")


def drawn_anew(content: bytes) -> bytes:
    """Return the picture as a JPEG of at most LONGEST_SIDE pixels a side, upright. Raises NotAPicture."""
    if len(content) > LARGEST_BYTES:
        raise NotAPicture(TOO_LARGE)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            # Known before anything is decoded: a small file may stand for gigabytes.
            if picture.width * picture.height > MOST_PIXELS:
                raise NotAPicture(TOO_MANY_PIXELS)
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _as_jpeg(upright)
    except NotAPicture:
        raise
    except Image.DecompressionBombError:
        raise NotAPicture(TOO_MANY_PIXELS) from None
    except Exception as error:  # decoders of foreign bytes fail in ways of their own
        raise NotAPicture(NO_PICTURE) from error


def _as_jpeg(picture: Image.Image) -> bytes:
    seen = picture.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")
    paper.paste(seen, mask=seen.getchannel("A"))
    written = io.BytesIO()
    paper.save(written, "JPEG", quality=QUALITY, optimize=True)
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
