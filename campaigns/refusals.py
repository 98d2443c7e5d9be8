"""Why a member may not do something: one code each. Pure; the words are in `campaigns.wordings`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Refusal(StrEnum):
    NOT_PUBLISHED = "not_published"
    NOT_OPEN = "not_open"
    CLOSED = "closed"
    PAUSED = "paused"
    LEVEL = "level"
    TAG_GROUP = "tag_group"
    TAGS_ANY = "tags_any"
    TAGS_ALL = "tags_all"
    TAGS_NONE = "tags_none"
    SEGMENT_IN = "segment_in"
    SEGMENT_NOT_IN = "segment_not_in"
    PROFILING_REFUSED = "profiling_refused"
    SCORE = "score"
    NO_TASK = "no_task"
    SLOT_TAKEN = "slot_taken"
    QUOTA = "quota"
    NOT_ACCEPTED = "not_accepted"
    TOO_LATE = "too_late"
    CLAIM_EXPIRED = "claim_expired"
    HELD = "held"
    NOT_GRANTED = "not_granted"
    STEP_SKIPPED = "step_skipped"
    CHAIN_OVER = "chain_over"
    STEP_LOCKED = "step_locked"
    NOT_DONE = "not_done"
    DONE = "done"
    NO_POOL = "no_pool"
    SCORE_GATE = "score_gate"
    NO_CHANCE = "no_chance"
    DRAWS_PER_DAY = "draws_per_day"
    BOUGHT_PER_DAY = "bought_per_day"
    NOT_FOR_POINTS = "not_for_points"
    POINTS_SHORT = "points_short"
    OUT_OF_GIFTS = "out_of_gifts"


@dataclass(frozen=True, slots=True)
class Because:
    """A reason that one kind of task or one feature has for itself: its code for programs, and its words.

    `words` are text that is translated when it is read; `status` is the HTTP status of the answer, `wait`
    the seconds after which it may be asked again, 0 where time alone does not help.
    """

    value: str
    # Not what tells one reason from another: their hash would be that of the language that is active.
    words: object = field(compare=False)
    status: int = 409
    wait: int = 0


class Refused(Exception):
    """Something was asked for that this member may not have now."""

    def __init__(self, refusal: Refusal | Because) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class BadSubmission(ValueError):
    """What was submitted does not fit the task: field → what is wrong with it.

    In words of the kind's own, or as a code whose words are in `campaigns.wordings`.
    """

    def __init__(self, fields: Mapping[str, object]) -> None:
        super().__init__(str(dict(fields)))
        self.fields = fields
