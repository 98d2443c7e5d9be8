"""What would open to a member what a decision keeps from them. Pure: asked only where a page shows it.

An audience is told of by its levels and its range of the campaign score, for these a member sees and can change. Where
a tag or a segment refuses as well, nothing at all is told: neither that there is one, nor the way that would not help.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from campaigns.admission import NO_FACTS, Subject, refusal_by
from campaigns.definition import Audience, Campaign, Chain, Quota, Task
from campaigns.eligibility import CampaignDecision, ChainDecision, TaskDecision, TaskState
from campaigns.periods import TIMES, window
from campaigns.refusals import Refusal

BY_AUDIENCE = frozenset(
    {
        Refusal.LEVEL,
        Refusal.TAG_GROUP,
        Refusal.TAGS_ANY,
        Refusal.TAGS_ALL,
        Refusal.TAGS_NONE,
        Refusal.SEGMENT_IN,
        Refusal.SEGMENT_NOT_IN,
        Refusal.PROFILING_REFUSED,
        Refusal.SCORE,
    }
)
# Steps of a chain that nobody waits for.
_PASSED = frozenset({TaskState.DONE, TaskState.SKIPPED})


@dataclass(frozen=True, slots=True)
class Opening:
    """Why, and what would open it; what does not apply is empty.

    `levels` are those of which one is needed, `score_from` the score that is needed and `score_missing` what of it is
    missing, `score_below` the score from which on it is too late. `task` is what to do first, or instead. `opens_at` is
    when it opens by itself. `for_others`: it asks for what a member is not told.
    """

    refusal: Refusal
    levels: frozenset[str] = frozenset()
    score_from: int | None = None
    score_missing: int = 0
    score_below: int | None = None
    task: Task | None = None
    opens_at: datetime | None = None
    for_others: bool = False


def opening_of(definition: Campaign, subject: Subject, decision: CampaignDecision, key: str, zone: tzinfo) -> Opening:
    """What would open the task of this key, which the decision has and refuses."""
    chain = next((each for each in decision.chains if any(step.task.key == key for step in each.steps)), None)
    decided = decision.task(key)
    if decided is None or decided.refusal is None:
        raise ValueError(f"nothing keeps task {key} from the member")
    refusal = decided.refusal
    if refusal in BY_AUDIENCE:
        return _of_audiences(refusal, _audiences(definition, subject, chain, decided.task), subject)
    return Opening(
        refusal,
        task=_task_instead(decision, chain, decided),
        opens_at=_opens_at(definition, subject, decided, zone),
    )


def _task_instead(decision: CampaignDecision, chain: ChainDecision | None, decided: TaskDecision) -> Task | None:
    """What to do first, or instead."""
    match decided.refusal:
        case Refusal.STEP_LOCKED | Refusal.STEP_SKIPPED if chain:
            return due_step(chain)
        case Refusal.SLOT_TAKEN:
            return _in_the_same_place(decision, chain.chain if chain else decided.task)
    return None


def _opens_at(definition: Campaign, subject: Subject, decided: TaskDecision, zone: tzinfo) -> datetime | None:
    """When it opens by itself, if the campaign is still open then."""
    match decided.refusal:
        case Refusal.NOT_OPEN:
            moment: datetime | None = definition.opens_at
        case Refusal.QUOTA:
            moment = _next_places(subject, decided.task, zone)
        case Refusal.TOO_LATE | Refusal.CLAIM_EXPIRED | Refusal.DONE | Refusal.NOT_GRANTED:
            moment = None if definition.chain_of(decided.task.key) else _next_period(subject, decided.task, zone)
        case _:
            return None
    return moment if moment and moment < definition.closes_at else None


def due_step(chain: ChainDecision) -> Task | None:
    """The step of a chain that is next."""
    return next((step.task for step in chain.steps if step.state not in _PASSED), None)


def _audiences(definition: Campaign, subject: Subject, chain: ChainDecision | None, task: Task) -> Iterator[Audience]:
    """Those that the member is still asked for: who has begun stays in."""
    if not subject.enrolled:
        yield definition.audience
    if chain and not chain.done:
        yield chain.chain.audience
    if not (subject.tasks or {}).get(task.key, NO_FACTS).begun:
        yield task.audience


def _of_audiences(refusal: Refusal, audiences: Iterable[Audience], subject: Subject) -> Opening:
    asked = list(audiences)
    hidden = [_hidden_refusal(each, subject) for each in asked]
    if Refusal.PROFILING_REFUSED in hidden and set(hidden) <= {None, Refusal.PROFILING_REFUSED}:
        return Opening(Refusal.PROFILING_REFUSED)
    tops = [each.score_below for each in asked if each.score_below is not None]
    too_high = [top for top in tops if subject.score >= top]
    wanted = [frozenset(each.levels) for each in asked if each.levels and subject.level not in each.levels]
    levels = frozenset.intersection(*wanted) if wanted else frozenset()
    least = max((each.score_from for each in asked if each.score_from is not None), default=0)
    missing = max(least - subject.score, 0)
    if any(hidden) or (wanted and not levels) or not (levels or missing or too_high):
        return Opening(refusal, for_others=True)
    if too_high:
        return Opening(Refusal.SCORE, score_below=min(too_high))
    return Opening(refusal, levels=levels, score_from=least if missing else None, score_missing=missing)


def _hidden_refusal(audience: Audience, subject: Subject) -> Refusal | None:
    """What refuses the member beside level and score."""
    told = replace(audience, levels=frozenset(), score_from=None, score_below=None)
    return refusal_by(told, subject)


def _in_the_same_place(decision: CampaignDecision, part: Task | Chain) -> Task | None:
    """What stands for the member in the same place: a task, or the next step of a chain."""
    for chain in decision.chains:
        if chain.chain.slot == part.slot and chain.refusal is None:
            return due_step(chain)
    faces = (each for each in decision.tasks if each.task.slot == part.slot)
    return next((each.task for each in faces if each.state is not TaskState.REFUSED), None)


def _next_places(subject: Subject, task: Task, zone: tzinfo) -> datetime | None:
    """When there are places again: with the next period of every quota that is full; None when that never comes."""
    ends = [window(quota.per, subject.now, zone) for quota in _full(task, subject)]
    known = [borders[1] for borders in ends if borders]
    return max(known) if known and len(known) == len(ends) else None


def _full(task: Task, subject: Subject) -> Iterator[Quota]:
    taken = subject.full or {}
    for quota in task.quotas:
        if taken.get((task.key, quota.key), 0) >= quota.quota and refusal_by(quota.audience, subject) is None:
            yield quota


def _next_period(subject: Subject, task: Task, zone: tzinfo) -> datetime | None:
    borders = window(task.period, subject.now, zone) if task.period != TIMES else None
    return borders[1] if borders else None
