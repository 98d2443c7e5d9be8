"""What every feature of a campaign looks like to the rest of the house."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.functional import Promise

from campaigns.definition import Audience, Campaign, Chain, Reward, Task
from campaigns.kinds.face import ConfigFault
from campaigns.kinds.forms import ConfigForm

if TYPE_CHECKING:
    from campaigns.entering import Play
    from campaigns.models import Enrolment


class Feature:
    """A module `campaigns/features/NAME.py` ends with `FEATURE = …()`, an instance of a subclass."""

    LABEL: ClassVar[Promise]
    # One line for operators who do not know it yet.
    TELLS: ClassVar[str | Promise] = ""
    # What operators fill in.
    Form: ClassVar[type[ConfigForm]]
    # Whether what it does at the moments below may lock the member (`campaigns.taking_part`).
    LOCKS_MEMBER: ClassVar[bool] = False

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        """Everything that is wrong with the configuration; empty when a campaign with it can be published."""
        raise NotImplementedError

    def audiences(self, config: Mapping[str, Any]) -> Iterator[Audience]:
        """Every audience in the configuration: their segments are loaded with a member's facts, their names in use."""
        yield from ()

    def rewards(self, config: Mapping[str, Any]) -> Iterator[Reward]:
        """Every reward in the configuration: its gifts, tags and pools are in use."""
        yield from ()

    def lives_by(self, config: Mapping[str, Any]) -> Collection[str] | None:
        """The keys of the tasks without which nobody has anything of it; None: it does not hang on certain tasks."""
        return None

    def entered(
        self, config: Mapping[str, Any], definition: Campaign, enrolment: "Enrolment", *, now: datetime
    ) -> None:
        """A member has just come in."""

    def scored(  # noqa: PLR0913 who scored what, where and when
        self,
        config: Mapping[str, Any],
        definition: Campaign,
        enrolment: "Enrolment",
        *,
        before: int,
        after: int,
        now: datetime,
    ) -> None:
        """A member's score has risen."""

    def completed(self, config: Mapping[str, Any], play: "Play", task: Task, *, period: str) -> None:
        """A member has done a task, and nothing speaks against it."""

    def finished(self, config: Mapping[str, Any], play: "Play", chain: Chain) -> None:
        """A member has done the last step of a chain."""
