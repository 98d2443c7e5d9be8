"""The error codes that kinds of tasks have for themselves when a task is entered, accepted, submitted or claimed."""

from django.utils.translation import gettext_lazy as _

from campaigns import answering, confirming, helping, inviting, share_links, task_codes, teaming
from campaigns.api_codes import BAD_SUBMISSION, MOVE, because
from campaigns.games import rounds, signing
from campaigns.kinds import browse, level_game, mini_game
from campaigns.quizzes import refusals as quizzes
from operations.error_codes import Code, Remedy

QUIZZES = because(
    quizzes.NOT_BEGUN,
    quizzes.OTHER_SHEET,
    quizzes.CHANGED,
    quizzes.TIME_OVER,
    quizzes.TOO_QUICK,
    quizzes.NO_ATTEMPTS,
)
GAMES = because(
    rounds.NOT_BEGUN,
    rounds.NOT_YOURS,
    rounds.USED,
    rounds.OVER,
    rounds.TOO_FAST,
    rounds.NO_ROUNDS,
    signing.FORGED,
    mini_game.ALTERED,
    mini_game.NOT_PLAYABLE,
    mini_game.BEYOND,
    level_game.NOT_SOLVED,
    level_game.LOCKED,
    level_game.TOO_EARLY,
)
SHARING = because(
    share_links.ALTERED,
    share_links.EXPIRED,
    share_links.UNKNOWN,
    answering.OWN_LINK,
    answering.SHARER_OUT,
    helping.HELPED_BEFORE,
    helping.HELPS_PER_DAY,
    helping.HELPS_IN_ALL,
    helping.ENOUGH,
    helping.NOT_BEGUN,
    helping.OVER,
    helping.NOT_FOR_HELPER,
    inviting.ENTERED_BEFORE,
    inviting.INVITED_BEFORE,
    inviting.NOT_NEW,
    teaming.NO_SEAT,
    teaming.LAPSED,
    teaming.NO_TEAM,
    teaming.IN_THIS_TEAM,
    teaming.IN_A_TEAM,
    teaming.NOT_FOR_YOU,
)
SUBMIT = (
    *MOVE,
    BAD_SUBMISSION,
    *QUIZZES,
    *GAMES,
    *SHARING,
    *because(task_codes.TOO_MANY, confirming.IN_REVIEW),
    Code(browse.TOO_EARLY, 409, _("The page was not looked at for long enough yet."), Remedy.SHOW),
)
