"""What is expected of those who take part: tasks done, chances, draws of each pool, gifts. Pure.

Assumed: each member whom the campaign reaches is as likely to take part as any other; tasks are done independently of
each other, but for the steps of a chain, which come one after the other; every chance is drawn; of the bonuses that a
kind may give each comes as often as the others, and so do the results that name a pool.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap

from campaigns.definition import Campaign, Reward, Task
from campaigns.rehearsal.days import times_of
from campaigns.rehearsal.rates import Level, Rates
from campaigns.rehearsal.reach import Reach, names_of

QUOTA_DAYS = {"day": 1, "week": 7, "month": 31}


@dataclass(frozen=True, slots=True)
class Played:
    """What a scenario comes to, as means. `completions` by task and, with `chain:KEY`, by chain; `gifts` those that
    tasks and chains give themselves; `draws` and `drawing` (members who draw) by pool."""

    level: Level
    participants: float
    completions: Mapping[str, float]
    draws: Mapping[str, float]
    drawing: Mapping[str, float]
    gifts: Mapping[str, float]
    points: float


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

    def __init__(
        self,
        definition: Campaign,
        reach: Reach,
        days: int,
        *,
        group_of: Callable[[Task], str],
        bonuses: Callable[[Task], Sequence[Reward]],
    ) -> None:
        self._definition, self._reach, self._days = definition, reach, days
        self._group_of, self._bonuses = group_of, bonuses
        self._shares: dict[int, dict[str, float]] = {}

    def played(self, level: Level, rates: Rates) -> Played:
        part = rates.taking_part(level)
        total = _Sum()
        chained = set()
        for key, chain in self._reach.chains.items():
            done = part
            for step in chain.steps:
                chained.add(step.task.key)
                done *= rates.done(self._group_of(step.task))
                self._task(step.task, step.here, len(step.here) * done, total)
            finished = len(chain.finishing) * done if chain.steps else 0.0
            total.completions[f"chain:{key}"] = finished
            self._give(chain.chain.reward, chain.finishing, finished, finished, [], total)
        for task in self._definition.tasks:
            if task.key not in chained:
                members = self._reach.tasks[task.key]
                people = len(members) * part * rates.done(self._group_of(task))
                times = 1 + (times_of(task, self._days) - 1) * rates.again / 100
                self._task(task, members, people * times, total, people=people)
        return Played(
            level,
            len(self._reach.campaign) * part,
            total.completions,
            total.draws,
            total.drawing,
            total.gifts,
            total.points,
        )

    def _task(self, task: Task, members: BitMap, done: float, total: _Sum, *, people: float | None = None) -> None:
        done = min(done, self._quota(task))
        people = done if people is None else min(people, done)
        total.completions[task.key] += done
        self._give(task.reward, members, done, people, names_of(task), total)
        bonuses = self._bonuses(task)
        for bonus in bonuses:
            self._give(bonus, members, done / len(bonuses), people / len(bonuses), [], total)

    def _quota(self, task: Task) -> float:
        """How often all members together may do it: by the quotas that are for everyone."""
        allowed = [
            quota.quota * -(-self._days // QUOTA_DAYS.get(quota.per, self._days or 1))
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
