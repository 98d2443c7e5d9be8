"""What every kind of task looks like to the rest of the house."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """What is wrong with a configuration, and where: `questions[1].answer`."""

    path: str
    message: str | Promise


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the member is in this period, and the latest period before it in which the task was moved."""

    period: str
    count: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    earlier_period: str | None = None
    earlier_data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """The new standing. The task is done when `count` reaches its target; `result` is what the member is told."""

    count: int
    data: Mapping[str, Any]
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Window:
    """From `since`, up to but not including `until`; `joined_at` is when the member entered the campaign."""

    since: datetime
    until: datetime
    joined_at: datetime


class Kind(Protocol):
    """A module with these names.

    `FOLLOWS` lists the kinds of activity that move the task by themselves. For such a kind `observe` loads from the
    house's own facts what `move` then gets as its payload; what a client submits is not looked at.
    """

    LABEL: Promise
    FOLLOWS: tuple[str, ...]

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        """Everything that is wrong with the configuration; empty when a task of it can be published."""

    def target(self, config: Mapping[str, Any]) -> int:
        """The count at which the task is done, of a configuration without faults."""

    def show(self, config: Mapping[str, Any], count: int) -> str:
        """The count as a member reads it: a number of times, or an amount of money."""

    def score(self, config: Mapping[str, Any], data: Mapping[str, Any]) -> int:
        """The result of what was done, 0 to 100. Only asked of kinds whose result names a pool (`result_pools`)."""

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], now: datetime) -> Moved:
        """Pure. Raises `campaigns.refusals.BadSubmission` when the payload does not fit."""

    def observe(self, config: Mapping[str, Any], member_id: int, window: Window) -> Mapping[str, Any]:
        """Load the facts that count. Only asked of kinds that follow something."""
