"""The catch game (接红包): what falls from the seed of a round, and what a basket moved so has caught. Pure.

Whole numbers only, so that a browser reckons the same: ticks of 50 ms, a field 320 wide. Of a round a member sends at
which tick they wanted the basket where; the server plays the round again and finds the score by itself. It cannot be
stated, only earned: by a person, or by a program that plays well, and that takes as long.

The other half is `static/h5/games/models.js`; both play the cases of `tests/cases/games/catching.json`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from campaigns.games.numbers import numbers

TICKS = 20  # a second
WIDTH = 320
SPEED = 18  # that the basket moves in a tick
REACH = 34  # to either side of the basket's middle
MARGIN = 24
VALUES = {"packet": 1, "gold": 5, "bomb": -3}
# How many of ten are what.
KINDS = ("gold", "bomb", "bomb", "packet", "packet", "packet", "packet", "packet", "packet", "packet")


class NotPlayable(ValueError):
    """Inputs that no page can have sent."""


@dataclass(frozen=True, slots=True)
class Fall:
    """What is seen from tick `born` on, and lands at tick `lands` at `x`."""

    born: int
    lands: int
    x: int
    kind: str


def falls(seed: int, seconds: int) -> Iterator[Fall]:
    """What falls in a round, more and faster towards its end."""
    below, total = numbers(seed), seconds * TICKS
    tick = 10
    while tick + (drop := 46 - 20 * tick // total) <= total:
        x = MARGIN + below(WIDTH - 2 * MARGIN + 1)
        yield Fall(tick, tick + drop, x, KINDS[below(10)])
        tick += 14 - 8 * tick // total


def score(seed: int, seconds: int, inputs: str) -> int:
    """What a basket that was wanted at "tick:x tick:x …" has caught. Raises NotPlayable."""
    wanted = read(inputs, seconds)
    landing: dict[int, list[Fall]] = {}
    for fall in falls(seed, seconds):
        landing.setdefault(fall.lands, []).append(fall)
    at = target = WIDTH // 2
    caught = 0
    for tick in range(1, seconds * TICKS + 1):
        target = wanted.get(tick, target)
        at += max(-SPEED, min(SPEED, target - at))
        caught += sum(VALUES[fall.kind] for fall in landing.get(tick, ()) if abs(fall.x - at) <= REACH)
    return max(caught, 0)


def read(inputs: str, seconds: int) -> dict[int, int]:
    """The inputs by tick, at most one each, in order. Raises NotPlayable."""
    wanted: dict[int, int] = {}
    last = 0
    for part in inputs.split():
        tick, _, x = part.partition(":")
        if not (_is_number(tick) and _is_number(x)):
            raise NotPlayable(f"{part[:20]} is no input")
        if not last < int(tick) <= seconds * TICKS or int(x) > WIDTH:
            raise NotPlayable(f"{part} is outside of the round")
        last = int(tick)
        wanted[last] = int(x)
    return wanted


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5
