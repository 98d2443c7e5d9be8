"""What cannot be done in the time that there is: days of events, streaks, chains with a step that takes too long."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from campaigns.definition import Campaign, Task
from campaigns.rehearsal.days import days_given, days_needed, longest_streak
from campaigns.rehearsal.findings import Finding, Place, Severity


def of(definition: Campaign, *, days: int, left: int) -> Iterator[Finding]:
    """`days` are those of the whole campaign, `left` those that are still to come."""
    for task in definition.tasks:
        yield from _task(task, days, left)
    for chain in definition.chains:
        for number, key in enumerate(chain.steps, 1):
            task = definition.by_key[key]
            if days_needed(task) > days_given(task, days):
                words = {"chain": chain.title, "number": number, "task": task.title}
                message = _("Nobody can finish chain “%(chain)s”: there is no time for step %(number)d, “%(task)s”.")
                yield Finding(Severity.ERROR, f"chain_too_long:{chain.key}", message % words, Place("chain", chain.key))
                break


def _task(task: Task, days: int, left: int) -> Iterator[Finding]:
    place = Place("task", task.key)
    needed, given = days_needed(task), days_given(task, days)
    words = {"task": task.title, "needed": needed, "given": given, "left": left, "days": days}
    if needed > given:
        message = _("Task “%(task)s” takes %(needed)d days, and there are %(given)d to do it in.")
        yield Finding(Severity.ERROR, f"task_too_long:{task.key}", message % words, place)
    elif needed > left:
        message = _("Task “%(task)s” takes %(needed)d days, and the campaign ends in %(left)d.")
        yield Finding(Severity.WARNING, f"task_late:{task.key}", message % words, place)
    if (streak := longest_streak(task)) > days:
        message = _("Task “%(task)s”: nobody can have the bonus for %(needed)d days in a row in %(days)d days.")
        yield Finding(Severity.WARNING, f"streak_too_long:{task.key}", message % (words | {"needed": streak}), place)
