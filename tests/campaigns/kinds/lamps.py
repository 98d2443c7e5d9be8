"""Solves boards of lamps, as a member does who has a program for it: elimination over the field of two elements."""

from campaigns.games import lights


def solution(seed: int, level: int) -> str:
    """Presses that put out the lamps of a level's board."""
    size = lights.size_of(level)
    basis: dict[int, tuple[int, int]] = {}
    for cell in range(size * size):
        _insert(basis, lights.press(0, size, cell), 1 << cell)
    on, presses = lights.board(seed, level), 0
    while on:
        turned, by = basis[on.bit_length()]
        on, presses = on ^ turned, presses ^ by
    return " ".join(str(cell) for cell in range(size * size) if presses >> cell & 1)


def _insert(basis: dict[int, tuple[int, int]], turned: int, by: int) -> None:
    while turned:
        place = turned.bit_length()
        if place not in basis:
            basis[place] = turned, by
            return
        turned, by = turned ^ basis[place][0], by ^ basis[place][1]
