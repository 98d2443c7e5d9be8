"""What a draw costs, is worth and wins on average, before any limit is reached. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rewards.odds import SCALE
from rewards.pool_terms import PrizeTerms

MANY = 1_000


@dataclass(frozen=True, slots=True)
class Expectation:
    """For one draw: cost and value in cents, and the odds in millionths of more than the consolation prize."""

    cost: Decimal
    value: Decimal
    wins: int

    @property
    def cost_of_many(self) -> int:
        """Return what MANY draws cost on average, in cents."""
        return round(self.cost * MANY)


def expectation(prizes: Sequence[PrizeTerms]) -> Expectation:
    """Return what a draw from these prizes brings on average."""
    return Expectation(
        cost=sum((Decimal(prize.odds * prize.cost) for prize in prizes), Decimal()) / SCALE,
        value=sum((Decimal(prize.odds * prize.face_value) for prize in prizes), Decimal()) / SCALE,
        wins=sum(prize.odds for prize in prizes if not prize.consolation),
    )
