"""Lines of text in a given width: Chinese breaks between any two characters, other words between themselves. Pure."""

import re
from collections.abc import Iterator

from PIL import ImageFont

Font = ImageFont.FreeTypeFont

MORE = "…"
# Signs that never begin a line stay with what is before them; opening ones with what comes after.
_CLOSING = "，。！？、；：”’）】》」』％%,.!?;:)]}…"
_OPENING = "“‘（【《「『([{¥$"
_CJK = "⺀-鿿豈-﫿︰-﹏＀-￯"
_PIECES = re.compile(
    rf"[{re.escape(_OPENING)}]*(?:[{_CJK}]|[^\s{_CJK}{re.escape(_OPENING)}]+)?[{re.escape(_CLOSING)}]*|\s+"
)


def wrapped(text: str, font: Font, width: int, most: int) -> list[str]:
    """The text in at most `most` lines of `width` pixels, of about the same length; the rest ends in an ellipsis."""
    lines = _filled(text, font, width, most)
    if len(lines) < 2 or lines[-1].endswith(MORE):
        return lines
    for narrower in range(width * 3 // 4, width, width // 12):
        balanced = _filled(text, font, narrower, most)
        if len(balanced) == len(lines) and not balanced[-1].endswith(MORE):
            return balanced
    return lines


def _filled(text: str, font: Font, width: int, most: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for piece in _pieces(text, font, width):
        if font.getlength(line + piece.rstrip()) <= width:
            line += piece
            continue
        lines.append(line.rstrip())
        line = piece.lstrip()
        if len(lines) == most:
            return [*lines[:-1], clipped(lines[-1] + MORE, font, width)]
    return [each for each in (*lines, line.rstrip()) if each]


def clipped(text: str, font: Font, width: int) -> str:
    """The text in one line of `width` pixels, ended by an ellipsis where it is longer."""
    if font.getlength(text) <= width:
        return text
    end = len(text)
    while end and font.getlength(text[:end].rstrip() + MORE) > width:
        end -= 1
    return text[:end].rstrip() + MORE


def fitting(text: str, fonts: Iterator[Font], width: int, most: int) -> tuple[Font, list[str]]:
    """The first font, from large to small, in which the whole text has room; else the last, with an ellipsis."""
    font, lines = None, []
    for font in fonts:
        lines = wrapped(text, font, width, most)
        if not lines or not lines[-1].endswith(MORE):
            break
    if font is None:
        raise ValueError("no font to choose from")
    return font, lines


def _pieces(text: str, font: Font, width: int) -> Iterator[str]:
    """What stays together; of a word that is wider than a line, its characters."""
    for piece in _PIECES.findall(text):
        if font.getlength(piece) > width:
            yield from piece
        elif piece:
            yield piece
