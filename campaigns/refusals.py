"""Why a member may not do something: one code each. Pure; the words are in `campaigns.wordings`."""

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
    SCORE = "score"
    STEP_LOCKED = "step_locked"
    DONE = "done"
    NO_POOL = "no_pool"
    NO_CHANCE = "no_chance"
