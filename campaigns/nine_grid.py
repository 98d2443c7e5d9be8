"""The cells of the nine-grid (九宫格): prizes around the button that draws. Pure.

Cells must not suggest odds: every prize has as many as any other, and what is left over is ornament. The odds stand
beside the grid as numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# Cells around the button: three in a row, and four where there are more than eight prizes.
SIDES = (3, 4)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `at` is its place on the way of the light, clockwise from the first corner.

    `key` is the prize's, "" for an ornament, at which the light never stops. `rest`: the cell stands for so many
    prizes that have none of their own.
    """

    at: int
    key: str = ""
    name: str = ""
    kind: str = ""
    rest: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """`cells` as they are read, row by row, without the button in the middle."""

    side: int
    cells: tuple[Cell, ...]


def grid(prizes: Sequence[tuple[str, str, str]]) -> Grid:
    """Place each (key, name, kind). Beyond a dozen prizes, the last cell stands for those that are left."""
    side = next((side for side in SIDES if len(prizes) <= _around(side)), SIDES[-1])
    places = _around(side)
    shown = [("prize", *prize) for prize in prizes]
    if len(shown) > places:
        shown = [*shown[: places - 1], ("rest", "", "", "")]
    times = places // len(shown) if shown else 0
    ornaments = places - times * len(shown)
    follow = iter(shown * times)
    by_place = {}
    for at in range(places):
        if _has_ornament(at, ornaments, places):
            by_place[at] = Cell(at)
        else:
            what, key, name, kind = next(follow)
            by_place[at] = Cell(at, key, name, kind, rest=len(prizes) - places + 1 if what == "rest" else 0)
    return Grid(side, tuple(by_place[at] for at in _as_read(side)))


def _around(side: int) -> int:
    return 4 * (side - 1)


def _has_ornament(at: int, ornaments: int, places: int) -> bool:
    """Spread the ornaments evenly over the way."""
    return (at + 1) * ornaments // places > at * ornaments // places


def _as_read(side: int) -> list[int]:
    """Return the places on the way in the order of their rows."""
    last = side - 1
    way = [
        *((0, column) for column in range(last)),
        *((row, last) for row in range(last)),
        *((last, column) for column in range(last, 0, -1)),
        *((row, 0) for row in range(last, 0, -1)),
    ]
    return sorted(range(len(way)), key=lambda at: way[at])
