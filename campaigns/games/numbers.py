"""Numbers that look like chance and are the same for the same seed, here and in a browser (mulberry32). Pure.

The other half is `static/h5/games/models.js`; both play the cases of `tests/cases/games/`.
"""

from collections.abc import Callable

SEEDS = 2**32
_MASK = 0xFFFFFFFF


def numbers(seed: int) -> Callable[[int], int]:
    """Return a function that gives the next number from 0 to n - 1."""
    state = seed & _MASK

    def below(n: int) -> int:
        nonlocal state
        state = (state + 0x6D2B79F5) & _MASK
        mixed = ((state ^ state >> 15) * (state | 1)) & _MASK
        mixed ^= (mixed + ((mixed ^ mixed >> 7) * (mixed | 61) & _MASK)) & _MASK
        return (mixed ^ mixed >> 14) % n

    return below
