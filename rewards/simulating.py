"""A pool's draws without drawing: shares, cost, and when stocks run dry. Nothing is recorded."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from rewards.models import PoolVersion
from rewards.odds import SCALE


@dataclass(frozen=True, slots=True)
class SimulatedPrize:
    """How often a prize was given, what that cost, and the draw at which its stock ran out, if it did."""

    key: str
    odds: int
    given: int
    cost: Decimal
    dry_at: int | None


def simulate(version: PoolVersion, *, draws: int, seed: int) -> list[SimulatedPrize]:
    """Draw `draws` times from the stock that the version was published with; the same seed gives the same result."""
    prizes = list(version.prizes.select_related("gift").order_by("floor", "ceiling"))
    rolls = np.random.default_rng(seed).integers(0, SCALE, size=draws)
    ceilings = np.array([prize.ceiling for prize in prizes])
    owners = np.searchsorted(ceilings, rolls, side="right")
    hits = np.bincount(owners, minlength=len(prizes))
    given = [int(hit) if p.stock is None else min(int(hit), p.stock) for p, hit in zip(prizes, hits, strict=True)]
    over = draws - sum(given)
    result = []
    for index, prize in enumerate(prizes):
        count = given[index] + (over if prize.consolation else 0)
        dry_at = None
        if prize.stock is not None and hits[index] >= prize.stock:
            dry_at = int(np.flatnonzero(owners == index)[prize.stock - 1]) + 1 if prize.stock else 0
        result.append(SimulatedPrize(prize.key, prize.odds, count, count * prize.gift.cost, dry_at))
    return result
