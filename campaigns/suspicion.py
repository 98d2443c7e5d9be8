"""What speaks against a move: too many of them, or too many accounts behind one device."""

from campaigns.definition import Task
from campaigns.entering import Play


def refuse(play: Play, task: Task) -> None:
    """Raise Refused for a move that comes too fast. Asked before the task moves."""


def signs(play: Play, task: Task) -> list[str]:
    """The signs for which the reward of a task that was just done is held back; none: it is given."""
    return []
