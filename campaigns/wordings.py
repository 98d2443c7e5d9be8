"""The one wording of each refusal: for API and admin in full, for members without what the shop thinks of them."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.refusals import Because, Refusal

WORDINGS: dict[Refusal, Promise] = {
    Refusal.NOT_PUBLISHED: _("This campaign is not published."),
    Refusal.NOT_OPEN: _("This campaign has not begun yet."),
    Refusal.CLOSED: _("This campaign is over."),
    Refusal.PAUSED: _("This campaign is paused. Please come back later."),
    Refusal.LEVEL: _("This is for members of another level."),
    Refusal.TAG_GROUP: _("This is for another group of members."),
    Refusal.TAGS_ANY: _("This is for members with another tag."),
    Refusal.TAGS_ALL: _("This is for members with further tags."),
    Refusal.TAGS_NONE: _("This is not for members with one of your tags."),
    Refusal.SEGMENT_IN: _("This is for another segment of members."),
    Refusal.SEGMENT_NOT_IN: _("This is not for your segment of members."),
    Refusal.PROFILING_REFUSED: _("This is for a chosen group, and you have asked not to be put into groups."),
    Refusal.SCORE: _("Your campaign score is outside the range."),
    Refusal.NO_TASK: _("There is no such task in this campaign."),
    Refusal.SLOT_TAKEN: _("Another task is there for you instead."),
    Refusal.QUOTA: _("All places of this task are taken."),
    Refusal.NOT_ACCEPTED: _("Accept this task first."),
    Refusal.TOO_LATE: _("The time to finish this task is over."),
    Refusal.CLAIM_EXPIRED: _("The time to claim this reward is over."),
    Refusal.HELD: _("We are checking this. Your reward follows if all is in order."),
    Refusal.NOT_GRANTED: _("This was checked, and its reward is not given."),
    Refusal.STEP_SKIPPED: _("This step falls away for you."),
    Refusal.CHAIN_OVER: _("The time for this row of tasks is over."),
    Refusal.STEP_LOCKED: _("Finish the step before this one first."),
    Refusal.NOT_DONE: _("Finish this task first, then claim its reward."),
    Refusal.DONE: _("You have already done this."),
    Refusal.NO_POOL: _("There is no prize pool for you in this campaign."),
    Refusal.SCORE_GATE: _("Your campaign score is outside the ranges that may draw."),
    Refusal.NO_CHANCE: _("You have no draw chance left. Finish a task to earn one."),
    Refusal.DRAWS_PER_DAY: _("You have drawn as often as is allowed today. Come back tomorrow."),
    Refusal.BOUGHT_PER_DAY: _("You have bought as many draws as is allowed today."),
    Refusal.NOT_FOR_POINTS: _("Draws of this prize pool cannot be bought with points."),
    Refusal.POINTS_SHORT: _("You do not have enough points for a draw."),
    Refusal.OUT_OF_GIFTS: _("The gift has run out just now. Your claim is kept: please try again later."),
}

# What is wrong with a field of a submission.
SUBMISSION_WORDINGS: dict[str, Promise] = {
    "missing": _("Please answer every question."),
    "unknown": _("This task does not take this."),
    "not_a_choice": _("Please choose one of the answers."),
}


def wording(refusal: Refusal | Because) -> str:
    """The refusal in the words of the language that is active."""
    return str(refusal.words if isinstance(refusal, Because) else WORDINGS[refusal])


# To say that there is a tag or a segment would tell a member what the shop thinks of them.
_UNTOLD = frozenset(
    {
        Refusal.TAG_GROUP,
        Refusal.TAGS_ANY,
        Refusal.TAGS_ALL,
        Refusal.TAGS_NONE,
        Refusal.SEGMENT_IN,
        Refusal.SEGMENT_NOT_IN,
    }
)


def told_to_members(refusal: Refusal | Because) -> str:
    """The refusal as the participants' pages say it: never by which tag or segment."""
    return gettext("This is for other members.") if refusal in _UNTOLD else wording(refusal)


def submission_wording(fault: object) -> str:
    """What is wrong with a field of a submission, in the words of the language that is active."""
    return str(SUBMISSION_WORDINGS.get(fault, fault) if isinstance(fault, str) else fault)
