"""Whom each part of a campaign reaches, of the real members. Pure but for the bitmaps that it is handed.

The campaign score is earned in the campaign. So what an audience with a range of it reaches is asked at every score at
which an answer may change, up to the most that anybody can earn, and a member is reached who is at some score.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from pyroaring import BitMap

from campaigns.definition import Audience, Campaign, Chain, Pool, Task
from campaigns.pool_choice import PoolKind, in_choosing_order, kind_of

Admitted = Callable[[Audience], BitMap]


@dataclass(frozen=True)
class StepReach:
    """`before` could come to the step, `here` are asked to do it, `after` could go on from it or pass it over."""

    task: Task
    before: BitMap
    here: BitMap
    after: BitMap


@dataclass(frozen=True)
class ChainReach:
    chain: Chain
    members: BitMap
    steps: tuple[StepReach, ...]

    @property
    def finishing(self) -> BitMap:
        return self.steps[-1].after if self.steps else BitMap()


@dataclass(frozen=True)
class PoolReach:
    """`admitted` are in the pool's audience, `chosen` get it by who they are, `named` by what names it.

    `taken` says of those who are admitted and never get it by who they are which pool they get: its key → who.
    """

    pool: Pool
    admitted: BitMap
    chosen: BitMap
    named: BitMap
    taken: Mapping[str, BitMap] = field(default_factory=dict)

    @property
    def members(self) -> BitMap:
        return self.chosen | self.named


@dataclass(frozen=True)
class Reach:
    """`scores` are those that were asked. `admitting` are in a task's or chain's audience, whoever takes its place."""

    everyone: BitMap
    campaign: BitMap
    scores: tuple[int, ...]
    tasks: Mapping[str, BitMap]
    admitting: Mapping[str, BitMap]
    chains: Mapping[str, ChainReach]
    pools: Mapping[str, PoolReach]
    offers: Mapping[str, BitMap]
    ordinary: Mapping[int, Mapping[str, BitMap]]

    @property
    def meeting(self) -> BitMap:
        """Who meets any task or chain."""
        chains = (each.members for each in self.chains.values())
        chained = {step.task.key for each in self.chains.values() for step in each.steps}
        alone = (members for key, members in self.tasks.items() if key not in chained)
        return reduce(or_, (*alone, *chains), BitMap())

    @property
    def drawing(self) -> BitMap:
        """Who gets a pool by who they are, at some score."""
        return reduce(or_, (each.chosen for each in self.pools.values()), BitMap())


def reach_of(definition: Campaign, everyone: BitMap, admitted: Admitted, *, most_score: int | None) -> Reach:
    """`admitted` says who is in an audience but for the score; `most_score` is the most that can be earned, None: any.

    Pools that a reward or a result names are given by `named` for whoever can earn chances of it.
    """
    scores = _scores(definition, most_score)
    campaign = admitted(definition.audience) if _holds_any(definition.audience, scores) else BitMap()
    asked = _Asked(definition, campaign, admitted, scores)
    chains = {chain.key: asked.chain(chain) for chain in definition.chains}
    tasks = {task.key: asked.alone(task) for task in definition.tasks if definition.chain_of(task.key) is None}
    tasks |= {step.task.key: step.here for each in chains.values() for step in each.steps}
    parts: tuple[Task | Chain, ...] = (*definition.tasks, *definition.chains)
    ordinary = {score: _ordinary(definition.pools, campaign, admitted, score) for score in scores}
    return Reach(
        everyone=everyone,
        campaign=campaign,
        scores=scores,
        tasks=tasks,
        admitting={part.key: asked.could(part.audience) for part in parts},
        chains=chains,
        pools={pool.slug: _pool(pool, definition, asked, ordinary, tasks, chains) for pool in definition.pools},
        offers={offer.key: asked.could(offer.audience) for offer in definition.offers},
        ordinary=ordinary,
    )


def _scores(definition: Campaign, most: int | None) -> tuple[int, ...]:
    """A score of each stretch in which all audiences answer alike."""
    audiences = [part.audience for part in definition.asking]
    bounds = {0} | {
        bound for each in audiences for bound in (each.score_from, each.score_below) if bound is not None and bound >= 0
    }
    return tuple(sorted(bound for bound in bounds if most is None or bound <= most))


def holds(audience: Audience, score: int) -> bool:
    return (audience.score_from or 0) <= score and (audience.score_below is None or score < audience.score_below)


def _holds_any(audience: Audience, scores: Iterable[int]) -> bool:
    return any(holds(audience, score) for score in scores)


class _Asked:
    """The tasks and chains of a campaign, with who else stands in their place."""

    def __init__(self, definition: Campaign, campaign: BitMap, admitted: Admitted, scores: tuple[int, ...]) -> None:
        self._definition, self._campaign, self._admitted, self._scores = definition, campaign, admitted, scores
        self._skips = {skip.step: skip.audience for chain in definition.chains for skip in chain.skips}
        self._chained = {step for chain in definition.chains for step in chain.steps}
        alone = (task for task in definition.tasks if task.key not in self._chained)
        self._faces: tuple[Task | Chain, ...] = (*alone, *definition.chains)

    def could(self, audience: Audience) -> BitMap:
        """Who of the campaign's members is in the audience at some score."""
        if not _holds_any(audience, self._scores):
            return BitMap()
        return self._campaign & self._admitted(audience)

    def alone(self, task: Task) -> BitMap:
        return self._meeting(task)

    def _meeting(self, part: Task | Chain) -> BitMap:
        """Who meets what stands in a place, and not something before it there."""
        if not part.slot:
            return self.could(part.audience)
        return reduce(or_, (self._meeting_at(part, score) for score in self._scores), BitMap())

    def _meeting_at(self, part: Task | Chain, score: int) -> BitMap:
        found = self._at(part.audience, score)
        for earlier in self._faces[: self._faces.index(part)]:
            if earlier.slot == part.slot:
                found -= self._at(earlier.audience, score)
        return found

    def _at(self, audience: Audience, score: int) -> BitMap:
        return self._campaign & self._admitted(audience) if holds(audience, score) else BitMap()

    def chain(self, chain: Chain) -> ChainReach:
        members = self._meeting(chain)
        before, steps = members, []
        for key in chain.steps:
            task = self._definition.by_key[key]
            skipping = before & self.could(self._skips[key]) if key in self._skips else BitMap()
            here = (before - skipping) & self.could(task.audience)
            steps.append(StepReach(task, before, here, here | skipping))
            before = here | skipping
        return ChainReach(chain, members, tuple(steps))


def _ordinary(pools: Sequence[Pool], campaign: BitMap, admitted: Admitted, score: int) -> dict[str, BitMap]:
    """Pool → who draws from it at this score by who they are: the choice of `campaigns.pool_choice`."""
    asked = in_choosing_order(pools)
    scored = [pool for pool in asked if kind_of(pool) is not PoolKind.IDENTITY]
    left = BitMap(campaign)
    if scored and not any(holds(pool.audience, score) for pool in scored):
        left = BitMap()
    found: dict[str, BitMap] = {}
    for pool in asked:
        found[pool.slug] = left & admitted(pool.audience) if holds(pool.audience, score) else BitMap()
        left -= found[pool.slug]
    return found


def _pool(  # noqa: PLR0913, PLR0917 what a pool's members follow from
    pool: Pool,
    definition: Campaign,
    asked: _Asked,
    ordinary: Mapping[int, Mapping[str, BitMap]],
    tasks: Mapping[str, BitMap],
    chains: Mapping[str, ChainReach],
) -> PoolReach:
    admitted = asked.could(pool.audience)
    chosen = reduce(or_, (by_pool.get(pool.slug, BitMap()) for by_pool in ordinary.values()), BitMap())
    named = BitMap()
    for task in definition.tasks:
        if pool.slug in names_of(task):
            named |= tasks[task.key] & admitted
    for each in chains.values():
        if each.chain.reward.pool == pool.slug:
            named |= each.finishing & admitted
    taken: dict[str, BitMap] = {}
    for score, by_pool in ordinary.items():
        if not pool.named_only and holds(pool.audience, score):
            for other, members in by_pool.items():
                if other != pool.slug and (both := members & (admitted - chosen)):
                    taken[other] = taken.get(other, BitMap()) | both
    return PoolReach(pool, admitted, chosen, named, taken)


def names_of(task: Task) -> list[str]:
    """The keys of the pools that the chances of a task may be for; none: level, tags and score choose."""
    entries = task.config.get("pools") or ()
    return ([task.reward.pool] if task.reward.pool else []) + [each["pool"] for each in entries]
