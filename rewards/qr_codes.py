"""QR codes, black on white whatever the colours around them, with the quiet zone that readers need."""

import segno
from django.utils.safestring import SafeString, mark_safe
from PIL import Image

QUIET_ZONE = 4


def svg_of(text: str) -> SafeString:
    """Return the QR code of a text as SVG for a page: attributes only, so that the strict policy shows it."""
    drawn: str = _code(text).svg_inline(
        omitsize=True, border=QUIET_ZONE, dark="#000", light="#fff", svgclass="qr-code", lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308 segno draws paths; the text is not in them


def picture_of(text: str, widest: int) -> Image.Image:
    """Return the QR code of a text as a picture of at most `widest` pixels, each module as large as has room.

    Raises ValueError where a module would be narrower than 3 pixels: phones do not read that off a screen.
    """
    rows = list(_code(text).matrix_iter(border=QUIET_ZONE))
    scale = widest // len(rows)
    if scale < 3:
        raise ValueError(f"{len(rows)} modules have no room in {widest} pixels")
    bits = bytes(0 if dark else 255 for row in rows for dark in row)
    small = Image.frombytes("L", (len(rows), len(rows)), bits)
    return small.resize((len(rows) * scale,) * 2, Image.Resampling.NEAREST)


def _code(text: str) -> segno.QRCode:
    return segno.make(text, error="m", micro=False)
