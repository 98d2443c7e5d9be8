"""What is expected of offers: how many are taken, and the gifts that this gives. Pure.

Assumed: whoever takes an offer takes one of it; a group that fills is bought by as many as it has seats.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pyroaring import BitMap

from campaigns.offers.terms import GROUP, Offer
from campaigns.rehearsal.costs import given_by_chance


@dataclass(frozen=True, slots=True)
class OfferLeft:
    """An offer as it stands: `members` may still have one, `left` of its stock, None without limit.

    `days`: from which of the days that are left until which, exclusive, it is open; the same day twice if never.
    """

    offer: Offer
    members: BitMap
    left: int | None
    days: tuple[int, int]

    @property
    def is_open(self) -> bool:
        begins, ends = self.days
        return begins < ends


@dataclass(frozen=True)
class Offered:
    """What a scenario comes to of one offer: so many `takers` want one; `filled` is the part of groups that fill."""

    standing: OfferLeft
    takers: float
    filled: float = 1.0

    @property
    def offer(self) -> Offer:
        return self.standing.offer

    @property
    def taken(self) -> float:
        """How many are taken, on average, within what is left of the stock."""
        return given_by_chance(self.takers, self.standing.left)[0]

    @cached_property
    def gifts(self) -> dict[str, tuple[float, float]]:
        """Gift → mean and variance of how many are given. The gifts of one group come together, or not at all."""
        size = self.offer.size if self.offer.kind == GROUP else 1
        left = self.standing.left
        most = None if left is None else left // size
        mean, variance = given_by_chance(self.takers * self.filled / size, most)
        each: Counter[str] = Counter()
        for gift, number in self._each(size):
            each[gift] += number
        return {gift: (number * mean, number**2 * variance) for gift, number in each.items()}

    def _each(self, size: int) -> Iterator[tuple[str, int]]:
        """The gifts of one coupon, or of one full group."""
        if self.offer.gift:
            yield self.offer.gift, size
        if self.offer.leader_gift:
            yield self.offer.leader_gift, 1
