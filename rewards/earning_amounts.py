"""How much a fact earns by a rule, how much of it stays after refunds, and when it can be spent. Pure.

What a fact has earned moves with its net amount: what an order is worth now that is left of refunds and counts for the
rule; for an event 1 where it counts. What holds, whatever order the facts come in and however often they are told:
- an order keeps floor(granted × net ÷ base), where `base` is the largest net at which it was ever settled;
- without a cap, granted is floor(base × rate × multiplier);
- with a cap, all that a member is granted by one rule on one day is the smaller of the cap and the sum of those. Who
  came first has it: a refund takes back what its own order was granted and leaves the day's room as it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal, localcontext

# Digits enough for an amount times a rate times a multiplier, so that only the last step rounds.
PRECISION = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """What one fact has earned by one rule: `granted` at `base`, less what was `reversed` since."""

    multiplier: Decimal
    base: Decimal = Decimal(0)
    granted: int = 0
    reversed: int = 0

    @property
    def kept(self) -> int:
        return self.granted - self.reversed


def within(at: datetime, starts_at: datetime, ends_at: datetime | None) -> bool:
    """Tell whether a fact of `at` falls in a rule's time: the start is part of it, the end is not."""
    return starts_at <= at and (ends_at is None or at < ends_at)


def earned(net: Decimal, rate: Decimal, multiplier: Decimal) -> int:
    """Return what `net` earns, rounded down once, at the end."""
    with localcontext(prec=PRECISION):
        return int((net * rate * multiplier).to_integral_value(ROUND_FLOOR))


def kept(granted: int, base: Decimal, net: Decimal) -> int:
    """Return how much of `granted`, earned at `base`, stays at a `net` not above it."""
    if not 0 <= net <= base:
        raise ValueError(f"{net} is not between 0 and {base}")
    if base == 0:
        return 0
    with localcontext(prec=PRECISION):
        # Exact: a quotient of integers, rounded down, not a rounded quotient.
        return int(granted * net // base)


def net_that_counts(net: Decimal, by_category: Mapping[str, Decimal], categories: Collection[str]) -> Decimal:
    """Return how much of an order's net amount counts for a rule of these categories; empty: all of it.

    Lines can add up to more than was paid for the order, as when a coupon lowered it: no more counts than was paid.
    """
    if not categories:
        return net
    return min(net, sum((by_category.get(category, Decimal(0)) for category in set(categories)), Decimal(0)))


def settled(before: Standing, net: Decimal, *, rate: Decimal, room: int | None) -> Standing:
    """Return what the fact has earned now that its net amount is `net`.

    Above `base` the additional part earns within `room`, what the day's cap leaves (None: no cap), and base rises. Up
    to it the fact keeps its share.
    """
    after = before
    if net > before.base:
        more = earned(net, rate, before.multiplier) - earned(before.base, rate, before.multiplier)
        more = more if room is None else min(more, room)
        after = replace(before, base=net, granted=before.granted + more)
    return replace(after, reversed=after.granted - kept(after.granted, after.base, net))


def matures_at(at: datetime, days: int, *, now: datetime) -> datetime | None:
    """Return when what a fact of `at` earned matures: so many times 24 hours after it. None: it has already."""
    due = at + timedelta(days=days)
    # A fact may be a few minutes ahead of our clock; without days to wait it matures at once all the same.
    return due if days and due > now else None
