"""Uploaded pictures, looked into and decoded: what is kept of one is only ever its pixels, encoded again.

What a file is called and says of itself counts for nothing. No metadata stays, so no place where it was taken; and no
byte of the original, so no second file hidden in it.
"""

import io

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

LARGEST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
ORIENTATION = 0x0112
# What EXIF calls lying on a side.
SIDEWAYS = (5, 6, 7, 8)
OPAQUE = ("RGB", "L", "CMYK", "YCbCr")


class NotAPicture(ValueError):
    """It cannot be taken; `words` say why."""

    def __init__(self, words: str | Promise) -> None:
        super().__init__(str(words))
        self.words = words


TOO_LARGE = _("The picture is larger than 10 MB.")
TOO_MANY_PIXELS = _("The picture has more than 50 million pixels.")
NO_PICTURE = _("This is no picture that can be read. Please choose a photo as JPEG, PNG or WebP.")


def decoded(content: bytes, *, within: tuple[int, int]) -> Image.Image:
    """Return the picture, of a moving one the first: upright, in RGB, on white, no larger than `within`.

    `within` is (width, height) in pixels. Raises NotAPicture.
    """
    if len(content) > LARGEST_BYTES:
        raise NotAPicture(TOO_LARGE)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            # Known before anything is decoded: a small file may stand for gigabytes.
            if picture.width * picture.height > MOST_PIXELS:
                raise NotAPicture(TOO_MANY_PIXELS)
            drawn = _on_white(_upright(picture, within))
            # Comments and colour profiles are bytes of the sender's, which an encoder would write out again.
            drawn.info = {}
            return drawn
    except NotAPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NotAPicture(TOO_MANY_PIXELS) from None
    except Exception as error:  # decoders of foreign bytes fail in ways of their own
        raise NotAPicture(NO_PICTURE) from error


def _upright(picture: Image.Image, within: tuple[int, int]) -> Image.Image:
    """Made smaller before it is turned: turning copies it."""
    box = within[::-1] if picture.getexif().get(ORIENTATION) in SIDEWAYS else within
    picture.draft("RGB", box)
    # A palette cannot be mixed, so it would be made smaller by leaving pixels out.
    smaller = picture if picture.mode in OPAQUE else picture.convert("RGBA")
    smaller.thumbnail(box)
    return ImageOps.exif_transpose(smaller)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper
