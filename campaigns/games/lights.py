"""The level puzzle (点灯): a board of lamps; a press turns a lamp and its neighbours, and all must be out. Pure.

The board comes from the seed of the round, by pressing lamps of a dark board, so that each can be solved. A member
sends the presses; the server presses them again. That a level is done cannot be stated, only shown by a solution.

The other half is `static/h5/games/models.js`; both play the cases of `tests/cases/games/lights.json`.
"""

from campaigns.games.numbers import numbers

MOST_LEVELS = 30
MOST_PRESSES = 2000
SIZES = (3, 3, 4, 4, 5)


class NotPlayable(ValueError):
    """Presses that no page can have sent."""


def size_of(level: int) -> int:
    """Lamps in a row; levels are counted from 1."""
    return SIZES[min(level, len(SIZES)) - 1]


def board(seed: int, level: int) -> int:
    """The lamps that are on, as bits: lamp 0 is the lowest, row by row."""
    below, size = numbers(seed), size_of(level)
    on, pressed = 0, set[int]()
    # A few presses can cancel each other, so it goes on until there is something to solve.
    while len(pressed) < min(level + 1, size * size // 2) or not on:
        cell = below(size * size)
        if cell not in pressed:
            pressed.add(cell)
            on = press(on, size, cell)
    return on


def press(on: int, size: int, cell: int) -> int:
    """The board after one lamp was pressed."""
    row, column = divmod(cell, size)
    on ^= 1 << cell
    if row:
        on ^= 1 << cell - size
    if row < size - 1:
        on ^= 1 << cell + size
    if column:
        on ^= 1 << cell - 1
    if column < size - 1:
        on ^= 1 << cell + 1
    return on


def is_solved(seed: int, level: int, presses: str) -> bool:
    """Whether the presses "0 5 3 …" put all lamps out. Raises NotPlayable."""
    on, size = board(seed, level), size_of(level)
    for cell in read(presses, size):
        on = press(on, size, cell)
    return not on


def read(presses: str, size: int) -> list[int]:
    cells = presses.split()
    if len(cells) > MOST_PRESSES:
        raise NotPlayable(f"more than {MOST_PRESSES} presses")
    for cell in cells:
        if not (cell.isascii() and cell.isdigit() and len(cell) <= 2 and int(cell) < size * size):
            raise NotPlayable(f"{cell[:20]} is no lamp")
    return [int(cell) for cell in cells]
