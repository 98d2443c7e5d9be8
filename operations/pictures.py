"""Pictures that everybody may see: banners, gifts, items. Kept in the database, in a few widths, each encoded anew.

In the database and not below MEDIA_ROOT: that holds members' files, has no address and is in no backup, while a picture
has to be wherever a web process is, and to come and go with the rows that name it. It is read once by each browser
(`operations.picture_pages`), so that the database hardly notices.
"""

import hashlib
import io
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from PIL import Image

from operations.decoding import decoded
from operations.models import Picture, PictureSize
from operations.picture_reference import TALLEST, WIDTHS, Reference, read

QUALITY = 80
# A picture that nothing names any more may still be on a page that somebody has open.
UNUSED_FOR = timedelta(days=7)

# Returns the references in use: what stands in the rows of an app.
Finder = Callable[[], Iterable[str]]
_finders: list[Finder] = []


def register_uses(finder: Finder) -> None:
    """Say which pictures are in use. Apps call this in `AppConfig.ready()`."""
    if finder not in _finders:
        _finders.append(finder)


def keep(content: bytes, *, now: datetime) -> Reference:
    """Encode an uploaded picture anew and keep it; the same picture again is the same reference. Raises NotAPicture."""
    whole = decoded(content, within=(WIDTHS[-1], TALLEST))
    largest = _as_webp(whole)
    digest = hashlib.sha256(largest).hexdigest()[:32]
    reference = Reference(digest, whole.width, whole.height, _colour(whole))
    smaller = {width: _as_webp(_scaled(whole, width)) for width in reference.widths[:-1]}
    _write(reference, smaller | {whole.width: largest}, now)
    return reference


def hold(text: str, *, now: datetime) -> bool:
    """Say that this picture is about to be named, and whether it is here at all. It stays while UNUSED_FOR lasts."""
    named = read(text)
    if named is None:
        return False
    here = Picture.objects.filter(digest=named.digest, width=named.width, height=named.height, colour=named.colour)
    return here.update(wanted_at=now) == 1


def content_of(digest: str, width: int) -> bytes | None:
    """Return the WebP of a picture in one of its widths, None where there is none. One query."""
    found = PictureSize.objects.filter(picture_id=digest, width=width).values_list("content", flat=True)[:1]
    return next((bytes(each) for each in found), None)


@transaction.atomic
def forget_unused(*, now: datetime) -> int:
    """Delete the pictures that nothing has named for UNUSED_FOR; return how many.

    The rows are locked by the very condition that deletes them: who holds one meanwhile either comes first, and it
    stays, or finds it gone.
    """
    used = {named.digest for finder in _finders for text in finder() if (named := read(text)) is not None}
    Picture.objects.filter(digest__in=used).update(wanted_at=now)
    unused = Picture.objects.filter(wanted_at__lt=now - UNUSED_FOR).select_for_update()
    gone = list(unused.order_by("pk").values_list("pk", flat=True))
    Picture.objects.filter(pk__in=gone).delete()
    return len(gone)


@transaction.atomic
def _write(reference: Reference, sizes: dict[int, bytes], now: datetime) -> None:
    """Two who upload the same picture write it once."""
    picture = Picture(
        digest=reference.digest,
        width=reference.width,
        height=reference.height,
        colour=reference.colour,
        stored_at=now,
        wanted_at=now,
    )
    Picture.objects.bulk_create([picture], update_conflicts=True, unique_fields=["digest"], update_fields=["wanted_at"])
    PictureSize.objects.bulk_create(
        [PictureSize(picture=picture, width=width, content=content) for width, content in sizes.items()],
        ignore_conflicts=True,
    )


def _scaled(picture: Image.Image, width: int) -> Image.Image:
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _as_webp(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    # Pillow would carry metadata over from the picture's own.
    picture.save(written, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return written.getvalue()


def _colour(picture: Image.Image) -> str:
    """What the whole picture comes to when it is made one pixel."""
    red, green, blue = picture.resize((1, 1), Image.Resampling.BOX).tobytes()
    return f"{red:02x}{green:02x}{blue:02x}"
