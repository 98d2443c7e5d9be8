"""What every kind of task looks like to the rest of the house."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from django.urls import URLPattern
from django.utils.functional import Promise

from campaigns.definition import PERIODS, Reward, Task
from campaigns.periods import ONCE

if TYPE_CHECKING:
    from campaigns.kinds.forms import ConfigForm


class Group(StrEnum):
    """The groups in which operators look for a kind."""

    TRAFFIC = "traffic"
    INCENTIVE = "incentive"
    SHARE = "share"
    PURCHASE = "purchase"
    PLAY = "play"
    CUSTOM = "custom"


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


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose move it is, in which task and period, when, and by what chance.

    `zone` is the campaign's. `chance(n)` gives a number from 0 to n - 1. `enrolment_id` is 0 for who has not entered.
    `window` is the part of the campaign that the period covers.
    """

    member_id: int
    enrolment_id: int
    campaign: str
    task: Task
    period: str
    window: Window
    now: datetime
    zone: tzinfo
    chance: Callable[[int], int]

    @property
    def config(self) -> Mapping[str, Any]:
        return self.task.config

    @property
    def today(self) -> date:
        """The day in the campaign's time zone."""
        return self.now.astimezone(self.zone).date()


class Kind:
    """A module `campaigns/kinds/NAME.py` ends with `KIND = …()`, an instance of a subclass.

    Its page is `templates/h5/kinds/NAME.html`, its icon `templates/h5/icons/NAME.svg`. A configuration that is handed
    to a method other than `faults` has no faults.

    A kind moves in one of two ways. By what a member sends: `move` works out the new standing from the payload, purely.
    Or by what the house knows (`OBSERVES`): orders, or rows of the kind's own, such as who helped. Then a submission
    first `write`s a row of its own, if it brings one, and `observe` loads the facts that `move` gets as its payload.
    Whatever happens later to those facts (an order comes in, a reviewer approves), the task is looked at again by
    `campaigns.following.look_again`.
    """

    LABEL: ClassVar[Promise]
    GROUP: ClassVar[Group]
    # What operators fill in.
    Form: ClassVar["type[ConfigForm]"]
    # The kinds of activity (`members.activity`) after which the house looks again.
    FOLLOWS: ClassVar[tuple[str, ...]] = ()
    OBSERVES: ClassVar[bool] = False
    # Whether `move` is told of the latest period before this one (`Standing.earlier_period`).
    LOOKS_BACK: ClassVar[bool] = False
    # The families of facts (`members.touches`) after which the house looks again, within a minute.
    TOUCHED_BY: ClassVar[tuple[str, ...]] = ()
    # The kinds of activity after which what was done is taken back, if it no longer would be (`campaigns.taking_back`).
    TAKES_BACK: ClassVar[tuple[str, ...]] = ()
    # Whether the admin offers pools by the score of the result (`campaigns.result_pools`) for it.
    RESULT_POOLS: ClassVar[bool] = False
    # How often it can be done: what stays true for good would be done again and again without anybody doing anything.
    PERIODS: ClassVar[Collection[str]] = PERIODS
    # How often it is done as a rule: a new task begins with it.
    USUAL_PERIOD: ClassVar[str] = ONCE
    # Whether accepting an open task begins it anew each time: another round of a game, another attempt at a quiz.
    BEGINS_AGAIN: ClassVar[bool] = False
    # Pages of the kind beside the task's own, below /h5/, and calls below /api/v1/.
    urls: ClassVar[Sequence[URLPattern]] = ()
    api_urls: ClassVar[Sequence[URLPattern]] = ()

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        """Everything that is wrong with the configuration; empty when a task of it can be published."""
        raise NotImplementedError

    def target(self, config: Mapping[str, Any]) -> int:
        """The count at which the task is done."""
        return 1

    def counts_less(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Whether less of what members do counts by the configuration after than by that before; both have no fault."""
        return False

    def show(self, config: Mapping[str, Any], count: int) -> str:
        """The count as a member reads it: a number of times, or an amount of money."""
        return str(count)

    def tap(self, config: Mapping[str, Any]) -> str | Promise | None:
        """The words of the button where one tap without any field moves the task; None where it has a page to go to."""
        return None

    def on_visit(self, config: Mapping[str, Any]) -> bool:
        """Whether an open task moves, as by an empty submission, when the member opens a page of the campaign."""
        return False

    def takes(self, config: Mapping[str, Any]) -> Collection[str]:
        """The fields that a member may send. Any other is refused by name."""
        return ()

    def events(self, config: Mapping[str, Any]) -> Collection[str]:
        """The types of behaviour events after which the house looks again."""
        return ()

    def begin(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Moved:
        """Pure. What is noted when the member accepts the task: since when, or which questions were drawn.

        `result` is what the member is told of it. Raises Refused when there is nothing more to begin.
        """
        return Moved(standing.count, standing.data)

    def write(self, config: Mapping[str, Any], payload: Mapping[str, Any], turn: Turn) -> None:
        """Write the fact that a member's submission is. Raises BadSubmission or Refused; the enrolment is locked."""

    def observe(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        """Load the facts that count. Asked of kinds that observe."""
        raise NotImplementedError

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        """Pure. Raises BadSubmission when the payload does not fit, Refused when it comes at the wrong time."""
        raise NotImplementedError

    def score(self, config: Mapping[str, Any], data: Mapping[str, Any]) -> int | None:
        """The result of what was done, 0 to 100, if it may name a pool (`campaigns.result_pools`)."""
        return None

    def stage(self, config: Mapping[str, Any], data: Mapping[str, Any]) -> int | None:
        """The level of the game that was reached, if it may name a pool."""
        return None

    def bonus(self, config: Mapping[str, Any], data: Mapping[str, Any]) -> Reward | None:
        """What was done gives beside the task's reward, by the data that `move` left: given once, with the reward."""
        return None

    def rewards(self, config: Mapping[str, Any]) -> Iterator[Reward]:
        """Every reward that the configuration names: its gifts, tags and pools must exist and are in use."""
        yield from ()

    def company(self, config: Mapping[str, Any], turn: Turn) -> Collection[int]:
        """The ids of the members whose deeds count for this turn: whether all of them are one person is asked."""
        return ()

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        """What the kind's page shows beside the task: may query, changes nothing."""
        return {}

    def told(self, config: Mapping[str, Any], result: Mapping[str, Any]) -> str | Promise | None:
        """What a member reads of a move that did not finish the task, or None."""
        return None
