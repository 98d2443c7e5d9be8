"""Whose turn it is: what a kind of task is told beside its configuration."""

import secrets
from dataclasses import replace
from datetime import datetime, tzinfo

from campaigns import kinds
from campaigns.definition import Campaign, Task
from campaigns.eligibility import NO_FACTS, Subject, TaskFacts
from campaigns.entering import Chance, Play
from campaigns.kinds.face import Standing, Turn, Window
from campaigns.models import Enrolment, Progress
from campaigns.periods import ONCE, TIMES, period_key, times_key, window
from campaigns.zones import zone_of


def turn_of(play: Play, task: Task) -> Turn:
    """The member's turn with a task, in its present period."""
    enrolment, at = play.enrolment, play.at
    return turn_at(play.definition, task, play.subject, enrolment=enrolment, now=play.now, at=at, chance=play.chance)


def turn_at(  # noqa: PLR0913 a turn is whose, in what, when and by what chance
    definition: Campaign,
    task: Task,
    subject: Subject,
    *,
    enrolment: Enrolment | None,
    now: datetime,
    at: datetime | None = None,
    chance: Chance = secrets.randbelow,
) -> Turn:
    """`at` is the moment whose period it is, where that is not now."""
    at, zone = at or now, zone_of(definition)
    since, until = definition.opens_at, definition.closes_at
    if borders := window(task.period, at, zone):
        since, until = max(since, borders[0]), min(until, borders[1])
    return Turn(
        member_id=subject.member_id,
        enrolment_id=enrolment.pk if enrolment else 0,
        campaign=definition.slug,
        task=task,
        period=_period(task, subject, at, zone),
        window=Window(since, until, enrolment.joined_at if enrolment else now),
        now=now,
        zone=zone,
        chance=chance,
    )


def _period(task: Task, subject: Subject, now: datetime, zone: tzinfo) -> str:
    """The key of the task's present period, or of the time that the member is at."""
    if task.period == TIMES:
        return facts_of(subject, task).period or times_key(1)
    return period_key(task.period, now, zone)


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


def facts_of(subject: Subject, task: Task) -> TaskFacts:
    return (subject.tasks or {}).get(task.key, NO_FACTS)
