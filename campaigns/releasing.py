"""The reward of a task that was held back is given after all: later than it was earned, perhaps after the campaign."""

from dataclasses import replace
from datetime import datetime, timedelta

from campaigns import completing, definition, following, moving_tasks, published, rewarding
from campaigns.definition import Campaign, Chain, Task
from campaigns.eligibility import TaskState, decide
from campaigns.entering import TOUCHED, Play
from campaigns.models import Completion, Progress, Revision
from campaigns.subjects import load_subject
from members import touches

_MOMENT = timedelta(microseconds=1)


def reward_released(completion: Completion, *, now: datetime) -> None:
    """Give the reward of a completion that is held back no more, and take its step. Behind the enrolment's lock.

    It is given at once, whatever the claim mode: the member has waited, and the time to claim it may be over. Raises
    OutOfGifts; then nothing is given.
    """
    enrolment = completion.enrolment
    found, task = _task_of(completion)
    play = _play(completion, found, now)
    turn = replace(moving_tasks.turn_of(play, task), period=completion.period)
    done = Progress.objects.filter(enrolment=enrolment, task_key=task.key, period=completion.period)
    reward = rewarding.earned(task, done.values_list("data", flat=True).get())
    completing.give_reward(play, turn, reward, completion.pk)
    touches.touch(TOUCHED, [enrolment.member_id])
    chain = found.chain_of(task.key)
    if chain is not None and _due(play, chain) == task.key:
        completing.take_step(play, chain, task.key)
        # What was unlocked may be done already, such as by an order.
        following.look_again([enrolment.member_id], found.slug, now=now)


def _task_of(completion: Completion) -> tuple[Campaign, Task]:
    """The task as it is published now, or as it was when a revision last had it."""
    campaign = completion.enrolment.campaign
    current = published.definition_of(campaign.slug)
    if current is not None and completion.task_key in current.by_key:
        return current, current.by_key[completion.task_key]
    for text in Revision.objects.filter(campaign=campaign).order_by("-number").values_list("definition", flat=True):
        earlier = definition.parse(text)
        if completion.task_key in earlier.by_key:
            return earlier, earlier.by_key[completion.task_key]
    raise LookupError(f"no revision of {campaign.slug} has a task {completion.task_key}")


def _play(completion: Completion, found: Campaign, now: datetime) -> Play:
    """The member's turn as if the campaign were open: a reward that was earned in time is given, whenever."""
    member = completion.enrolment.member
    subject = replace(load_subject(member, found, now=now), paused=False, ended=False)
    open_still = min(now, found.closes_at - _MOMENT)
    decision = decide(replace(found, paused=False, ended=False), replace(subject, now=open_still))
    return Play(member, found, completion.enrolment, subject, decision, now, entered=False)


def _due(play: Play, chain: Chain) -> str | None:
    """The task of the step that is next in the chain, whether its time is over or not."""
    decision = next(each for each in play.decision.chains if each.chain.key == chain.key)
    steps = (step.task.key for step in decision.steps[decision.done :] if step.state is not TaskState.SKIPPED)
    return next(steps, None)
