"""The error codes of this app's API: refusals, with the words that members read and the status they come with.

Those that only kinds of tasks know are in `campaigns.api_move_codes`.
"""

from typing import cast

from django.utils.translation import gettext_lazy as _

from campaigns import suspicion
from campaigns.refusals import Because, Refusal
from campaigns.wordings import WORDINGS
from operations.error_codes import INVALID, UNKNOWN_MEMBER, Code, Remedy, Words, coded


def refused(*refusals: Refusal) -> tuple[Code, ...]:
    """Return the codes of refusals that are answered with 409."""
    return coded(409, {refusal: WORDINGS[refusal] for refusal in refusals})


def because(*reasons: Because, remedy: Words = Remedy.SHOW) -> tuple[Code, ...]:
    """Return the codes of reasons that one kind of task or one feature has for itself."""
    return tuple(Code(each.value, each.status, cast(Words, each.words), remedy) for each in reasons)


NOT_PUBLISHED = Code("not_published", 404, WORDINGS[Refusal.NOT_PUBLISHED], Remedy.NAME)
NO_TASK = Code("no_task", 404, WORDINGS[Refusal.NO_TASK], Remedy.NAME)
CAMPAIGN = refused(Refusal.NOT_OPEN, Refusal.CLOSED, Refusal.PAUSED)
AUDIENCE = refused(
    Refusal.LEVEL,
    Refusal.TAG_GROUP,
    Refusal.TAGS_ANY,
    Refusal.TAGS_ALL,
    Refusal.TAGS_NONE,
    Refusal.SEGMENT_IN,
    Refusal.SEGMENT_NOT_IN,
    Refusal.PROFILING_REFUSED,
    Refusal.SCORE,
)
ENTRY = (INVALID, UNKNOWN_MEMBER, NOT_PUBLISHED, *CAMPAIGN, *AUDIENCE)
TASK = (
    NO_TASK,
    *refused(
        Refusal.SLOT_TAKEN,
        Refusal.QUOTA,
        Refusal.NOT_ACCEPTED,
        Refusal.TOO_LATE,
        Refusal.CLAIM_EXPIRED,
        Refusal.HELD,
        Refusal.NOT_GRANTED,
        Refusal.STEP_SKIPPED,
        Refusal.CHAIN_OVER,
        Refusal.STEP_LOCKED,
        Refusal.NOT_DONE,
        Refusal.DONE,
        Refusal.OUT_OF_GIFTS,
    ),
)
ORIGIN = (Code("origin_invalid", 400, _("The headers name a device that is too long, or no IP address.")),)
MOVE = (*ENTRY, *TASK, *ORIGIN, *because(suspicion.TOO_FAST))
BAD_SUBMISSION = Code("bad_submission", 400, _("What was submitted does not fit the task; `fields` says why."))
DRAW = (
    *ENTRY,
    *refused(
        Refusal.NO_POOL,
        Refusal.SCORE_GATE,
        Refusal.NO_CHANCE,
        Refusal.DRAWS_PER_DAY,
        Refusal.BOUGHT_PER_DAY,
        Refusal.NOT_FOR_POINTS,
        Refusal.POINTS_SHORT,
        Refusal.OUT_OF_GIFTS,
    ),
)
