"""A prize pool as its rules say it in plain words: who wins what, and why not. Slow, and without a database."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date


@dataclass
class PlainPrize:
    key: str
    cost: int
    stock: int | None = None
    per_day: int | None = None
    per_member: int | None = None
    codes: int | None = None


@dataclass
class PlainBudget:
    cents: int
    daily: bool
    spent: Counter = field(default_factory=Counter)

    def period(self, day: date) -> date | None:
        return day if self.daily else None

    def room(self, day: date) -> int:
        return self.cents - self.spent[self.period(day)]


@dataclass
class PlainAward:
    """What one draw gave, so that it can be taken back once."""

    prize: PlainPrize
    member: int
    day: date
    state: str = "granted"


@dataclass
class PlainPool:
    """Prizes, the last of them the consolation; `guarantee_after` draws without a win `guaranteed` is due."""

    prizes: list[PlainPrize]
    guarantee_after: int
    guaranteed: str
    budgets: list[PlainBudget] = field(default_factory=list)
    given: Counter = field(default_factory=Counter)
    misses: Counter = field(default_factory=Counter)

    def prize(self, key: str) -> PlainPrize:
        return next(prize for prize in self.prizes if prize.key == key)

    def closed(self, prize: PlainPrize, member: int, day: date) -> str:
        """Why the member cannot win the prize now, "" where nothing stands against it."""
        # What costs nothing needs no room, not even where a lowered budget is overspent.
        if prize.cost and any(prize.cost > budget.room(day) for budget in self.budgets):
            return "budget"
        if prize.per_member is not None and self.given[prize.key, "member", member] >= prize.per_member:
            return "member_limit"
        if prize.per_day is not None and self.given[prize.key, "day", day] >= prize.per_day:
            return "day"
        if prize.stock is not None and self.given[prize.key] >= prize.stock:
            return "out_of_stock"
        return "no_code" if prize.codes == 0 else ""

    def draw(self, rolled: str, member: int, day: date) -> tuple[PlainAward, str, dict[str, str]]:
        """Return what is given, why it is not what was rolled, and all that was closed."""
        consolation = self.prizes[-1]
        reasons = {prize.key: self.closed(prize, member, day) for prize in self.prizes[:-1]}
        closed = {key: reason for key, reason in reasons.items() if reason}
        given, why = self.prize(rolled), closed.get(rolled, "")
        if why:
            given = consolation
        if given is consolation and self.misses[member] + 1 >= self.guarantee_after and self.guaranteed not in closed:
            given, why = self.prize(self.guaranteed), why or "guaranteed"
        self.misses[member] = self.misses[member] + 1 if given is consolation else 0
        return self._give(given, member, day), why, closed

    def _give(self, prize: PlainPrize, member: int, day: date) -> PlainAward:
        award = PlainAward(prize, member, day)
        self._count(award, 1)
        if prize.codes is not None:
            prize.codes -= 1
        return award

    def reverse(self, award: PlainAward) -> bool:
        """Take an award back; False where it was used or taken back before."""
        if award.state in ("redeemed", "reversed"):
            return False
        award.state = "reversed"
        self._count(award, -1)
        if award.prize.codes is not None:
            award.prize.codes += 1
        return True

    def _count(self, award: PlainAward, one: int) -> None:
        key = award.prize.key
        for what in (key, (key, "member", award.member), (key, "day", award.day)):
            self.given[what] += one
        for budget in self.budgets:
            budget.spent[budget.period(award.day)] += one * award.prize.cost
