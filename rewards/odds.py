"""Odds in millionths, and which prize owns a roll. Pure: callers pass the roll."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

SCALE = 1_000_000

PrizeKey = str


@dataclass(frozen=True, slots=True)
class Odds:
    """A prize and its chance in millionths."""

    prize: PrizeKey
    weight: int


def prize_for_roll(odds: Sequence[Odds], roll: int) -> PrizeKey:
    """Return the prize that owns `roll`. Odds total SCALE, so every roll has an owner."""
    if not 0 <= roll < SCALE:
        raise ValueError(f"roll {roll} is outside range({SCALE})")
    ceiling = 0
    for entry in odds:
        ceiling += entry.weight
        if roll < ceiling:
            return entry.prize
    raise ValueError(f"odds total {ceiling}, not {SCALE}")


def ranges(odds: Sequence[Odds]) -> Iterator[tuple[PrizeKey, int, int]]:
    """Yield each prize with the rolls it owns, [floor, ceiling), in the order given."""
    floor = 0
    for entry in odds:
        yield entry.prize, floor, floor + entry.weight
        floor += entry.weight


def as_percent(millionths: int) -> Decimal:
    """Return millionths as percent, exactly: 125 is 0.0125."""
    return Decimal(millionths).scaleb(-4)


def percent_text(millionths: int) -> str:
    """Return millionths as the shortest exact percent: 125 is "0.0125", 300000 is "30"."""
    return f"{as_percent(millionths):f}".rstrip("0").rstrip(".")


def as_millionths(percent: Decimal) -> int:
    """Return percent with up to four decimals as millionths, exactly."""
    millionths = percent.scaleb(4)
    if millionths != millionths.to_integral_value():
        raise ValueError(f"{percent} % has more than four decimals")
    return int(millionths)
