"""What the page of the draw shows: the pool that a draw would be from, the other pools to choose, what a draw costs."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns.admission import compiled
from campaigns.definition import Pool
from campaigns.eligibility import CampaignDecision, TaskState
from campaigns.pool_choice import TASK, DrawChoice, bucket_of
from campaigns.presenting import STATE_ORDER, TaskCard
from campaigns.refusals import Refusal
from campaigns.result_pools import pools_named
from campaigns.visiting import Visit
from campaigns.wordings import told_to_members
from rewards.ledger import POINTS, balances


@dataclass(frozen=True, slots=True)
class Option:
    """A pool that the member has chances for, or may buy a draw from."""

    slug: str
    name: str
    chances: int


@dataclass(frozen=True, slots=True)
class DrawPage:
    """`chances` are those for this pool; `price` is in points where a draw is to be bought, `points` what there is.

    `sells`: the member's own pool can be drawn from for points, now or once the chances are used.
    """

    pool: Pool | None
    chances: int
    options: tuple[Option, ...]
    refusal: Refusal | None
    words: str
    price: int | None
    points: int
    sells: bool

    @property
    def choosable(self) -> bool:
        return len(self.options) > 1

    @property
    def short(self) -> bool:
        """Whether the points do not reach for a draw."""
        return self.price is not None and self.points < self.price


def draw_page(visit: Visit, asked: str | None) -> DrawPage:
    """`asked` is the key of a pool to show; where there is no draw from it, the next draw is shown."""
    decision = visit.decision
    own = decision.ordinary
    price = own.pool.price if own.pool else None
    options = pools_shown(visit)
    choice = _asked(visit, asked)
    pool = choice.pool or visit.pool_while_open()
    chances = next((each.chances for each in options if pool and each.slug == pool.slug), 0)
    refusal = decision.draw.refusal if decision.refusal else choice.refusal or (None if chances else Refusal.NO_CHANCE)
    buys = price is not None and not chances and choice.pool == own.pool
    return DrawPage(
        pool=pool,
        chances=chances,
        options=options,
        refusal=refusal,
        words=_words(refusal, choice, decision.score),
        price=price if buys else None,
        points=balances(visit.member.pk).get(POINTS, 0) if buys else 0,
        sells=price is not None,
    )


def pools_shown(visit: Visit) -> tuple[Option, ...]:
    """The pools of which the member may read the prizes and odds before drawing (L1), as they would be drawn.

    Those that there are chances for, the member's own, and those for which a task or a chain would give a chance.
    """
    found: dict[str, Option] = {}
    for choice in _choices(visit):
        if choice.pool is not None:
            slug = choice.pool.slug
            before = found[slug].chances if slug in found else 0
            found[slug] = Option(slug, choice.pool.name, before + choice.chances)
    return tuple(found.values())


def next_chance(visit: Visit, pool: Pool | None) -> TaskCard | None:
    """The task in reach that leads to another chance, for this pool if one does; None where no task gives chances."""
    ways = sorted(_ways_to_chances(visit), key=lambda way: STATE_ORDER[way[0].state])
    ours = (card for card, slugs in ways if pool is not None and pool.slug in slugs)
    return next(ours, ways[0][0] if ways else None)


def _ways_to_chances(visit: Visit) -> Iterator[tuple[TaskCard, set[str]]]:
    """Each task to be moved that gives chances, by itself or with its chain, and the pools that they may be for."""
    board, own = visit.board(), visit.decision.ordinary.pool
    unnamed = {own.slug} if own else set()
    for path in board.chains:
        for card in path.steps:
            if card.actionable and path.chain.reward.chances:
                yield card, {path.chain.reward.pool} if path.chain.reward.pool else unnamed
    for card in (*board.tasks, *(step for path in board.chains for step in path.steps)):
        reward = card.task.reward
        if card.actionable and reward.chances:
            named = {slug for slug in (reward.pool, *pools_named(card.task.config)) if slug}
            yield card, named or unnamed


def _choices(visit: Visit) -> Iterator[DrawChoice]:
    decision = visit.decision_while_open() if visit.decision.refusal else visit.decision
    yield from decision.draws
    if decision.ordinary not in decision.draws:
        yield decision.ordinary
    for pool in _earnable(visit, decision):
        yield DrawChoice(bucket_of(TASK, pool.slug), pool)


def _earnable(visit: Visit, decision: CampaignDecision) -> Iterator[Pool]:
    """The pools that the member's tasks and chains name, and that would admit the member."""
    chains = [each for each in decision.chains if each.refusal is None]
    tasks = [
        each.task
        for each in (*decision.tasks, *(step for chain in chains for step in chain.steps))
        if each.state is not TaskState.REFUSED
    ]
    named = {pool for task in tasks for pool in (task.reward.pool, *pools_named(task.config))}
    named |= {each.chain.reward.pool for each in chains}
    for pool in visit.definition.pools:
        if pool.slug in named and compiled(pool.audience)(visit.subject) is None:
            yield pool


def _asked(visit: Visit, asked: str | None) -> DrawChoice:
    return next((each for each in _choices(visit) if each.pool and each.pool.slug == asked), visit.decision.draw)


def _words(refusal: Refusal | None, choice: DrawChoice, score: int) -> str:
    if refusal is None:
        return ""
    if refusal is Refusal.SCORE_GATE and choice.score_needed is not None:
        words = {"score": score, "needed": choice.score_needed}
        return _("Your campaign score is %(score)d. With %(needed)d you may draw.") % words
    return told_to_members(refusal)
