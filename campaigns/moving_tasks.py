"""A task moves: its kind works out the new standing, which is written, and the task may be done by it."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from campaigns import completing, kinds, quotas, suspicion
from campaigns.completing import TaskMoved
from campaigns.definition import Campaign, Task
from campaigns.eligibility import NO_FACTS, Subject, TaskDecision, TaskFacts, TaskState
from campaigns.entering import Chance, Play
from campaigns.kinds.face import Standing, Turn, Window
from campaigns.models import Enrolment, Progress
from campaigns.periods import ONCE, TIMES, period_key, times_key, window
from campaigns.progress import save
from campaigns.refusals import BadSubmission, Refusal, Refused
from campaigns.zones import zone_of


def turn_of(play: Play, task: Task) -> Turn:
    """The member's turn with a task, in its present period."""
    return turn_at(play.definition, task, play.subject, enrolment=play.enrolment, now=play.now, chance=play.chance)


def turn_at(  # noqa: PLR0913 a turn is whose, in what, when and by what chance
    definition: Campaign,
    task: Task,
    subject: Subject,
    *,
    enrolment: Enrolment | None,
    now: datetime,
    chance: Chance = secrets.randbelow,
) -> Turn:
    zone = zone_of(definition)
    since, until = definition.opens_at, definition.closes_at
    if borders := window(task.period, now, zone):
        since, until = max(since, borders[0]), min(until, borders[1])
    return Turn(
        member_id=subject.member_id,
        enrolment_id=enrolment.pk if enrolment else 0,
        campaign=definition.slug,
        task=task,
        period=_period(task, subject, now, zone),
        window=Window(since, until, enrolment.joined_at if enrolment else now),
        now=now,
        zone=zone,
        chance=chance,
    )


def _period(task: Task, subject: Subject, now: datetime, zone: tzinfo) -> str:
    """The key of the task's present period, or of the time that the member is at."""
    if task.period == TIMES:
        return _facts(subject, task).period or times_key(1)
    return period_key(task.period, now, zone)


def begin(play: Play, decision: TaskDecision) -> TaskMoved:
    """Note that the member has begun the task, without moving it; a task that the house observes is looked at.

    A task that is accepted first takes its place in the quotas now, and has to be finished from now on in time.
    """
    task, facts = decision.task, _facts(play.subject, decision.task)
    kind, turn = kinds.find(task.kind), turn_of(play, task)
    if not facts.begun:
        suspicion.refuse(play, task)
        finish_until, places = None, []
        if task.claim_mode == "accept_first":
            places = quotas.take(play, task)
            finish_until = play.now + timedelta(minutes=task.finish_within)
        begun = kind.begin(task.config, standing_of(turn, facts), turn)
        save(turn, begun, finish_until=finish_until, places=places)
        play = play.again()
        facts = _facts(play.subject, task)
    if kind.OBSERVES:
        return observe(play, task)
    return TaskMoved(task, TaskState.OPEN, facts.count, task.target, until=facts.finish_until)


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
    facts = _facts(play.subject, task)
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


def observe_open(play: Play) -> None:
    """Move every open task of the member that the house observes."""
    steps = (step for chain in play.decision.chains for step in chain.steps)
    for decision in (*play.decision.tasks, *steps):
        if decision.state is TaskState.OPEN and kinds.find(decision.task.kind).OBSERVES:
            try:
                observe(play, decision.task)
            except Refused as refused:
                # Its last place was taken meanwhile; the other tasks go on.
                if refused.refusal is not Refusal.QUOTA:
                    raise


def standing_of(turn: Turn, facts: TaskFacts) -> Standing:
    """The member's standing, for the kinds that look back with the latest period before this one."""
    standing = Standing(period=turn.period, count=facts.count, data=facts.data or {})
    if turn.period == ONCE or not kinds.find(turn.task.kind).LOOKS_BACK:
        return standing
    earlier = (
        Progress.objects.filter(
            enrolment=turn.enrolment_id, task_key=turn.task.key, period__lt=turn.period, count__gt=0
        )
        .order_by("-period")
        .first()
    )
    return replace(standing, earlier_period=earlier.period, earlier_data=earlier.data) if earlier else standing


def _observe_unlocked(play: Play, key: str) -> None:
    decision = play.decision.task(key)
    if decision and decision.state is TaskState.OPEN and kinds.find(decision.task.kind).OBSERVES:
        observe(play, decision.task)


def _facts(subject: Subject, task: Task) -> TaskFacts:
    return (subject.tasks or {}).get(task.key, NO_FACTS)
