"""What the calls are for by which a task moves."""

from django.utils.translation import gettext_lazy as _

from campaigns.api_codes import ENTRY, MOVE, NO_TASK, ORIGIN, because
from campaigns.api_move_codes import SUBMIT as SUBMIT_CODES
from campaigns.api_words import FARM, HERE
from campaigns.games import rounds
from campaigns.quizzes import refusals as quizzes
from campaigns.suspicion import TOO_FAST
from operations.described import Example, Tag, described

ENTER = described(
    Tag.PLAY,
    _("Enter a campaign by way of a task"),
    description=_("The member takes part from now on; the answer says how the task stands for them."),
    codes=(*ENTRY, NO_TASK, *ORIGIN, *because(TOO_FAST)),
    example=Example(path=HERE | {"key": "daily"}, body={}),
    operation_id="task_enter",
)
ACCEPT = described(
    Tag.PLAY,
    _("Accept a task"),
    description=_("Begins a task that is accepted first, a quiz that is timed or a round of a game."),
    codes=(*MOVE, *because(quizzes.NO_ATTEMPTS, rounds.NO_ROUNDS)),
    example=Example(path=FARM | {"key": "catch"}, body={}),
    operation_id="task_accept",
)
SUBMIT = described(
    Tag.PLAY,
    _("Submit what a task asks for"),
    description=_(
        "A check-in and a task whose progress is known take `{}`; a quiz takes"
        ' `{"answers": [number of the chosen answer, …]}`, counted from 0; others say in `fields` what they miss.'
    ),
    codes=SUBMIT_CODES,
    example=Example(path=HERE | {"key": "scratch"}, body={}),
    operation_id="task_submit",
)
CLAIM = described(
    Tag.PLAY,
    _("Claim the reward of a task that is done"),
    description=_("Of tasks whose rewards are claimed by hand; those of others are there already."),
    codes=MOVE,
    example=Example(path=FARM | {"key": "welcome"}, body={}),
    operation_id="task_claim",
)
