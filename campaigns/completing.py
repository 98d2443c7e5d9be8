"""A task is done: the completion, its reward, the step of its chain, and the chain's reward. Each once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from campaigns import kinds, result_pools
from campaigns.definition import Campaign, Chain, Reward, Task
from campaigns.eligibility import TaskDecision, TaskState
from campaigns.entering import TOUCHED, Play, scope_of
from campaigns.models import ChainProgress, Completion, Enrolment, Progress
from campaigns.pool_choice import ORDINARY, TASK, bucket_of
from campaigns.refusals import Refusal, Refused
from members import locking, touches
from operations import jobs
from rewards import granting
from rewards.awards import OutOfGifts
from segmentation import participation_tags


@dataclass(frozen=True, slots=True)
class TaskMoved:
    """What a member is told: the standing of the task now, and what this move itself brought.

    `result` is the kind's own (a quiz: right, questions, pass, passed; a check-in: streak). `reward` and `chain_reward`
    are what was granted by this very move, with the pool that a result named, `unlocked` the key of the step that it
    opened, `refusal` why a task that was only looked at cannot be moved.
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


def unmoved(decision: TaskDecision) -> TaskMoved:
    return TaskMoved(decision.task, decision.state, decision.count, decision.target, refusal=decision.refusal)


def complete(play: Play, task: Task, *, period: str, count: int, result: Mapping[str, Any]) -> TaskMoved:
    """Record that the task is done in the period, and give what it gives. Behind the enrolment's lock.

    A reward whose gift is out of codes stays to be claimed: the member has done the task.
    """
    chain = play.definition.chain_of(task.key)
    if task.reward.tag or (chain is not None and chain.reward.tag):
        # The task's reward locks accounts before the chain's tag would lock the member.
        locking.lock_by_id([play.member.pk])
    completion, created = Completion.objects.get_or_create(
        enrolment=play.enrolment, task_key=task.key, period=period, defaults={"completed_at": play.now}
    )
    if not created:
        raise Refused(Refusal.DONE)
    touches.touch(TOUCHED, [play.member.pk])
    reward = _try_reward(play, task, completion) if task.claim_mode == "automatic" else None
    unlocked, chain_reward = _take_step(play, chain, task.key) if chain else (None, None)
    return TaskMoved(
        task=task,
        state=TaskState.DONE if reward else TaskState.CLAIMABLE,
        count=count,
        target=task.target,
        result=result,
        completed=True,
        reward=reward,
        unlocked=unlocked,
        chain_reward=chain_reward,
    )


def claim(play: Play, task: Task, *, period: str) -> TaskMoved:
    """Give the reward of a completed task. Raises Refused when it was given, OutOfGifts when its gift cannot be."""
    completion = Completion.objects.get(enrolment=play.enrolment, task_key=task.key, period=period)
    reward = _reward(play, task, completion)
    return TaskMoved(task, TaskState.DONE, task.target, task.target, reward=reward)


def _try_reward(play: Play, task: Task, completion: Completion) -> Reward | None:
    try:
        with transaction.atomic():
            return _reward(play, task, completion)
    except OutOfGifts:
        return None


def _reward(play: Play, task: Task, completion: Completion) -> Reward:
    """Give what the task gives, once, and return it as it was given."""
    unrewarded = Completion.objects.filter(pk=completion.pk, rewarded_at=None)
    if not unrewarded.update(rewarded_at=play.now):
        raise Refused(Refusal.DONE)
    if task.reward.score:
        Enrolment.objects.filter(pk=play.enrolment.pk).update(score=F("score") + task.reward.score)
    reward, bucket = _as_earned(task, completion)
    key = f"task:{play.definition.slug}:{task.key}:{completion.period}:{play.member.pk}"
    _grant(play.definition, play.member.pk, reward, bucket=bucket, key=key, title=task.title, now=play.now)
    return reward


def _as_earned(task: Task, completion: Completion) -> tuple[Reward, str]:
    """The reward, and the bucket of its chances. Where the result names the pool, a low one earns no chance."""
    if not task.config.get("pools"):
        return task.reward, _bucket_of(task.reward)
    done = {"enrolment": completion.enrolment_id, "task_key": task.key, "period": completion.period}
    data = Progress.objects.filter(**done).values_list("data", flat=True).get()
    score = kinds.find(task.kind).score(task.config, data)
    bucket = result_pools.bucket_for(task.config["pools"], score=score)
    if bucket is None:
        return replace(task.reward, chances=0), ORDINARY
    return replace(task.reward, pool=bucket.partition(":")[2]), bucket


def _bucket_of(reward: Reward) -> str:
    return bucket_of(TASK, reward.pool) if reward.pool else ORDINARY


def _grant(  # noqa: PLR0913 a grant says what, to whom, why and when
    definition: Campaign, member_id: int, reward: Reward, *, bucket: str, key: str, title: str, now: datetime
) -> None:
    if reward.tag is not None:
        # Before the accounts: it locks the member, and members come first everywhere.
        participation_tags.give_tag(member_id, reward.tag, campaign=definition.slug, now=now)
    granting.grant(
        member_id,
        points=reward.points,
        growth=reward.growth,
        chances=reward.chances,
        gift=reward.gift,
        bucket=bucket,
        key=key,
        scope=scope_of(definition),
        reason=f"{definition.name}: {title}"[:200],
        now=now,
    )


def _take_step(play: Play, chain: Chain, task_key: str) -> tuple[str | None, Reward | None]:
    """Record the step. Returns the key of the step it unlocks, and the chain's reward when it was the last."""
    number = chain.steps.index(task_key) + 1
    previous = number - 1 or None
    ChainProgress.objects.create(
        enrolment=play.enrolment, chain_key=chain.key, step=number, previous_step=previous, done_at=play.now
    )
    touches.touch(TOUCHED, [play.member.pk])
    if number < len(chain.steps):
        return chain.steps[number], None
    return None, _finish(play, chain)


def _finish(play: Play, chain: Chain) -> Reward | None:
    """Give the chain's reward. A gift without codes is given by a job, which waits for an operator's replay."""
    try:
        with transaction.atomic():
            reward_chain(play.definition, chain, play.member.pk, now=play.now)
    except OutOfGifts:
        jobs.enqueue(
            "campaigns.jobs.reward_chain",
            key=_chain_key(play.definition, chain, play.member.pk),
            arguments={"slug": play.definition.slug, "chain_key": chain.key, "member_id": play.member.pk},
        )
        return None
    return chain.reward


def reward_chain(definition: Campaign, chain: Chain, member_id: int, *, now: datetime) -> None:
    """Give a chain's reward once. Raises OutOfGifts."""
    key = _chain_key(definition, chain, member_id)
    _grant(definition, member_id, chain.reward, bucket=_bucket_of(chain.reward), key=key, title=chain.title, now=now)


def _chain_key(definition: Campaign, chain: Chain, member_id: int) -> str:
    return f"chain:{definition.slug}:{chain.key}:{member_id}"


def catch_up(play: Play) -> Play:
    """Take the steps whose tasks were done before a revision made them steps."""
    for chain in play.definition.chains:
        while (key := _step_done_before(play, chain)) is not None:
            _take_step(play, chain, key)
            play = play.again()
    return play


def _step_done_before(play: Play, chain: Chain) -> str | None:
    done = (play.subject.chains or {}).get(chain.key, 0)
    if done >= len(chain.steps):
        return None
    facts = (play.subject.tasks or {}).get(chain.steps[done])
    return chain.steps[done] if facts and facts.completed else None
