"""A million draws of a pool simulated, against the plainest loop in Python over the same draws."""

import time
from collections import defaultdict

import numpy as np

from benchmarks.report import Figure

DRAWS, MEMBERS, DAYS = 1_000_000, 200_000, 30
ROUNDS = 3


def measure() -> list[Figure]:
    """Measure the draws alone: who draws when is the same for both, and made before. In seconds of one core."""
    from rewards.simulated_draws import Scenario, draws_of
    from rewards.simulated_pool import Per, SimulatedBudget
    from rewards.simulating import play

    pool = make_pool()
    draws = draws_of(Scenario(DRAWS, MEMBERS, DAYS), run=0)
    budgets = [SimulatedBudget(240_000_000), SimulatedBudget(9_000_000, Per.DAY)]
    plain, figures = [], []
    for _round in range(ROUNDS):
        started = time.process_time()
        in_loop = by_loop(pool, draws)
        plain.append(time.process_time() - started)
    for name, money in (("", []), (", with budgets", budgets)):
        taken = []
        for _round in range(ROUNDS):
            started = time.process_time()
            played = play(pool, draws, money)
            taken.append(time.process_time() - started)
        if not money:
            if not np.array_equal(played.given, in_loop):
                raise AssertionError("the simulation and the loop give different prizes")
            figures.append(
                Figure("a million draws simulated, against a loop", min(taken), min(plain), 0.5, "lower", "s")
            )
        figures.append(Figure(f"the same{name}, against 2 s", min(taken), 2.0, 1.0, "lower", "s"))
    return figures


def make_pool():  # type: ignore[no-untyped-def]
    """Return a pool with every kind of limit but budgets."""
    from rewards.simulated_pool import SimulatedPool, SimulatedPrize

    return SimulatedPool(
        (
            SimulatedPrize("phone", 20, cost=500_000, stock=15),
            SimulatedPrize("bag", 2_000, cost=5_000, stock=1_500, per_day=60),
            SimulatedPrize("coupon-50", 50_000, cost=2_000, per_hour=50, per_member=1),
            SimulatedPrize("coupon-10", 300_000, cost=500, per_member=2),
            SimulatedPrize("thanks", 647_980, cost=10, consolation=True),
        ),
        wins_per_member=5, guarantee_after=8, guarantee_prize="coupon-10",
    )  # fmt: skip


def by_loop(pool, draws):  # type: ignore[no-untyped-def]
    """Return the place of the prize that each draw gives, written as one would without thinking of speed or of bytes.

    Counts in dictionaries, checks in the order of the rules; only what this pool has: no budgets, no limits of gifts.
    """
    ceilings = np.cumsum([prize.odds for prize in pool.prizes])
    owners = np.searchsorted(ceilings, draws.rolls, side="right").tolist()
    used, misses = defaultdict(int), defaultdict(int)

    def can_be_won(place, member, hour):  # type: ignore[no-untyped-def]
        prize = pool.prizes[place]
        return (
            used["wins", member] < pool.wins_per_member
            and (prize.per_member is None or used[place, "member", member] < prize.per_member)
            and (prize.per_hour is None or used[place, "hour", hour] < prize.per_hour)
            and (prize.per_day is None or used[place, "day", hour // 24] < prize.per_day)
            and (prize.stock is None or used[place] < prize.stock)
        )

    given = []
    for place, member, hour in zip(owners, draws.members.tolist(), draws.hours.tolist(), strict=True):
        prize = place
        if place == pool.consolation or not can_be_won(place, member, hour):
            due = misses[member] + 1 >= pool.guarantee_after
            prize = pool.guaranteed if due and can_be_won(pool.guaranteed, member, hour) else pool.consolation
        if prize == pool.consolation:
            misses[member] += 1
        else:
            misses[member] = 0
            used["wins", member] += 1
            used[prize] += 1
            used[prize, "member", member] += 1
            used[prize, "hour", hour] += 1
            used[prize, "day", hour // 24] += 1
        given.append(prize)
    return np.array(given, dtype=np.uint8)
