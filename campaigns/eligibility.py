"""Who may do what, decided from facts loaded beforehand. Pure: it never queries.

The H5 pages, the API, the admin and the draw all call `decide`; nothing else interprets an audience. The first reason
in the order below is the one shown.

1. The campaign: not open, closed, paused; then its audience. This refuses every task and the draw.
2. An audience: in the order of `campaigns.admission`.
3. A task: held back or denied; claimable or too late for it; done; the campaign's refusal; its chain's (audience,
   deadline, the step before is not done, the step falls away); its own deadline; its audience; its place is another's;
   its quotas are full; not accepted yet.

Who has refused profiling is treated as if there were no tags and segments, and so gets what is there for everyone:
what asks for a tag or a segment does not admit them, being in a segment does not shut them out. `tags_none` still
does, since that is how cheats are kept out.

Who has begun stays in. Buying something takes a member out of "new customers", and a reward may lift their level: so
an enrolled member, a task begun and a chain begun are asked only for `tags_none` again, which is the operator's way to
shut somebody out. A completed task can be claimed for as long as the campaign is open. Pools are asked at every draw,
as `campaigns.pool_choice` says.

A place (`slot`) shows one face: of the tasks and chains that stand in it, tasks first, a member meets the one they have
begun, else the first that admits them. So the last, with an audience of everyone, is the default for those who match
nothing before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from campaigns.admission import (
    NO_FACTS,
    NOTHING,
    Subject,
    TaskFacts,
    compiled,
    compiled_for_begun,
    groups_of,
    refusal_by,
)
from campaigns.definition import Audience, Campaign, Chain, Pool, Quota, Skip, Task
from campaigns.pool_choice import ORDINARY, By, DrawChoice, PoolChooser, drawing_order, next_draw
from campaigns.refusals import Refusal

__all__ = [
    "NO_FACTS",
    "CampaignDecision",
    "ChainDecision",
    "Decider",
    "Subject",
    "TaskDecision",
    "TaskFacts",
    "TaskState",
    "compiled_for_begun",
    "decide",
    "decider_of",
    "groups_of",
    "refusal_by",
]


class TaskState(StrEnum):
    OPEN = "open"
    OFFERED = "offered"  # to be accepted first
    CLAIMABLE = "claimable"
    HELD = "held"  # done, and being checked
    DONE = "done"
    LOCKED = "locked"
    SKIPPED = "skipped"
    MISSED = "missed"  # a deadline is past
    REFUSED = "refused"


# What is to be done in time.
_WITH_DEADLINE = frozenset({TaskState.OPEN, TaskState.CLAIMABLE})


@dataclass(frozen=True, slots=True)
class TaskDecision:
    """`before` counts the times that are over of a task that may be done several times; `until` is when, exclusive,
    what is to be done next must be done: to finish it, or to claim it."""

    task: Task
    state: TaskState
    refusal: Refusal | None
    count: int
    target: int
    before: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChainDecision:
    chain: Chain
    refusal: Refusal | None
    steps: tuple[TaskDecision, ...]
    done: int
    until: datetime | None = None

    @property
    def finished(self) -> bool:
        return self.done >= len(self.steps)


@dataclass(frozen=True, slots=True)
class CampaignDecision:
    """What one member gets in one campaign, and why not the rest. `refusal` refuses all of it.

    `tasks` are those that stand alone; a task that is a step of a chain is in `chains` only. `draw` is what the next
    draw is from, `draws` what each of the chances left is for, in the order in which they are drawn, and `ordinary`
    what the member's level, tags and score choose. `chances` are all that are left.
    """

    refusal: Refusal | None
    tasks: tuple[TaskDecision, ...]
    chains: tuple[ChainDecision, ...]
    draw: DrawChoice
    draws: tuple[DrawChoice, ...]
    ordinary: DrawChoice
    chances: int
    score: int

    @property
    def pool(self) -> Pool | None:
        """The pool of the next draw."""
        return self.draw.pool

    def task(self, key: str) -> TaskDecision | None:
        steps = (step for chain in self.chains for step in chain.steps)
        return next((each for each in (*self.tasks, *steps) if each.task.key == key), None)


def decide(definition: Campaign, subject: Subject) -> CampaignDecision:
    """Decide the whole campaign for one member. The compiled form of a definition is kept for the next member."""
    return decider_of(definition).decide(subject)


class Decider:
    """A definition compiled. Equal audiences are asked once.

    Most members meet most campaigns for the first time: what they get then depends on nothing but the answers of the
    audiences, so it is kept by those answers and handed out again (2 µs instead of 20 for a campaign of five tasks).
    Those who are alike in all that the campaign names are not even asked (1 µs).
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
        self._slots = _slots(definition, self._alone)
        self._quota_keys = {id(quota): quota.key for task in definition.tasks for quota in task.quotas}
        self._skips = {skip.step: skip for chain in definition.chains for skip in chain.skips}
        self.chooser = PoolChooser(definition.pools, self._place)
        self._named = tuple(_named(audiences, parts) for parts in NAMED)
        self._alike: dict[tuple[object, ...], CampaignDecision] = {}
        self._kept: dict[tuple[Refusal | By | None, ...], CampaignDecision] = {}

    def decide(self, subject: Subject) -> CampaignDecision:
        closed = self._closed(subject)
        if subject.enrolled or subject.chances or subject.score or subject.full:
            return self._decide(subject, closed, self._answers_of(subject))
        tags, groups, segments = self._named
        # What of the member the campaign asks for at all: whoever is alike in that gets the same.
        alike = (
            closed,
            subject.level,
            subject.profiling_refused,
            tags & subject.tags,
            groups and groups.intersection(subject.tag_groups or ()),
            segments & subject.segments,
        )
        decision = self._alike.get(alike)
        if decision is None:
            if len(self._alike) >= self.MOST_KEPT:
                self._alike.clear()
            decision = self._alike[alike] = self._by_answers(subject, closed)
        return decision

    def _by_answers(self, subject: Subject, closed: Refusal | None) -> CampaignDecision:
        answers = self._answers_of(subject)
        key: tuple[Refusal | By | None, ...] = (closed, *answers)
        if self.chooser.is_ambiguous:
            key = (*key, self.chooser.by(subject, answers))
        decision = self._kept.get(key)
        if decision is None:
            if len(self._kept) >= self.MOST_KEPT:
                self._kept.clear()
            decision = self._kept[key] = self._decide(subject, closed, answers)
        return decision

    def _answers_of(self, subject: Subject) -> tuple[Refusal | None, ...]:
        return tuple([check(subject) for check in self._checks])

    def asked(self, subject: Subject) -> "Asked":
        """The answers from which the decision follows, for whoever explains it."""
        return Asked(self, subject, self._closed(subject), self._answers_of(subject))

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
        ask = Asked(self, subject, closed, answers)
        ordinary, draws = ask.draws()
        return CampaignDecision(
            refusal=ask.refusal,
            tasks=tuple(ask.task(task) for task in self._alone),
            chains=tuple(ask.chain(chain) for chain in self.definition.chains),
            draw=next_draw(ordinary, draws),
            draws=draws,
            ordinary=ordinary,
            chances=subject.chances,
            score=subject.score,
        )


# The parts of an audience that name tags, tag groups and segments.
NAMED = (("tags_any", "tags_all", "tags_none"), ("tag_groups",), ("segments_in", "segments_not_in"))


def _named(audiences: Iterable[Audience], parts: Iterable[str]) -> frozenset[str]:
    """All that these parts of some audiences name."""
    return frozenset(name for audience in audiences for part in parts for name in getattr(audience, part))


def _slots(definition: Campaign, alone: tuple[Task, ...]) -> dict[str, tuple[Task | Chain, ...]]:
    """What stands in each place, in the order in which it is asked; places of one are none."""
    slots: dict[str, list[Task | Chain]] = {}
    parts: tuple[Task | Chain, ...] = (*alone, *definition.chains)
    for part in parts:
        if part.slot:
            slots.setdefault(part.slot, []).append(part)
    return {slot: tuple(faces) for slot, faces in slots.items() if len(faces) > 1}


class Asked:
    """One campaign, one member: the answers of the audiences and what follows from them."""

    def __init__(
        self, decider: Decider, subject: Subject, closed: Refusal | None, answers: tuple[Refusal | None, ...]
    ) -> None:
        self._decider = decider
        self._subject = subject
        self._facts = subject.tasks or NOTHING
        self._steps = subject.chains or {}
        self._answers = answers
        self.closed = closed
        self.refusal = closed or self._asked(decider.definition, begun=subject.enrolled)
        self._faces = {slot: self._face(parts) for slot, parts in decider._slots.items()}

    def _face(self, parts: tuple[Task | Chain, ...]) -> Task | Chain | None:
        """Which of those in one place the member meets."""
        begun = (part for part in parts if self._has_begun(part))
        admitting = (part for part in parts if self._asked(part, begun=False) is None)
        return next(begun, None) or next(admitting, None)

    def _has_begun(self, part: Task | Chain) -> bool:
        return bool(self._steps.get(part.key)) if isinstance(part, Chain) else self._facts.get(part.key, NO_FACTS).begun

    def taken(self, part: Task | Chain) -> Refusal | None:
        """The refusal of what stands in a place that is another's for this member."""
        face = self.face_of(part)
        return None if face is None or face is part else Refusal.SLOT_TAKEN

    def face_of(self, part: Task | Chain) -> Task | Chain | None:
        """What the member meets in the part's place; None for a part without one, or whose place admits nobody."""
        return self._faces.get(part.slot)

    def _asked(self, part: Campaign | Task | Chain | Pool | Quota | Skip, *, begun: bool) -> Refusal | None:
        place = self._decider._place[id(part)]
        return self._decider._begun_checks[place](self._subject) if begun else self._answers[place]

    def task(self, task: Task) -> TaskDecision:
        return self._standing(task, self._facts.get(task.key, NO_FACTS), refusal=None, done=False)

    def chain(self, chain: Chain) -> ChainDecision:
        done = self._steps.get(chain.key, 0)
        refusal = self.refusal or self._asked(chain, begun=done > 0) or self.taken(chain)
        until = self.chain_until(chain)
        over = self.is_over(chain)
        due = self.due(chain, done)
        steps = tuple(
            self._step(key, number, done, due, refusal or (Refusal.CHAIN_OVER if over else None))
            for number, key in enumerate(chain.steps, 1)
        )
        return ChainDecision(
            chain, refusal or (Refusal.CHAIN_OVER if over else None), steps, min(done, len(steps)), until
        )

    def chain_until(self, chain: Chain) -> datetime | None:
        since = (self._subject.chains_since or {}).get(chain.key)
        return since + timedelta(hours=chain.within) if since and chain.within else None

    def is_over(self, chain: Chain) -> bool:
        """Whether the time in which the chain had to be done is past."""
        until = self.chain_until(chain)
        done = self._steps.get(chain.key, 0)
        return until is not None and self._subject.now >= until and done < len(chain.steps)

    def due(self, chain: Chain, done: int) -> int:
        """The number of the step that is next: those that fall away for the member are passed over."""
        due = done + 1
        while due <= len(chain.steps) and self.falls_away(chain.steps[due - 1]):
            due += 1
        return due

    def falls_away(self, key: str) -> bool:
        skip = self._decider._skips.get(key)
        return skip is not None and not self._facts.get(key, NO_FACTS).begun and not self._asked(skip, begun=False)

    def _step(self, key: str, number: int, done: int, due: int, refusal: Refusal | None) -> TaskDecision:
        task = self._decider.definition.by_key[key]
        facts = self._facts.get(key, NO_FACTS)
        if number <= done and not facts.completed:
            return TaskDecision(task, TaskState.DONE, Refusal.DONE, facts.count, task.target)
        if number > done and not self.refusal and self.falls_away(key):
            return TaskDecision(task, TaskState.SKIPPED, Refusal.STEP_SKIPPED, 0, task.target)
        if number > due:
            return TaskDecision(task, TaskState.LOCKED, refusal or Refusal.STEP_LOCKED, 0, task.target)
        return self._standing(task, facts, refusal=refusal, done=number <= done)

    def _standing(self, task: Task, facts: TaskFacts, *, refusal: Refusal | None, done: bool) -> TaskDecision:
        state, reason = self._state(task, facts, refusal, done)
        until = facts.claim_until if state is TaskState.CLAIMABLE else facts.finish_until
        if state not in _WITH_DEADLINE:
            until = None
        return TaskDecision(task, state, reason, facts.count, task.target, facts.before, until)

    def _state(  # noqa: PLR0911 one for each state
        self, task: Task, facts: TaskFacts, refusal: Refusal | None, done: bool
    ) -> tuple[TaskState, Refusal | None]:
        if facts.completed and not facts.rewarded:
            return self._unrewarded(facts)
        if facts.rewarded or done:
            return TaskState.DONE, Refusal.DONE
        if self.refusal:
            return TaskState.REFUSED, self.refusal
        if refusal:
            return (TaskState.MISSED if refusal is Refusal.CHAIN_OVER else TaskState.LOCKED), refusal
        if facts.finish_until is not None and facts.finish_until <= self._subject.now:
            return TaskState.MISSED, Refusal.TOO_LATE
        if reason := self._not_for(task, facts):
            return TaskState.REFUSED, reason
        accepted = task.claim_mode != "accept_first" or facts.finish_until is not None
        return (TaskState.OPEN if accepted else TaskState.OFFERED), None

    def _unrewarded(self, facts: TaskFacts) -> tuple[TaskState, Refusal | None]:
        """A task that is done and gave nothing yet."""
        if facts.denied:
            return TaskState.REFUSED, Refusal.NOT_GRANTED
        if facts.held:
            return TaskState.HELD, Refusal.HELD
        if self.refusal:
            return TaskState.REFUSED, self.refusal
        if facts.claim_until is not None and facts.claim_until <= self._subject.now:
            return TaskState.MISSED, Refusal.CLAIM_EXPIRED
        return TaskState.CLAIMABLE, None

    def _not_for(self, task: Task, facts: TaskFacts) -> Refusal | None:
        reason = self._asked(task, begun=facts.begun)
        if reason is None and task.key not in self._decider._chained:
            reason = self.taken(task)
        # Who has accepted a task holds a place in its quotas already.
        if reason is None and task.quotas and facts.finish_until is None:
            reason = Refusal.QUOTA if any(self.is_full(task, quota) for quota in task.quotas) else None
        return reason

    def is_full(self, task: Task, quota: Quota) -> bool:
        """Whether the quota keeps the member out; one for others never does."""
        return self.places_taken(task, quota) >= quota.quota and self._asked(quota, begun=False) is None

    def places_taken(self, task: Task, quota: Quota) -> int:
        """How many places of the quota are taken, where it is full; 0 else."""
        return (self._subject.full or {}).get((task.key, self._decider._quota_keys[id(quota)]), 0)

    def draws(self) -> tuple[DrawChoice, tuple[DrawChoice, ...]]:
        """The ordinary choice, and that of each bucket with chances left."""
        held = self._subject.chances_by_bucket
        buckets = sorted([bucket for bucket, left in held.items() if left > 0], key=drawing_order)
        if self.refusal:
            refused = DrawChoice(ORDINARY, None, refusal=self.refusal, chances=held.get(ORDINARY, 0))
            return refused, tuple(replace(refused, bucket=bucket, chances=held[bucket]) for bucket in buckets)
        chooser = self._decider.chooser
        ordinary = chooser.ordinary(self._subject, self._answers)
        choices = (chooser.choose(bucket, ordinary, self._subject, self._answers) for bucket in buckets if bucket)
        return ordinary, (*choices, *([ordinary] if ordinary.chances > 0 else ()))


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
