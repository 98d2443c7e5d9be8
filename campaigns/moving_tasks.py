"""A task moves: its kind works out the new standing, which is written, and the task may be done by it."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from django.utils import timezone

from campaigns import completing, kinds
from campaigns.completing import TaskMoved
from campaigns.definition import Task
from campaigns.eligibility import NO_FACTS, TaskState
from campaigns.entering import Play
from campaigns.kinds.face import Moved, Standing, Window
from campaigns.models import Progress
from campaigns.periods import ONCE, period_key, window


def zone() -> tzinfo:
    """Periods are those of the site's time zone, whatever a visitor's is."""
    return timezone.get_default_timezone()


def period_of(task: Task, now: datetime) -> str:
    return period_key(task.period, now, zone())


def begin(play: Play, task: Task) -> TaskMoved:
    """Note that the member has begun the task, without moving it; a task that the house observes is looked at."""
    if kinds.find(task.kind).FOLLOWS:
        return observe(play, task)
    facts = (play.subject.tasks or {}).get(task.key, NO_FACTS)
    if facts is NO_FACTS:
        _save(play, task, period_of(task, play.now), Moved(count=0, data={}))
    return TaskMoved(task, TaskState.OPEN, facts.count, task.target)


def move(play: Play, task: Task, payload: Mapping[str, Any]) -> TaskMoved:
    """Move an open task. Raises BadSubmission when the payload does not fit."""
    period = period_of(task, play.now)
    moved = kinds.find(task.kind).move(task.config, _standing(play, task, period), payload, play.now)
    _save(play, task, period, moved)
    if moved.count < task.target:
        return TaskMoved(task, TaskState.OPEN, moved.count, task.target, moved.result)
    done = completing.complete(play, task, period=period, count=moved.count, result=moved.result)
    if done.unlocked:
        _observe_unlocked(play.again(), done.unlocked)
    return done


def observe(play: Play, task: Task) -> TaskMoved:
    """Move an open task by what the house itself knows, such as the orders in its window."""
    since, until = play.definition.opens_at, play.definition.closes_at
    if borders := window(task.period, play.now, zone()):
        since, until = max(since, borders[0]), min(until, borders[1])
    payload = kinds.find(task.kind).observe(task.config, play.member.pk, Window(since, until, play.enrolment.joined_at))
    return move(play, task, payload)


def observe_open(play: Play) -> None:
    """Move every open task of the member that the house observes."""
    steps = (step for chain in play.decision.chains for step in chain.steps)
    for decision in (*play.decision.tasks, *steps):
        if decision.state is TaskState.OPEN and kinds.find(decision.task.kind).FOLLOWS:
            observe(play, decision.task)


def _observe_unlocked(play: Play, key: str) -> None:
    decision = play.decision.task(key)
    if decision and decision.state is TaskState.OPEN and kinds.find(decision.task.kind).FOLLOWS:
        observe(play, decision.task)


def _standing(play: Play, task: Task, period: str) -> Standing:
    facts = (play.subject.tasks or {}).get(task.key, NO_FACTS)
    standing = Standing(period=period, count=facts.count, data=facts.data or {})
    if period == ONCE:
        return standing
    earlier = (
        Progress.objects.filter(enrolment=play.enrolment, task_key=task.key, period__lt=period, count__gt=0)
        .order_by("-period")
        .first()
    )
    if earlier is None:
        return standing
    return Standing(period, standing.count, standing.data, earlier.period, earlier.data)


def _save(play: Play, task: Task, period: str, moved: Moved) -> None:
    row = Progress(
        enrolment=play.enrolment,
        task_key=task.key,
        period=period,
        count=moved.count,
        data=dict(moved.data),
        updated_at=play.now,
    )
    Progress.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["enrolment", "task_key", "period"],
        update_fields=["count", "data", "updated_at"],
    )
