"""Who may do what, decided from facts loaded beforehand. Pure: it never queries.

The H5 pages, the API, the admin and the draw all call `decide`; nothing else interprets an audience.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from campaigns.definition import Chain, Pool, Task
from campaigns.refusals import Refusal


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A member's standing with one task, in the period that `Subject.now` falls in."""

    count: int = 0
    data: Mapping[str, object] | None = None
    completed: bool = False
    rewarded: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """One member's facts for one campaign, loaded once for a decision."""

    member_id: int
    uid: str
    now: datetime
    level: str | None
    tags: frozenset[str]
    segments: frozenset[str]
    score: int = 0
    chances: int = 0
    tasks: Mapping[str, TaskFacts] | None = None
    # chain key → number of steps done
    chains: Mapping[str, int] | None = None


class TaskState(StrEnum):
    OPEN = "open"
    CLAIMABLE = "claimable"
    DONE = "done"
    LOCKED = "locked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TaskDecision:
    task: Task
    state: TaskState
    refusal: Refusal | None
    count: int
    target: int


@dataclass(frozen=True, slots=True)
class ChainDecision:
    chain: Chain
    refusal: Refusal | None
    steps: tuple[TaskDecision, ...]
    done: int

    @property
    def finished(self) -> bool:
        return self.done == len(self.steps)


@dataclass(frozen=True, slots=True)
class CampaignDecision:
    """What one member gets in one campaign, and why not the rest. `refusal` refuses all of it."""

    refusal: Refusal | None
    tasks: tuple[TaskDecision, ...]
    chains: tuple[ChainDecision, ...]
    pool: Pool | None
    chances: int
    score: int
