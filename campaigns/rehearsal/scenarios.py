"""What is expected of those who take part: tasks done, chances, draws of each pool, gifts. Pure.

Assumed: each member whom the campaign reaches is as likely to take part as any other; tasks are done independently of
each other, but for the steps of a chain, which come one after the other; every chance is drawn; of the bonuses that a
kind may give each comes as often as the others, and so do the results that name a pool. What was done before the
rehearsal (`campaigns.rehearsal.already`) is not in it; the chances that it brought and nobody has drawn yet are.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap

from campaigns.definition import Campaign, Reward, Task
from campaigns.offers.terms import GROUP
from campaigns.rehearsal.already import Already
from campaigns.rehearsal.days import times_of
from campaigns.rehearsal.offered import Offered, OfferLeft
from campaigns.rehearsal.rates import Level, Rates
from campaigns.rehearsal.reach import ChainReach, Reach, names_of

QUOTA_DAYS = {"day": 1, "week": 7, "month": 31}


@dataclass(frozen=True, slots=True)
class Played:
    """What is still to come in a scenario, as means. `participants` are those who have not taken part yet;
    `completions` by task and, with `chain:KEY`, by chain; `gifts` those that tasks and chains give themselves; `draws`
    and `drawing` (members who draw) by pool; `offers` what is taken of each offer."""

    level: Level
    participants: float
    completions: Mapping[str, float]
    draws: Mapping[str, float]
    drawing: Mapping[str, float]
    gifts: Mapping[str, float]
    points: float
    offers: tuple[Offered, ...] = ()


def _zeros() -> dict[str, float]:
    return defaultdict(float)


@dataclass(slots=True)
class _Sum:
    completions: dict[str, float] = field(default_factory=_zeros)
    draws: dict[str, float] = field(default_factory=_zeros)
    drawing: dict[str, float] = field(default_factory=_zeros)
    gifts: dict[str, float] = field(default_factory=_zeros)
    points: float = 0.0


class Playing:
    """A campaign and its reach, to be played in any scenario. `group_of` is the group of a task's kind, `bonuses` what
    the kind may give beside the reward."""

    def __init__(  # noqa: PLR0913 what a scenario follows from
        self,
        definition: Campaign,
        reach: Reach,
        days: int,
        *,
        group_of: Callable[[Task], str],
        bonuses: Callable[[Task], Sequence[Reward]],
        already: Already | None = None,
        offers: Sequence[OfferLeft] = (),
    ) -> None:
        self._definition, self._reach, self._days = definition, reach, days
        self._group_of, self._bonuses = group_of, bonuses
        self._already, self._offers = already or Already(), offers
        self._shares: dict[int, dict[str, float]] = {}

    def played(self, level: Level, rates: Rates) -> Played:
        part = rates.taking_part(level)
        total = _Sum()
        chained = {step.task.key for each in self._reach.chains.values() for step in each.steps}
        for chain in self._reach.chains.values():
            self._chain(chain, part, rates, total)
        for task in self._definition.tasks:
            if task.key not in chained:
                self._alone(task, part, rates, total)
        self._held(total)
        return Played(
            level,
            self._already.newcomers(self._reach.campaign, part),
            total.completions,
            total.draws,
            total.drawing,
            total.gifts,
            total.points,
            tuple(self._offered(each, part, rates) for each in self._offers),
        )

    def _chain(self, chain: ChainReach, part: float, rates: Rates, total: _Sum) -> None:
        cohorts = self._already.cohorts(chain, part)
        going = [each.going_on for each in cohorts]
        for number, step in enumerate(chain.steps, 1):
            rate, times = rates.done(self._group_of(step.task)), 0.0
            for at, each in enumerate(cohorts):
                if number > each.steps:
                    going[at] *= rate
                    times += step.here.intersection_cardinality(each.members) * going[at]
            self._task(step.task, step.here, times, total)
        finishing, finished = chain.finishing, 0.0
        for at, each in enumerate(cohorts):
            if each.steps < len(chain.steps):
                finished += finishing.intersection_cardinality(each.members) * going[at]
        total.completions[f"chain:{chain.chain.key}"] = finished
        self._give(chain.chain.reward, finishing, finished, finished, [], total)

    def _alone(self, task: Task, part: float, rates: Rates, total: _Sum) -> None:
        members, periods = self._reach.tasks[task.key], times_of(task, self._days)
        again = rates.again / 100
        people = self._already.not_yet(task, members, part) * rates.done(self._group_of(task))
        back = self._already.again(task, members, periods) * again
        times = people * (1 + (periods - 1) * again) + back
        coming_back = min(self._already.did(task, members) * again, back)
        self._task(task, members, times, total, people=people + coming_back)

    def _held(self, total: _Sum) -> None:
        """Chances that were given before are drawn too."""
        for named, held in self._already.held.items():
            shares = {named: 1.0} if named else self._ordinary(self._already.joined)
            for pool, share in shares.items():
                if pool in self._reach.pools:
                    total.draws[pool] += held.chances * share
                    total.drawing[pool] += held.members * share

    def _offered(self, each: OfferLeft, part: float, rates: Rates) -> Offered:
        kind = each.offer.kind
        coming = self._already.coming(each.members, part) if each.is_open else 0.0
        filled = rates.filled / 100 if kind == GROUP else 1.0
        return Offered(each, coming * rates.taking(kind), filled)

    def _task(self, task: Task, members: BitMap, done: float, total: _Sum, *, people: float | None = None) -> None:
        done = min(done, self._quota(task))
        people = done if people is None else min(people, done)
        total.completions[task.key] += done
        self._give(task.reward, members, done, people, names_of(task), total)
        bonuses = self._bonuses(task)
        for bonus in bonuses:
            self._give(bonus, members, done / len(bonuses), people / len(bonuses), [], total)

    def _quota(self, task: Task) -> float:
        """How often all members together may do it still: by the quotas that are for everyone."""
        allowed = [
            max(
                quota.quota * -(-self._days // QUOTA_DAYS.get(quota.per, self._days or 1))
                - self._already.taken(task, quota.key),
                0,
            )
            for quota in task.quotas
            if quota.audience == type(quota.audience)()
        ]
        return min(allowed, default=float("inf"))

    def _give(  # noqa: PLR0913, PLR0917 what is given, to whom, how often
        self, reward: Reward, members: BitMap, times: float, people: float, named: Sequence[str], total: _Sum
    ) -> None:
        if reward.gift:
            total.gifts[reward.gift] += times
        total.points += reward.points * times
        if not reward.chances or not times:
            return
        named = named or ([reward.pool] if reward.pool else [])
        shares = dict.fromkeys(named, 1 / len(named)) if named else self._ordinary(members)
        for pool, share in shares.items():
            total.draws[pool] += reward.chances * times * share
            total.drawing[pool] += people * share

    def _ordinary(self, members: BitMap) -> dict[str, float]:
        """Pool → the part of the members' chances that are drawn from it, every stretch of the score alike."""
        key = id(members)
        if key not in self._shares:
            by_score = self._reach.ordinary.values()
            found: Counter[str] = Counter()
            for by_pool in by_score:
                for pool, drawing in by_pool.items():
                    found[pool] += members.intersection_cardinality(drawing)
            most = len(members) * len(by_score)
            self._shares[key] = {pool: count / most for pool, count in found.items()} if most else {}
        return self._shares[key]
