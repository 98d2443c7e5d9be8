"""A task is done: the completion, its reward, the steps of its chain, and the chain's reward. Each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from campaigns import quotas, rewarding, suspicion, taking_part
from campaigns.definition import Campaign, Chain, Reward, Task
from campaigns.eligibility import TaskDecision, TaskState
from campaigns.entering import TOUCHED, Play, play_at
from campaigns.kinds.face import Moved, Turn
from campaigns.models import Completion, Enrolment, Progress
from campaigns.progress import SAVE, Places, values_of
from campaigns.refusals import Refusal, Refused
from campaigns.turns import turn_of
from members import locking, touches
from operations import jobs
from rewards.awards import OutOfGifts

# Progress, completion and steps in one statement; a step is taken with the completion or not at all.
_COMPLETE = f"""
    WITH moved AS ({SAVE}), done AS (
        INSERT INTO campaigns_completion
            (enrolment_id, task_key, period, completed_at, rewarded_at, claim_until, held_at, held_for)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (enrolment_id, task_key, period) DO NOTHING
        RETURNING id, enrolment_id, completed_at
    ), stepped AS (
        INSERT INTO campaigns_chainprogress (enrolment_id, chain_key, step, previous_step, skipped, done_at)
        SELECT done.enrolment_id, %s, step, nullif(step - 1, 0), skipped, done.completed_at
        FROM done, unnest(%s::smallint[], %s::boolean[]) AS steps (step, skipped)
    )
    SELECT id FROM done
"""  # noqa: S608 the other text is our own
_TAKE_STEPS = """
    INSERT INTO campaigns_chainprogress (enrolment_id, chain_key, step, previous_step, skipped, done_at)
    SELECT %s, %s, step, nullif(step - 1, 0), skipped, %s
    FROM unnest(%s::smallint[], %s::boolean[]) AS steps (step, skipped)
"""
Steps = Sequence[tuple[int, bool]]


@dataclass(frozen=True, slots=True)
class TaskMoved:
    """What a member is told: the standing of the task now, and what this move itself brought.

    `result` is the kind's own (a quiz: right, questions, pass, passed; a check-in: streak). `reward` and `chain_reward`
    are what was granted by this very move, with the pool that a result named, `unlocked` the key of the step that it
    opened, `refusal` why a task that was only looked at cannot be moved, `until` when, exclusive, the task must be
    finished, or its reward claimed.
    """

    task: Task
    state: TaskState
    count: int
    target: int
    result: Mapping[str, Any] = field(default_factory=dict)
    completed: bool = False
    reward: Reward | None = None
    unlocked: str | None = None
    chain_reward: Reward | None = None
    refusal: Refusal | None = None
    until: datetime | None = None


def give(  # noqa: PLR0913 a grant says what, to whom, why and when
    definition: Campaign, member_id: int, reward: Reward, *, key: str, title: str, now: datetime
) -> None:
    """Give a member who takes part something beside their tasks, once per key; the caller sees to it for the score.

    `title` says for what. Raises OutOfGifts; then nothing is given.
    """
    enrolment = Enrolment.objects.get(member=member_id, campaign__slug=definition.slug)
    rewarding.give_reward(definition, enrolment, reward, key=key, title=title, now=now)


def unmoved(decision: TaskDecision) -> TaskMoved:
    return TaskMoved(
        decision.task, decision.state, decision.count, decision.target, refusal=decision.refusal, until=decision.until
    )


def complete(play: Play, turn: Turn, moved: Moved, *, accepted: bool = False) -> TaskMoved:
    """Record that the task is done in the turn's period, and give what it gives. Behind the enrolment's lock.

    A reward whose gift is out of codes stays to be claimed: the member has done the task. Where signs speak against the
    move (`campaigns.suspicion`), the reward is held back, and so is the step of its chain. `accepted`: the task holds
    its places in the quotas since then. Raises Refused.
    """
    task = turn.task
    signs = suspicion.signs(play, task)
    places = [] if accepted else quotas.take(play, task)
    chain = None if signs else play.definition.chain_of(task.key)
    reward = rewarding.earned(task, moved.data)
    by_itself = not signs and task.claim_mode != "by_hand"
    # What may be out of codes is given by itself, so that the task is done all the same.
    at_once = by_itself and not reward.may_run_out
    if reward.tags or (chain is not None and chain.reward.tag):
        # The task's reward locks accounts before the chain's tag would lock the member.
        locking.lock_by_id([play.member.pk])
    steps = _steps_taken(play, chain, task.key) if chain else ()
    claim_until = turn.now + timedelta(hours=task.claim_within) if task.claim_within and not at_once else None
    completion_id = _write(
        turn, moved, places, at_once=at_once, claim_until=claim_until, signs=signs, steps=(chain, steps)
    )
    touches.touch(TOUCHED, [play.member.pk])
    if not signs:
        taking_part.completed(play, task, period=turn.period)
    if at_once:
        rewarding.give(play, turn, reward)
    given = at_once or (by_itself and _try_reward(play, turn, reward, completion_id))
    unlocked, chain_reward = _after_steps(play, chain, steps) if chain else (None, None)
    return TaskMoved(
        task=task,
        state=TaskState.DONE if given else TaskState.HELD if signs else TaskState.CLAIMABLE,
        count=moved.count,
        target=task.target,
        result=moved.result,
        completed=True,
        reward=reward.total if given else None,
        unlocked=unlocked,
        chain_reward=chain_reward,
        refusal=Refusal.HELD if signs else None,
        until=None if given or signs else claim_until,
    )


def _write(  # noqa: PLR0913 a completion is what it records
    turn: Turn,
    moved: Moved,
    places: Places,
    *,
    at_once: bool,
    claim_until: datetime | None,
    signs: Sequence[str],
    steps: tuple[Chain | None, Steps],
) -> int:
    chain, taken = steps
    done: list[Any] = [
        turn.enrolment_id,
        turn.task.key,
        turn.period,
        turn.now,
        turn.now if at_once else None,
        claim_until,
    ]
    held: list[Any] = [turn.now if signs else None, Jsonb(list(signs))]
    stepped: list[Any] = [
        chain.key if chain else "",
        [number for number, _ in taken],
        [skipped for _, skipped in taken],
    ]
    with connection.cursor() as cursor:
        saved = values_of(turn, moved, finish_until=None, places=places)
        cursor.execute(_COMPLETE, [*saved, *done, *held, *stepped])
        row = cursor.fetchone()
    if row is None:
        raise Refused(Refusal.DONE)
    return int(row[0])


def claim(play: Play, turn: Turn, data: Mapping[str, Any]) -> TaskMoved:
    """Give the reward of a completed task. Raises Refused when it was given, OutOfGifts when its gift cannot be."""
    reward = rewarding.earned(turn.task, data)
    done = Completion.objects.filter(enrolment=turn.enrolment_id, task_key=turn.task.key, period=turn.period)
    give_reward(play, turn, reward, done.values_list("pk", flat=True).get())
    return TaskMoved(turn.task, TaskState.DONE, turn.task.target, turn.task.target, reward=reward.total)


def _try_reward(play: Play, turn: Turn, reward: rewarding.Earned, completion_id: int) -> bool:
    try:
        with transaction.atomic():
            give_reward(play, turn, reward, completion_id)
    except OutOfGifts:
        return False
    return True


def give_reward(play: Play, turn: Turn, reward: rewarding.Earned, completion_id: int) -> None:
    """Give what the task gives, once. Raises Refused when it was given, OutOfGifts when a gift of it cannot be."""
    unrewarded = Completion.objects.filter(pk=completion_id, rewarded_at=None, held_at=None, refused_at=None)
    if not unrewarded.update(rewarded_at=play.now):
        raise Refused(Refusal.DONE)
    rewarding.give(play, turn, reward)


def _steps_taken(play: Play, chain: Chain, task_key: str) -> list[tuple[int, bool]]:
    """(number, skipped) of the steps that are done with this one: those before it and behind it that fall away too."""
    decision = next(each for each in play.decision.chains if each.chain.key == chain.key)
    number = chain.steps.index(task_key) + 1
    first = decision.done + 1
    taken = [(each, True) for each in range(first, number)] + [(number, False)]
    rest = range(number + 1, len(chain.steps) + 1)
    if all(decision.steps[each - 1].state is TaskState.SKIPPED for each in rest):
        taken += [(each, True) for each in rest]
    return taken


def _after_steps(play: Play, chain: Chain, taken: Steps) -> tuple[str | None, Reward | None]:
    """The key of the step that is unlocked, and the chain's reward when it is finished."""
    last = taken[-1][0]
    if last == len(chain.steps):
        return None, _finish(play, chain)
    decision = next(each for each in play.decision.chains if each.chain.key == chain.key)
    waiting = (step.task.key for step in decision.steps[last:] if step.state is not TaskState.SKIPPED)
    return next(waiting, None), None


def _finish(play: Play, chain: Chain) -> Reward | None:
    """Give the chain's reward. A gift without codes is given by a job, which waits for an operator's replay."""
    taking_part.finished(play, chain)
    try:
        with transaction.atomic():
            rewarding.give_chain(play.definition, chain, play.member.pk, now=play.now)
    except OutOfGifts:
        jobs.enqueue(
            "campaigns.jobs.reward_chain",
            key=rewarding.chain_key(play.definition, chain, play.member.pk),
            arguments={"slug": play.definition.slug, "chain_key": chain.key, "member_id": play.member.pk},
        )
        return None
    return chain.reward


def release(completion: Completion, *, now: datetime) -> bool:
    """Give what was held back for review, also after the campaign's end; False if it is not held any more.

    It is given at once, whatever the claim mode: the member has waited, and the time to claim it may be over. The step
    of its chain is taken with it. Raises OutOfGifts; then nothing is given. Inside a transaction.
    """
    enrolment = completion.enrolment
    play = play_at(enrolment.member, enrolment.campaign.slug, at=completion.completed_at, now=now)
    held = Completion.objects.filter(pk=completion.pk, held_at__isnull=False, refused_at=None)
    task = play.definition.by_key.get(completion.task_key)
    if task is None or not held.update(held_at=None):
        return False
    touches.touch(TOUCHED, [play.member.pk])
    # Before any account: a reward may bring a tag, and members come first everywhere.
    locking.lock_by_id([play.member.pk])
    turn = replace(turn_of(play, task), period=completion.period)
    data = Progress.objects.values_list("data", flat=True)
    noted = data.get(enrolment=enrolment, task_key=task.key, period=completion.period)
    give_reward(play, turn, rewarding.earned(task, noted), completion.pk)
    taking_part.completed(play, task, period=completion.period)
    chain = play.definition.chain_of(task.key)
    if chain is not None and _due(play, chain) == task.key:
        take_step(play, chain, task.key)
    return True


def deny(completion: Completion, *, now: datetime) -> bool:
    """Refuse what was held back for review: it is never given, and its places go back. False if it is not held."""
    held = Completion.objects.filter(pk=completion.pk, held_at__isnull=False, refused_at=None, rewarded_at=None)
    if not held.update(held_at=None, refused_at=now):
        return False
    enrolment = completion.enrolment
    done = {"enrolment": enrolment, "task_key": completion.task_key, "period": completion.period}
    for places in Progress.objects.filter(**done).values_list("places", flat=True):
        quotas.give_back(enrolment.campaign_id, completion.task_key, places)
    Progress.objects.filter(**done).update(places=[])
    touches.touch(TOUCHED, [enrolment.member_id])
    return True


def take_step(play: Play, chain: Chain, task_key: str) -> TaskMoved | None:
    """Take the step of a task that was done before: its chain was not there yet, or it was held back."""
    steps = _steps_taken(play, chain, task_key)
    numbers, skipped = [number for number, _ in steps], [each for _, each in steps]
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_STEPS, [play.enrolment.pk, chain.key, play.now, numbers, skipped])
    touches.touch(TOUCHED, [play.member.pk])
    unlocked, chain_reward = _after_steps(play, chain, steps)
    task = play.definition.by_key[task_key]
    moved = TaskMoved(task, TaskState.DONE, task.target, task.target)
    return replace(moved, unlocked=unlocked, chain_reward=chain_reward)


def catch_up(play: Play) -> Play:
    """Take the steps whose tasks were done before a revision made them steps."""
    for chain in play.definition.chains:
        while (key := _step_done_before(play, chain)) is not None:
            take_step(play, chain, key)
            play = play.again()
    return play


def _step_done_before(play: Play, chain: Chain) -> str | None:
    decision = next(each for each in play.decision.chains if each.chain.key == chain.key)
    if decision.finished or decision.refusal:
        return None
    due = _due(play, chain)
    facts = (play.subject.tasks or {}).get(due) if due else None
    return due if facts and facts.completed and not facts.held and not facts.denied else None


def _due(play: Play, chain: Chain) -> str | None:
    """The task of the step that is next, whether its time is over or not; those that fall away are passed over."""
    decision = next(each for each in play.decision.chains if each.chain.key == chain.key)
    steps = (step.task.key for step in decision.steps[decision.done :] if step.state is not TaskState.SKIPPED)
    return next(steps, None)
