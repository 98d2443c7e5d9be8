"""How far a draft is, step by step. Pure: decided from what was read of the draft, and its faults."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    UNTOUCHED = "untouched"
    FAULTS = "faults"
    COMPLETE = "complete"
    NOT_NEEDED = "not-needed"


# The step asks for nothing more.
CLOSED = frozenset({Standing.COMPLETE, Standing.NOT_NEEDED})


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a draft the bar needs. `published`: members meet the campaign; `submitted`: a reviewer looks at it."""

    tasks: int
    chains: int
    pools: int
    has_look: bool
    published: bool
    submitted: bool
    gives_chances: bool


def standings(facts: Facts, faults_of: Mapping[str, Collection[object]]) -> dict[str, Standing]:
    """Step → its standing. `faults_of`: step → its faults; faults nobody can place belong to the check."""
    filled = {
        "audience": True,
        "tasks": bool(facts.tasks or facts.chains),
        "pools": bool(facts.pools),
        "look": facts.has_look,
    }
    found = {step: _standing(is_filled, faults_of.get(step, ())) for step, is_filled in filled.items()}
    # Without draw chances there is nothing to draw from.
    if found["pools"] is Standing.UNTOUCHED and facts.tasks and not facts.gives_chances:
        found["pools"] = Standing.NOT_NEEDED
    any_fault = any(faults_of.values())
    begun = bool(facts.tasks or facts.chains or facts.pools)
    # A draft that has no fault has still to be looked at; who submits it has done so.
    looked_at = facts.published or facts.submitted
    found["check"] = _standing(begun and (any_fault or looked_at), [each for each in faults_of.values() if each])
    found["publish"] = Standing.COMPLETE if facts.published and not any_fault else Standing.UNTOUCHED
    return found


def _standing(filled: bool, faults: Collection[object]) -> Standing:
    # What was never looked at is not told off: "no tasks" is no news to who has not come to the tasks.
    if not filled:
        return Standing.UNTOUCHED
    return Standing.FAULTS if faults else Standing.COMPLETE


def first_open(standing_of: Mapping[str, Standing], order: Sequence[str]) -> str:
    """The step to go on with: the first that has a fault or was not touched."""
    return next((step for step in order if standing_of[step] not in CLOSED), order[-1])
