"""A task moves: its kind works out the new standing, which is written, and the task may be done by it."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from django.db import transaction

from campaigns import completing, kinds, quotas, suspicion
from campaigns.completing import TaskMoved
from campaigns.definition import Task
from campaigns.eligibility import TaskDecision, TaskState
from campaigns.entering import Play
from campaigns.progress import save
from campaigns.refusals import BadSubmission, Refusal, Refused
from campaigns.turns import facts_of, standing_of, turn_of


def begin(play: Play, decision: TaskDecision) -> TaskMoved:
    """Note that the member has begun the task, without moving it; a task that the house observes is looked at.

    A task that is accepted first takes its place in the quotas now, and has to be finished from now on in time.
    """
    task, facts = decision.task, facts_of(play.subject, decision.task)
    kind, turn = kinds.find(task.kind), turn_of(play, task)
    result: Mapping[str, Any] = {}
    if not facts.begun or kind.BEGINS_AGAIN or decision.state is TaskState.OFFERED:
        suspicion.refuse(play, task)
        finish_until, places = facts.finish_until, []
        if task.claim_mode == "accept_first" and finish_until is None:
            places = quotas.take(play, task)
            finish_until = play.now + timedelta(minutes=task.finish_within)
        begun = kind.begin(task.config, standing_of(turn, facts), turn)
        save(turn, begun, finish_until=finish_until, places=places)
        result = begun.result
        play = play.again()
        facts = facts_of(play.subject, task)
    if kind.OBSERVES:
        return observe(play, task)
    return TaskMoved(task, TaskState.OPEN, facts.count, task.target, result, until=facts.finish_until)


def submit(play: Play, task: Task, payload: Mapping[str, Any]) -> TaskMoved:
    """Move an open task by what the member sent. Raises BadSubmission or Refused."""
    kind = kinds.find(task.kind)
    if unknown := payload.keys() - set(kind.takes(task.config)):
        raise BadSubmission(dict.fromkeys(sorted(unknown), "unknown"))
    suspicion.refuse(play, task)
    if kind.OBSERVES:
        kind.write(task.config, payload, turn_of(play, task))
        return observe(play, task)
    return move(play, task, payload)


def move(play: Play, task: Task, payload: Mapping[str, Any]) -> TaskMoved:
    """Move an open task. Raises BadSubmission when the payload does not fit."""
    turn = turn_of(play, task)
    facts = facts_of(play.subject, task)
    moved = kinds.find(task.kind).move(task.config, standing_of(turn, facts), payload, turn)
    if moved.count < task.target:
        save(turn, moved, finish_until=facts.finish_until)
        return TaskMoved(task, TaskState.OPEN, moved.count, task.target, moved.result, until=facts.finish_until)
    done = completing.complete(play, turn, moved, accepted=facts.finish_until is not None)
    if done.unlocked:
        _observe_unlocked(play.again(), done.unlocked)
    return done


def observe(play: Play, task: Task) -> TaskMoved:
    """Move an open task by what the house itself knows, such as the orders in its window."""
    return move(play, task, kinds.find(task.kind).observe(task.config, turn_of(play, task)))


def observe_open(play: Play, of: Callable[[Task], bool] = lambda _task: True) -> None:
    """Move every open task of the member that the house observes, or of these those that `of` names."""
    steps = (step for chain in play.decision.chains for step in chain.steps)
    for decision in (*play.decision.tasks, *steps):
        if decision.state is TaskState.OPEN and kinds.find(decision.task.kind).OBSERVES and of(decision.task):
            _observe_if_place(play, decision.task)


def _observe_unlocked(play: Play, key: str) -> None:
    decision = play.decision.task(key)
    if decision and decision.state is TaskState.OPEN and kinds.find(decision.task.kind).OBSERVES:
        _observe_if_place(play, decision.task)


def _observe_if_place(play: Play, task: Task) -> None:
    """Where the last place was taken meanwhile the task stays as it is, with the places it took of other quotas given
    back; whatever else is moved goes on."""
    try:
        with transaction.atomic() if task.quotas else nullcontext():
            observe(play, task)
    except Refused as refused:
        if refused.refusal is not Refusal.QUOTA:
            raise
