"""Who may do what, decided from facts loaded beforehand. Pure: it never queries.

The H5 pages, the API, the admin and the draw all call `decide`; nothing else interprets an audience. The first reason
in the order below is the one shown.

1. The campaign: not open, closed, paused; then its audience. This refuses every task and the draw.
2. An audience: level, tag group, tags (any, all, none), segments (in, not in), campaign score.
3. A task: done; the campaign's refusal; claimable; its chain's audience; its own audience; the step before is not done.

Who has refused profiling is treated as if there were no tags and segments, and so gets what is there for everyone:
what asks for a tag or a segment does not admit them, being in a segment does not shut them out. `tags_none` still
does, since that is how cheats are kept out.

Who has begun stays in. Buying something takes a member out of "new customers", and a reward may lift their level: so
an enrolled member, a task begun and a chain begun are asked only for `tags_none` again, which is the operator's way to
shut somebody out. A completed task can be claimed for as long as the campaign is open. Pools are asked at every draw;
the first that admits the member is theirs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from campaigns.definition import Audience, Campaign, Chain, Pool, Task
from campaigns.refusals import Refusal


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A member's standing with one task, in the period that `Subject.now` falls in. Facts exist once it is begun."""

    count: int = 0
    data: Mapping[str, object] | None = None
    completed: bool = False
    rewarded: bool = False


NO_FACTS = TaskFacts()
NOTHING: Mapping[str, TaskFacts] = {}


@dataclass(frozen=True, slots=True)
class Subject:
    """One member's facts for one campaign, loaded once for a decision. `paused` and `ended` are the campaign's."""

    member_id: int
    uid: str
    now: datetime
    level: str | None
    tags: frozenset[str]
    segments: frozenset[str]
    score: int = 0
    chances: int = 0
    tasks: Mapping[str, TaskFacts] | None = None
    # chain key → number of steps done
    chains: Mapping[str, int] | None = None
    enrolled: bool = False
    paused: bool = False
    ended: bool = False
    # Draws that the member's level brings and that were not given yet: key of the period, and how many.
    level_chances: tuple[str, int] | None = None
    # Worked out from `tags` when it is not given.
    tag_groups: frozenset[str] | None = None
    profiling_refused: bool = False

    def __post_init__(self) -> None:
        if self.tag_groups is None:
            object.__setattr__(self, "tag_groups", groups_of(self.tags))


def groups_of(tags: frozenset[str]) -> frozenset[str]:
    """The tag groups in which a member with these tags carries one."""
    return frozenset(tag.partition(".")[0] for tag in tags)


class TaskState(StrEnum):
    OPEN = "open"
    CLAIMABLE = "claimable"
    DONE = "done"
    LOCKED = "locked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TaskDecision:
    task: Task
    state: TaskState
    refusal: Refusal | None
    count: int
    target: int


@dataclass(frozen=True, slots=True)
class ChainDecision:
    chain: Chain
    refusal: Refusal | None
    steps: tuple[TaskDecision, ...]
    done: int

    @property
    def finished(self) -> bool:
        return self.done >= len(self.steps)


@dataclass(frozen=True, slots=True)
class CampaignDecision:
    """What one member gets in one campaign, and why not the rest. `refusal` refuses all of it.

    `tasks` are those that stand alone; a task that is a step of a chain is in `chains` only.
    """

    refusal: Refusal | None
    tasks: tuple[TaskDecision, ...]
    chains: tuple[ChainDecision, ...]
    pool: Pool | None
    chances: int
    score: int

    def task(self, key: str) -> TaskDecision | None:
        steps = (step for chain in self.chains for step in chain.steps)
        return next((each for each in (*self.tasks, *steps) if each.task.key == key), None)


Check = Callable[[Subject], Refusal | None]


def decide(definition: Campaign, subject: Subject) -> CampaignDecision:
    """Decide the whole campaign for one member. The compiled form of a definition is kept for the next member."""
    return decider_of(definition).decide(subject)


def refusal_by(audience: Audience, subject: Subject) -> Refusal | None:
    """Why the audience does not admit the member, or None."""
    return compiled(audience)(subject)


def compiled(audience: Audience) -> Check:
    """The audience as a closure over the parts that ask for something, in the order in which they refuse."""
    checks = _checks(audience)
    if not checks:
        return _admit
    if len(checks) == 1:
        return checks[0]

    def check(subject: Subject) -> Refusal | None:
        for each in checks:
            if refusal := each(subject):
                return refusal
        return None

    return check


def _admit(_subject: Subject) -> None:
    return None


def _checks(audience: Audience) -> tuple[Check, ...]:
    parts: list[Check] = []
    if levels := audience.levels:
        parts.append(lambda s: None if s.level in levels else Refusal.LEVEL)
    if groups := audience.tag_groups:
        parts.append(_by_profile(lambda s: Refusal.TAG_GROUP if groups.isdisjoint(s.tag_groups or ()) else None))
    if any_of := audience.tags_any:
        parts.append(_by_profile(lambda s: Refusal.TAGS_ANY if any_of.isdisjoint(s.tags) else None))
    if all_of := audience.tags_all:
        parts.append(_by_profile(lambda s: None if all_of <= s.tags else Refusal.TAGS_ALL))
    if audience.tags_none:
        parts.append(_none_of(audience))
    if inside := audience.segments_in:
        parts.append(_by_profile(lambda s: Refusal.SEGMENT_IN if inside.isdisjoint(s.segments) else None))
    if outside := audience.segments_not_in:
        parts.append(
            lambda s: None if s.profiling_refused or outside.isdisjoint(s.segments) else Refusal.SEGMENT_NOT_IN
        )
    if (least := audience.score_from) is not None:
        parts.append(lambda s: None if s.score >= least else Refusal.SCORE)
    if (below := audience.score_below) is not None:
        parts.append(lambda s: None if s.score < below else Refusal.SCORE)
    return tuple(parts)


def _by_profile(check: Check) -> Check:
    """What asks for tags or segments admits nobody who has refused to be picked by them."""
    return lambda s: Refusal.PROFILING_REFUSED if s.profiling_refused else check(s)


def _none_of(audience: Audience) -> Check:
    none_of = audience.tags_none
    return lambda s: None if none_of.isdisjoint(s.tags) else Refusal.TAGS_NONE


def compiled_for_begun(audience: Audience) -> Check:
    """What is asked again of a member who has begun: nothing but the tags that shut out."""
    return _none_of(audience) if audience.tags_none else _admit


class Decider:
    """A definition compiled. Equal audiences are asked once.

    Most members meet most campaigns for the first time: what they get then depends on nothing but the answers of the
    audiences, so it is kept by those answers and handed out again (2 µs instead of 20 for a campaign of five tasks).
    """

    MOST_KEPT = 4096

    def __init__(self, definition: Campaign) -> None:
        self.definition = definition
        self._chained = {step: chain for chain in definition.chains for step in chain.steps}
        self._alone = tuple(task for task in definition.tasks if task.key not in self._chained)
        parts = definition.asking
        audiences = tuple({part.audience: None for part in parts})
        self._checks = tuple(compiled(audience) for audience in audiences)
        self._begun_checks = tuple(compiled_for_begun(audience) for audience in audiences)
        self._place = {id(part): audiences.index(part.audience) for part in parts}
        self._kept: dict[tuple[Refusal | None, ...], CampaignDecision] = {}

    def decide(self, subject: Subject) -> CampaignDecision:
        closed = self._closed(subject)
        answers = tuple([check(subject) for check in self._checks])
        if subject.enrolled or subject.chances or subject.score:
            return self._decide(subject, closed, answers)
        key = (closed, *answers)
        decision = self._kept.get(key)
        if decision is None:
            if len(self._kept) >= self.MOST_KEPT:
                self._kept.clear()
            decision = self._kept[key] = self._decide(subject, closed, answers)
        return decision

    def _closed(self, subject: Subject) -> Refusal | None:
        definition = self.definition
        if subject.now < definition.opens_at:
            return Refusal.NOT_OPEN
        if subject.now >= definition.closes_at or subject.ended or definition.ended:
            return Refusal.CLOSED
        if subject.paused or definition.paused:
            return Refusal.PAUSED
        return None

    def _decide(
        self, subject: Subject, closed: Refusal | None, answers: tuple[Refusal | None, ...]
    ) -> CampaignDecision:
        ask = _Asked(self, subject, closed, answers)
        return CampaignDecision(
            refusal=ask.refusal,
            tasks=tuple(ask.task(task) for task in self._alone),
            chains=tuple(ask.chain(chain) for chain in self.definition.chains),
            pool=ask.pool(),
            chances=subject.chances,
            score=subject.score,
        )


class _Asked:
    """One campaign, one member: the answers of the audiences and what follows from them."""

    def __init__(
        self, decider: Decider, subject: Subject, closed: Refusal | None, answers: tuple[Refusal | None, ...]
    ) -> None:
        self._decider = decider
        self._subject = subject
        self._facts = subject.tasks or NOTHING
        self._steps = subject.chains or {}
        self._answers = answers
        self._closed = closed
        self.refusal = closed or self._asked(decider.definition, begun=subject.enrolled)

    def _asked(self, part: Campaign | Task | Chain | Pool, *, begun: bool) -> Refusal | None:
        place = self._decider._place[id(part)]
        return self._decider._begun_checks[place](self._subject) if begun else self._answers[place]

    def task(self, task: Task) -> TaskDecision:
        return self._standing(task, self._facts.get(task.key, NO_FACTS), refusal=None, done=False)

    def chain(self, chain: Chain) -> ChainDecision:
        done = self._steps.get(chain.key, 0)
        refusal = self.refusal or self._asked(chain, begun=done > 0)
        steps = tuple(self._step(key, number, done, refusal) for number, key in enumerate(chain.steps, 1))
        return ChainDecision(chain, refusal, steps, min(done, len(steps)))

    def _step(self, key: str, number: int, done: int, refusal: Refusal | None) -> TaskDecision:
        task = self._decider.definition.by_key[key]
        if number > done + 1:
            refusal = refusal or Refusal.STEP_LOCKED
            state = TaskState.LOCKED
            return TaskDecision(task, state, refusal, 0, task.target)
        facts = self._facts.get(key, NO_FACTS)
        return self._standing(task, facts, refusal=refusal, done=number <= done)

    def _standing(self, task: Task, facts: TaskFacts, *, refusal: Refusal | None, done: bool) -> TaskDecision:
        state, reason = self._state(task, facts, refusal, done)
        return TaskDecision(task, state, reason, facts.count, task.target)

    def _state(
        self, task: Task, facts: TaskFacts, refusal: Refusal | None, done: bool
    ) -> tuple[TaskState, Refusal | None]:
        if facts.completed and not facts.rewarded:
            return (TaskState.REFUSED, self.refusal) if self.refusal else (TaskState.CLAIMABLE, None)
        if facts.rewarded or done:
            return TaskState.DONE, Refusal.DONE
        if self.refusal:
            return TaskState.REFUSED, self.refusal
        if refusal:
            return TaskState.LOCKED, refusal
        begun = task.key in self._facts
        reason = self._asked(task, begun=begun)
        return (TaskState.REFUSED, reason) if reason else (TaskState.OPEN, None)

    def pool(self) -> Pool | None:
        if self.refusal:
            return None
        pools = self._decider.definition.pools
        return next((pool for pool in pools if self._asked(pool, begun=False) is None), None)


_DECIDERS: dict[int, Decider] = {}
MOST_DECIDERS = 1024


def decider_of(definition: Campaign) -> Decider:
    """The compiled form of this very object. The Decider holds the definition, so its id is not given to another."""
    decider = _DECIDERS.get(id(definition))
    if decider is None:
        if len(_DECIDERS) >= MOST_DECIDERS:
            _DECIDERS.clear()
        decider = _DECIDERS[id(definition)] = Decider(definition)
    return decider
