"""How many days a campaign is open, how often its tasks can be done in them, and how many days they take. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from campaigns.definition import Campaign, Task

WEEK, MONTH = 7, 31


def days_of(opens_at: datetime, closes_at: datetime, zone: tzinfo) -> int:
    """On how many days of the zone's calendar it is open; 0 where it closes before it opens."""
    if closes_at <= opens_at:
        return 0
    last = (closes_at - timedelta(microseconds=1)).astimezone(zone).date()
    return (last - opens_at.astimezone(zone).date()).days + 1


def times_of(task: Task, days: int) -> int:
    """How often one member can do the task in so many days."""
    if task.period == "times":
        return max(task.times, 1)
    each = {"daily": 1, "weekly": WEEK, "monthly": MONTH}.get(task.period)
    return max(-(-days // each), 1) if each else 1


def days_needed(task: Task) -> int:
    """The fewest days on which a member comes to do the task once."""
    config: Mapping[str, Any] = task.config
    return task.target if task.kind == "event" and config.get("distinct") == "days" else 1


def days_given(task: Task, days: int) -> int:
    """On how many days one time of the task can be done: its period may end sooner than the campaign."""
    return min(days, {"daily": 1, "weekly": WEEK, "monthly": MONTH}.get(task.period, days))


def longest_streak(task: Task) -> int:
    """The most days in a row for which a check-in promises a bonus; 0 where there is none."""
    streaks = task.config.get("streaks", ()) if task.kind == "checkin" else ()
    return max((each["days"] for each in streaks), default=0)


def most_score(definition: Campaign, days: int, rewards: Mapping[str, int]) -> int:
    """The most campaign score that a member can have in so many days.

    `rewards` is task → the most that its kind gives beside its reward, each time.
    """
    return sum((task.reward.score + rewards.get(task.key, 0)) * times_of(task, days) for task in definition.tasks)
