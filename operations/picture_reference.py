"""How rows, campaigns and files name a stored picture: DIGEST-WIDTHxHEIGHT-COLOUR. Pure.

The name says all that a page needs to make room for the picture, so that showing one asks nothing of the database.
"""

import re
from dataclasses import dataclass

# From the smallest, for a mark in a list, to what a phone of three pixels to the point fills its screen with.
WIDTHS = (120, 360, 720, 1080)
TALLEST = 1620
LONGEST = 60

_REFERENCE = re.compile(r"([0-9a-f]{32})-([1-9][0-9]{0,3})x([1-9][0-9]{0,3})-([0-9a-f]{6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reference:
    """`width` and `height` of the largest size; `colour`, six hex digits, is what the whole picture comes to."""

    digest: str
    width: int
    height: int
    colour: str

    def __str__(self) -> str:
        return f"{self.digest}-{self.width}x{self.height}-{self.colour}"

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths in which it is kept, the smallest first: those below its own, and its own."""
        return (*(width for width in WIDTHS if width < self.width), self.width)


def read(text: str) -> Reference | None:
    """Return what the text names, None where it names no picture."""
    found = _REFERENCE.fullmatch(text)
    return Reference(found[1], int(found[2]), int(found[3]), found[4]) if found else None
