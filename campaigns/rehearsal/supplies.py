"""What a campaign draws on: its pools as a simulation reads them, stocks, codes, budgets, and what is left of each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from campaigns.definition import Campaign
from campaigns.drafts import Draft
from campaigns.rehearsal.costs import Cost, Prize, at_most, cost_of, given_by_chance
from campaigns.rehearsal.offered import OfferLeft
from campaigns.rehearsal.rates import Level
from campaigns.rehearsal.running_out import Supply
from campaigns.rehearsal.scenarios import Played
from rewards.budgets import spent_of
from rewards.models import Budget, Gift
from rewards.money import as_cents
from rewards.odds import SCALE
from rewards.periods import day_of
from rewards.pools_to_simulate import draft_alone, limits_of_gifts
from rewards.simulated_pool import GiftLimits, SimulatedPool

Plays = Mapping[Level, Played]


@dataclass(frozen=True)
class Supplies:
    """Pools by their keys, without those that nobody could draw from; the gifts that tasks, chains and offers give."""

    pools: Mapping[str, SimulatedPool]
    names: Mapping[str, str]
    gifts: Mapping[str, Gift]
    budgets: tuple[tuple[Budget, int], ...] = ()
    limits: Mapping[str, GiftLimits] = field(default_factory=dict)
    offers: tuple[OfferLeft, ...] = ()
    # Of daily budgets, by their ids, what this day has spent.
    spent_today: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        draft: Draft,
        definition: Campaign,
        gifts: Iterable[str],
        offers: Iterable[OfferLeft] = (),
        *,
        now: datetime,
    ) -> "Supplies":
        pools = dict(_pools(draft))
        prized = {prize.gift for pool in pools.values() for prize in pool.prizes}
        wanted = {gift.slug: gift for gift in Gift.objects.filter(slug__in={*gifts, *prized})}
        budgets, spent = _budgets(definition, now)
        return cls(
            pools,
            {pool.slug: pool.name for pool in definition.pools},
            wanted,
            tuple((each, max(each.cents - spent[each.pk], 0) if _is_whole(each) else each.cents) for each in budgets),
            {each.gift: each for each in limits_of_gifts(wanted.values())},
            tuple(offers),
            # What is spent on the day before the campaign begins is of no day of it.
            {each.pk: spent[each.pk] for each in budgets if not _is_whole(each) and now >= definition.opens_at},
        )

    def left_of(self, gift: str) -> int | None:
        """How many of a gift are left: the fewer of its stock and its codes; None without a limit."""
        limits = self.limits.get(gift)
        found = [each for each in (limits.stock, limits.codes) if each is not None] if limits else []
        return min(found, default=None)

    def cost(self, pool: str, draws: float) -> Cost:
        """What so many draws of the pool cost, within its stocks."""
        simulated = self.pools[pool]
        consolation = simulated.prizes[simulated.consolation].cost
        prizes = [
            Prize(prize.odds / SCALE, prize.cost - consolation, self._stock(prize.stock, prize.gift))
            for prize in simulated.prizes
            if not prize.consolation
        ]
        return cost_of(prizes, round(draws), consolation=consolation)

    def _stock(self, stock: int | None, gift: str) -> int | None:
        return min((each for each in (stock, self.left_of(gift)) if each is not None), default=None)

    def all(self, plays: Plays) -> list[Supply]:
        """Everything that can be used up, with how much of it is wanted."""
        return [*self._prizes(plays), *self._gifts(plays), *self._of_offers(plays), *self._of_budgets(plays)]

    def _prizes(self, plays: Plays) -> Iterator[Supply]:
        for slug, pool in self.pools.items():
            for prize in pool.prizes:
                if prize.stock is not None and not prize.consolation:
                    wanted = {level: play.draws.get(slug, 0.0) * prize.odds / SCALE for level, play in plays.items()}
                    yield Supply(
                        "prize", prize.key, prize.name, prize.stock, wanted, pool=slug, pool_name=self.names[slug]
                    )

    def _gifts(self, plays: Plays) -> Iterator[Supply]:
        for slug, gift in self.gifts.items():
            if (left := self.left_of(slug)) is not None:
                wanted = {level: self._wanted(slug, play) for level, play in plays.items()}
                yield Supply("gift", slug, gift.name, left, wanted)

    def _wanted(self, gift: str, play: Played) -> float:
        """How many of a gift tasks, chains, offers and pools give; of a prize or offer no more than its own stock."""
        by_prizes = sum(
            min(play.draws.get(slug, 0.0) * prize.odds / SCALE, float("inf") if prize.stock is None else prize.stock)
            for slug, pool in self.pools.items()
            for prize in pool.prizes
            if prize.gift == gift and not prize.consolation
        )
        by_offers = sum(each.gifts[gift][0] for each in play.offers if gift in each.gifts)
        return by_prizes + by_offers + play.gifts.get(gift, 0.0)

    def _of_offers(self, plays: Plays) -> Iterator[Supply]:
        for number, standing in enumerate(self.offers):
            if standing.left is not None:
                wanted = {level: play.offers[number].takers for level, play in plays.items()}
                offer = standing.offer
                yield Supply("offer", offer.key, offer.title, standing.left, wanted, days=standing.days)

    def _of_budgets(self, plays: Plays) -> Iterator[Supply]:
        for budget, left in self.budgets:
            pool = budget.scope.removeprefix("pool:") if budget.scope.startswith("pool:") else ""
            wanted = {level: self.spent(play, pool) for level, play in plays.items()}
            yield Supply(
                "budget",
                str(budget.pk),
                "",
                left,
                wanted,
                daily=not _is_whole(budget),
                money=True,
                pool=pool,
                pool_name=self.names.get(pool, ""),
                used_today=self.spent_today.get(budget.pk, 0),
            )

    def spent(self, play: Played, pool: str = "") -> float:
        """What draws and gifts cost on average, in cents; with a pool, its draws alone."""
        draws = {slug: count for slug, count in play.draws.items() if slug in self.pools and pool in ("", slug)}
        return sum(self._mean(slug, count) for slug, count in draws.items()) + (0.0 if pool else self.given(play))

    def _mean(self, slug: str, draws: float) -> float:
        pool = self.pools[slug]
        consolation = pool.prizes[pool.consolation].cost
        found = draws * consolation
        for prize in pool.prizes:
            if not prize.consolation:
                stock = self._stock(prize.stock, prize.gift)
                given = min(draws * prize.odds / SCALE, float("inf") if stock is None else stock)
                found += given * (prize.cost - consolation)
        return found

    def given(self, play: Played) -> float:
        """What the gifts of tasks, chains and offers cost, in cents, if as many come as on average."""
        return sum(
            cost * min(self._without_draw(slug, play)[0], self._left(slug)) for slug, cost in self._costs.items()
        )

    def cost_of_given(self, play: Played) -> tuple[float, float]:
        """Mean and variance of that, in cents and square cents, as if each came by itself but for those of a group."""
        spread = [(self._costs[slug], *self._given(slug, play)) for slug in self.gifts]
        return sum(cost * mean for cost, mean, _ in spread), sum(cost**2 * variance for cost, _, variance in spread)

    def _given(self, slug: str, play: Played) -> tuple[float, float]:
        """Mean and variance of how many of a gift are given without a draw, within what is left of it."""
        left = self.left_of(slug)
        if not any(slug in each.gifts for each in play.offers):
            return given_by_chance(play.gifts.get(slug, 0.0), left)
        mean, variance = self._without_draw(slug, play)
        return (mean, variance) if left is None else at_most(mean, variance, left)

    def _without_draw(self, slug: str, play: Played) -> tuple[float, float]:
        """The same, as if there were no end of it."""
        count = play.gifts.get(slug, 0.0)
        by_offers = [each.gifts[slug] for each in play.offers if slug in each.gifts]
        return count + sum(mean for mean, _ in by_offers), count + sum(variance for _, variance in by_offers)

    def _left(self, slug: str) -> float:
        left = self.left_of(slug)
        return float("inf") if left is None else left

    @cached_property
    def _costs(self) -> dict[str, int]:
        return {slug: as_cents(gift.cost) for slug, gift in self.gifts.items()}


def _pools(draft: Draft) -> Iterator[tuple[str, SimulatedPool]]:
    for offer in draft.pools:
        try:
            yield offer.pool.slug, draft_alone(offer.pool)
        except ValueError:
            # Its odds are a fault of their own (`campaigns.faults`).
            continue


def _is_whole(budget: Budget) -> bool:
    """Whether there is so much once, and not each day anew."""
    return budget.per == Budget.Per.TOTAL


def _budgets(definition: Campaign, now: datetime) -> tuple[list[Budget], dict[int, int]]:
    """The budgets of everybody, and what is spent of each by its id: of one of a day, today."""
    scopes = [f"campaign:{definition.slug}", *(f"pool:{pool.slug}" for pool in definition.pools)]
    shared = (Budget.Per.TOTAL, Budget.Per.DAY)
    budgets = list(Budget.objects.filter(scope__in=scopes, active=True, per__in=shared).order_by("pk"))
    figures = spent_of(budgets, day=day_of(now)) if budgets else {}
    spent = {pk: each["drawn"] + each["promised"] for pk, each in figures.items()}
    return budgets, {budget.pk: spent.get(budget.pk, 0) for budget in budgets}
