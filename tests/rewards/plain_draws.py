"""Draws of a pool one after the other, as plainly as can be written: what a simulation has to agree with."""

from collections import Counter
from collections.abc import Sequence

from rewards.odds import Odds, prize_for_roll
from rewards.simulated_pool import Per, SimulatedBudget, SimulatedPool, SimulatedPrize

Result = tuple[str, str]


class PlainPool:
    """What has been given of a pool, to whom and when, and what can still be won."""

    def __init__(self, pool: SimulatedPool, budgets: Sequence[SimulatedBudget] = ()):
        self.pool, self.budgets = pool, budgets
        self.prizes = {prize.key: prize for prize in pool.prizes}
        self.odds = [Odds(prize.key, prize.odds) for prize in pool.prizes]
        self.gifts = {gift.gift: gift for gift in pool.gifts}
        self.consolation = next(prize for prize in pool.prizes if prize.consolation)
        self.given: Counter = Counter()
        self.spent: Counter = Counter()
        self.misses: Counter = Counter()

    def draw(self, roll: int, member: int, hour: int) -> Result:
        """Return the prize given and why it is not the one rolled."""
        rolled = self.prizes[prize_for_roll(self.odds, roll)]
        refusal = "" if rolled.consolation else self.refusal(rolled, member, hour)
        given, why = (rolled, "") if not refusal else (self.consolation, refusal)
        if given.consolation and self.pool.guarantee_after and self.misses[member] + 1 >= self.pool.guarantee_after:
            guaranteed = self.prizes[self.pool.guarantee_prize]
            if not self.refusal(guaranteed, member, hour):
                given, why = guaranteed, refusal or "guaranteed"
        self.record(given, member, hour)
        return given.key, why

    def refusal(self, prize: SimulatedPrize, member: int, hour: int) -> str:
        day, gift = hour // 24, self.gifts.get(prize.gift)
        reached = [
            ("budget", prize.cost and any(self.left(budget, member, day) < prize.cost for budget in self.budgets)),
            ("wins_limit", self.full(self.pool.wins_per_member, ("wins", member))),
            ("member_limit", self.full(prize.per_member, (prize.key, "member", member))),
            ("member_limit", gift and self.full(gift.per_member, ("gift", gift.gift, member))),
            ("gift_out_of_stock", gift and self.full(gift.stock, ("gift", gift.gift))),
            ("hour", self.full(prize.per_hour, (prize.key, "hour", hour))),
            ("day", self.full(prize.per_day, (prize.key, "day", day))),
            ("out_of_stock", self.full(prize.stock, (prize.key,))),
            ("no_code", gift and self.full(gift.codes, ("gift", gift.gift))),
        ]
        return next((why for why, holds in reached if holds), "")

    def full(self, allowed: int | None, what: tuple) -> bool:
        return allowed is not None and self.given[what] >= allowed

    def left(self, budget: SimulatedBudget, member: int, day: int) -> int:
        return budget.cents - self.spent[self.purse(budget, member, day)]

    def purse(self, budget: SimulatedBudget, member: int, day: int) -> tuple:
        return budget, member if budget.of_member else None, day if budget.per == Per.DAY else None

    def record(self, prize: SimulatedPrize, member: int, hour: int) -> None:
        self.misses[member] = self.misses[member] + 1 if prize.consolation else 0
        for purse in {self.purse(budget, member, hour // 24) for budget in self.budgets}:
            self.spent[purse] += prize.cost
        if prize.consolation:
            return
        places = [("wins", member), (prize.key,), ("gift", prize.gift), ("gift", prize.gift, member)]
        places += [(prize.key, "member", member), (prize.key, "hour", hour), (prize.key, "day", hour // 24)]
        self.given.update(places)
