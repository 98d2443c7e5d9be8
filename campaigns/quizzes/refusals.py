"""Why a quiz is not begun or not taken: its own reasons, and their words."""

from django.utils.translation import gettext_lazy as _

from campaigns.refusals import Because

NOT_BEGUN = Because("quiz_not_begun", _("Begin the quiz first."))
OTHER_SHEET = Because("quiz_other_sheet", _("These answers belong to another quiz. Here is the one that you began."))
CHANGED = Because("quiz_changed", _("The questions have changed meanwhile. Please begin again: this did not count."))
TIME_OVER = Because("quiz_time_over", _("The time is over. These answers came too late and do not count."))
TOO_QUICK = Because("quiz_too_quick", _("That was too quick to have read the questions. Please have another look."))
NO_ATTEMPTS = Because("quiz_no_attempts", _("You have used all attempts."))

# What is wrong with an answer.
NOT_REACHED = _("The video has not reached this question yet.")
ANSWERED = _("You have answered this question already.")
