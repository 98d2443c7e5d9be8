"""Why a decision is as it is: each thing that was asked of a member, with what is needed and what the member has. Pure.

It is no second reading of the rules. The parts of an audience are asked by the very checks that `campaigns.admission`
compiles, what comes before and after an audience by `campaigns.eligibility.Asked`; here they are named and put in the
order in which they refuse. So the first clause that refuses is the reason that the decision gives.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from campaigns.admission import NO_FACTS, NOTHING, Subject, TaskFacts, checks_of
from campaigns.definition import AUDIENCE_BOUNDS, Audience, Campaign, Chain, Pool, Quota, Task
from campaigns.eligibility import Asked, CampaignDecision, ChainDecision, TaskDecision, TaskState, decider_of
from campaigns.listed import in_order
from campaigns.refusals import Refusal

Keys = tuple[str, ...]
Value = Keys | str | int | datetime | None

# What is asked beside the parts of an audience.
GATES = (
    "standing", "opens_at", "closes_at", "paused", "campaign", "skip", "chain", "chain_until", "step", "finish_until",
    "slot", "quota", "score_gate",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that is asked. `asks` is a part of an audience or one of GATES; `refusal` is None where it holds.

    `value` is what the member has of it: of tags those in the groups concerned, of segments those that are named; None
    where it is not looked at, since the member has refused profiling. `waived`: it is not asked any more of one who has
    begun, whatever it says. Of a quota, `quota` is that and `value` how many places are taken, None if not all are.
    """

    asks: str
    needed: Value = None
    value: Value = None
    refusal: Refusal | None = None
    waived: bool = False
    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """A part of a campaign: `refusal` is what the decision says of it, `clauses` why."""

    part: Campaign | Task | Chain | Pool
    refusal: Refusal | None
    clauses: tuple[Clause, ...]
    state: TaskState | None = None

    @property
    def first_refusal(self) -> Refusal | None:
        return next((each.refusal for each in self.clauses if each.refusal and not each.waived), None)


@dataclass(frozen=True, slots=True)
class Explanation:
    """All parts of a campaign for one member, in the order of the definition."""

    subject: Subject
    campaign: Explained
    tasks: tuple[Explained, ...]
    chains: tuple[Explained, ...]
    pools: tuple[Explained, ...]


def explain(definition: Campaign, subject: Subject) -> Explanation:
    """Explain what `campaigns.eligibility.decide` says of the same two."""
    decider = decider_of(definition)
    return _Explaining(definition, subject, decider.asked(subject), decider.decide(subject)).whole()


def clauses_of(audience: Audience, subject: Subject, *, begun: bool = False) -> tuple[Clause, ...]:
    """Every part of the audience that asks for something. Of one who has begun only `tags_none` is asked again."""
    return tuple(
        Clause(
            part,
            _needed(audience, part),
            _value(audience, part, subject),
            check(subject),
            waived=begun and part != "tags_none",
        )
        for part, check in checks_of(audience)
    )


def _needed(audience: Audience, part: str) -> Keys | int:
    asked = getattr(audience, part)
    return asked if part in AUDIENCE_BOUNDS else tuple(in_order(asked))


def _value(audience: Audience, part: str, subject: Subject) -> Value:
    if part in AUDIENCE_BOUNDS:
        return subject.score
    if part == "levels":
        return (subject.level,) if subject.level else ()
    # Whoever has refused profiling is not looked at, but for the tags that keep cheats out.
    if subject.profiling_refused and part != "tags_none":
        return None
    asked: frozenset[str] = getattr(audience, part)
    if part.startswith("segments"):
        return tuple(key for key in in_order(asked) if key in subject.segments)
    groups = {key.partition(".")[0] for key in asked}
    return tuple(sorted(tag for tag in subject.tags if tag.partition(".")[0] in groups))


@dataclass(frozen=True, slots=True)
class _Explaining:
    definition: Campaign
    subject: Subject
    asked: Asked
    decision: CampaignDecision

    def whole(self) -> Explanation:
        steps = {step.task.key: (step, chain) for chain in self.decision.chains for step in chain.steps}
        alone = {each.task.key: each for each in self.decision.tasks}
        return Explanation(
            self.subject,
            Explained(self.definition, self.decision.refusal, tuple(self._of_campaign())),
            tuple(
                self._task(*steps[task.key]) if task.key in steps else self._task(alone[task.key], None)
                for task in self.definition.tasks
            ),
            tuple(Explained(each.chain, each.refusal, tuple(self._of_chain(each))) for each in self.decision.chains),
            tuple(self._pool(pool) for pool in self.definition.pools),
        )

    def _of_campaign(self) -> Iterator[Clause]:
        yield from self._of_window()
        if not self.asked.closed:
            yield from clauses_of(self.definition.audience, self.subject, begun=self.subject.enrolled)

    def _of_window(self) -> Iterator[Clause]:
        """Up to the one that refuses: what comes after it is not asked."""
        ended = self.subject.ended or self.definition.ended
        paused = self.subject.paused or self.definition.paused
        for asks, code, needed, value in (
            ("opens_at", Refusal.NOT_OPEN, self.definition.opens_at, self.subject.now),
            ("closes_at", Refusal.CLOSED, self.definition.closes_at, "ended" if ended else self.subject.now),
            ("paused", Refusal.PAUSED, None, "paused" if paused else None),
        ):
            yield Clause(asks, needed, value, code if self.asked.closed is code else None)
            if self.asked.closed is code:
                return

    def _task(self, decided: TaskDecision, chain: ChainDecision | None) -> Explained:
        facts = (self.subject.tasks or NOTHING).get(decided.task.key, NO_FACTS)
        clauses = self._of_settled(decided) if _is_settled(decided, facts) else self._of_open(decided, facts, chain)
        return Explained(decided.task, decided.refusal, tuple(clauses), decided.state)

    @staticmethod
    def _of_settled(decided: TaskDecision) -> Iterator[Clause]:
        """Of what is done nothing is asked any more: its state says how it stands."""
        yield Clause("standing", value=decided.state.value, refusal=decided.refusal)

    def _of_open(self, decided: TaskDecision, facts: TaskFacts, chain: ChainDecision | None) -> Iterator[Clause]:
        task = decided.task
        yield Clause("campaign", refusal=self.asked.refusal)
        if chain is not None:
            yield from self._of_step(decided, chain)
        if facts.finish_until is not None:
            late = facts.finish_until <= self.subject.now
            yield Clause("finish_until", facts.finish_until, self.subject.now, Refusal.TOO_LATE if late else None)
        yield from clauses_of(task.audience, self.subject, begun=facts.begun)
        if chain is None:
            yield from self._of_slot(task)
        for quota in task.quotas:
            full = Refusal.QUOTA if self.asked.is_full(task, quota) else None
            taken = self.asked.places_taken(task, quota) or None
            # Who has accepted a task holds a place already.
            yield Clause("quota", quota.quota, taken, full, waived=facts.finish_until is not None, quota=quota)

    def _of_step(self, decided: TaskDecision, chain: ChainDecision) -> Iterator[Clause]:
        number = chain.chain.steps.index(decided.task.key) + 1
        if any(skip.step == decided.task.key for skip in chain.chain.skips):
            away = decided.state is TaskState.SKIPPED
            yield Clause("skip", refusal=Refusal.STEP_SKIPPED if away else None)
        own = next((each.refusal for each in self._before_deadline(chain) if each.refusal and not each.waived), None)
        yield Clause("chain", chain.chain.key, refusal=own)
        yield from self._of_deadline(chain)
        if number > 1:
            due = self.asked.due(chain.chain, (self.subject.chains or {}).get(chain.chain.key, 0))
            needed = chain.chain.steps[number - 2]
            yield Clause("step", needed, refusal=Refusal.STEP_LOCKED if number > due else None)

    def _of_chain(self, decided: ChainDecision) -> Iterator[Clause]:
        yield Clause("campaign", refusal=self.asked.refusal)
        yield from self._before_deadline(decided)
        yield from self._of_deadline(decided)

    def _before_deadline(self, decided: ChainDecision) -> Iterator[Clause]:
        begun = bool((self.subject.chains or {}).get(decided.chain.key))
        yield from clauses_of(decided.chain.audience, self.subject, begun=begun)
        yield from self._of_slot(decided.chain)

    def _of_deadline(self, decided: ChainDecision) -> Iterator[Clause]:
        if (until := self.asked.chain_until(decided.chain)) is not None:
            over = Refusal.CHAIN_OVER if self.asked.is_over(decided.chain) else None
            yield Clause("chain_until", until, self.subject.now, over)

    def _of_slot(self, part: Task | Chain) -> Iterator[Clause]:
        if part.slot:
            face = self.asked.face_of(part)
            yield Clause("slot", part.slot, face.key if face else None, self.asked.taken(part))

    def _pool(self, pool: Pool) -> Explained:
        clauses = tuple(self._of_pool(pool))
        if pool.named_only or self.decision.refusal:
            # The ordinary choice does not ask: what is said of it is what a chance that names it would meet.
            said = next((each.refusal for each in clauses if each.refusal), None)
        else:
            said = dict(self.decision.ordinary.refusals).get(pool)
        return Explained(pool, said, clauses)

    def _of_pool(self, pool: Pool) -> Iterator[Clause]:
        yield Clause("campaign", refusal=self.asked.refusal)
        yield from clauses_of(pool.audience, self.subject)
        ordinary = self.decision.ordinary
        if ordinary.refusal is Refusal.SCORE_GATE and not pool.named_only:
            yield Clause("score_gate", ordinary.score_needed, self.subject.score, Refusal.SCORE_GATE)


def _is_settled(decided: TaskDecision, facts: TaskFacts) -> bool:
    return facts.completed or decided.state is TaskState.DONE
