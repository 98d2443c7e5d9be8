"""The geometry of the draw wheel (大转盘): equal sectors, drawn as SVG paths. Pure.

A sector's size says nothing of its odds; those stand beside the wheel as numbers.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sin

RADIUS = 100
# The width of a line on a sector, in Latin letters; a Chinese character takes two.
LINE_WIDTH = 12
LINES = 3
# Names stand at this distance from the hub, and a Latin letter is so wide. Sectors too narrow for a word have none.
NAMES_AT = 68
LETTER = 4.3
LEAST_WIDTH = 6


@dataclass(frozen=True, slots=True)
class Sector:
    """One prize's place. The wheel turned by `-angle` degrees shows it at the top."""

    key: str
    kind: str
    lines: tuple[str, ...]
    path: str
    angle: str
    tone: int


def sectors(prizes: Sequence[tuple[str, str, str]]) -> list[Sector]:
    """Return a sector for each (key, name, kind), clockwise, the first one at the top."""
    width = 360 / len(prizes) if prizes else 0
    letters = _letters(len(prizes))
    return [
        Sector(
            key,
            kind,
            lines_of(name, letters) if letters >= LEAST_WIDTH else (),
            _path(width),
            f"{number * width:.3f}",
            _tone(number, len(prizes)),
        )
        for number, (key, name, kind) in enumerate(prizes)
    ]


def lines_of(name: str, letters: int = LINE_WIDTH) -> tuple[str, ...]:
    """Break a name into lines of like width that fit a sector; what does not fit ends in an ellipsis."""
    lines = _broken(name, letters)
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], lines[LINES - 1] + " " * letters]
    elif len(lines) > 1:
        widths = range(1, letters + 1)
        lines = next(tried for tried in (_broken(name, width) for width in widths) if len(tried) <= len(lines))
    return tuple(_cut(line, letters) for line in lines)


def _letters(count: int) -> int:
    """Return the width of a line where names stand, in a sector of so many."""
    chord = 2 * NAMES_AT * sin(radians(180 / count)) if count > 2 else 2 * RADIUS
    return min(LINE_WIDTH, int(chord / LETTER))


def _broken(name: str, width: int) -> list[str]:
    lines = [""]
    for word in _words(name):
        if lines[-1] and _width(lines[-1] + word.rstrip()) > width:
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
    return [line.strip() for line in lines]


def _words(name: str) -> list[str]:
    """Split where a line may break: after a space, and around every wide character."""
    words = [""]
    for letter in name:
        if _is_wide(letter) or (words[-1] and _is_wide(words[-1][-1])):
            words.append(letter)
        else:
            words[-1] += letter
            if letter == " ":
                words.append("")
    return [word for word in words if word]


def _cut(line: str, letters: int) -> str:
    if _width(line) <= letters:
        return line
    while _width(line) > letters - 1:
        line = line[:-1]
    return line.rstrip() + "…"


def _width(text: str) -> int:
    return sum(2 if _is_wide(letter) else 1 for letter in text)


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def _tone(number: int, count: int) -> int:
    """Alternate two tones; with an odd count a third keeps the last sector apart from the first."""
    return 2 if count % 2 and count > 1 and number == count - 1 else number % 2


def _path(width: float) -> str:
    """A sector around twelve o'clock; each is then turned to its place."""
    if width >= 360:
        return f"M0 {-RADIUS}A{RADIUS} {RADIUS} 0 1 1 0 {RADIUS}A{RADIUS} {RADIUS} 0 1 1 0 {-RADIUS}Z"
    half = radians(width / 2)
    x, y = RADIUS * sin(half), -RADIUS * cos(half)
    return f"M0 0L{-x:.3f} {y:.3f}A{RADIUS} {RADIUS} 0 0 1 {x:.3f} {y:.3f}Z"
