"""Rows folded one after the other over what is known, so that each counts exactly as if it had come alone. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from members.faults import RowError

Key = TypeVar("Key")
State = TypeVar("State")
Outcome = Literal["created", "updated", "unchanged"]
Rejections = list[tuple[int, RowError]]


@dataclass(frozen=True, slots=True)
class IngestResult:
    """How many rows did what. `rejected` lists (index among the rows given, reason).

    `waiting`, of refunds only, is how many of the rows taken are for an order or a line that is not known yet.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: Rejections = field(default_factory=list)
    waiting: int | None = None


@dataclass
class Folded(Generic[Key, State]):
    """What was known, what it becomes, and what each row did to it: (index, key, outcome)."""

    known: dict[Key, State]
    final: dict[Key, State]
    outcomes: list[tuple[int, Key, Outcome]]
    rejected: Rejections

    def new(self) -> dict[Key, State]:
        return {key: state for key, state in self.final.items() if key not in self.known}

    def changed(self) -> dict[Key, State]:
        return {key: state for key, state in self.final.items() if key in self.known and state != self.known[key]}

    def written(self) -> dict[Key, State]:
        return self.new() | self.changed()

    def result(self, rejected: Rejections, *, waiting: int | None = None) -> IngestResult:
        """Count the outcomes, without those of the rows that are `rejected` for what the folding did not know."""
        refused = {index for index, _ in rejected}
        counts = Counter(outcome for index, _, outcome in self.outcomes if index not in refused)
        reasons = sorted([*rejected, *self.rejected], key=lambda each: each[0])
        return IngestResult(counts["created"], counts["updated"], counts["unchanged"], reasons, waiting)


def outcome_of(before: object, after: object, _row: object) -> Outcome:
    if before is None:
        return "created"
    return "unchanged" if after == before else "updated"


def fold(
    known: dict[Key, State],
    rows: Iterable[tuple[int, Key, Any]],
    merge: Callable[[State | None, Any], State],
    outcome: Callable[[State | None, State, Any], Outcome] = outcome_of,
) -> Folded[Key, State]:
    """Let each row (index, key, row) change the state of its key, in their order. A RowError of `merge` rejects it."""
    final = dict(known)
    outcomes: list[tuple[int, Key, Outcome]] = []
    rejected: Rejections = []
    for index, key, row in rows:
        before = final.get(key)
        try:
            after = merge(before, row)
        except RowError as error:
            rejected.append((index, error))
            continue
        outcomes.append((index, key, outcome(before, after, row)))
        final[key] = after
    return Folded(known, final, outcomes, rejected)
