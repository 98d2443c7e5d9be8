"""Code (口令, 兑换码): the member types a secret word, or a code of their own that is used once.

The configuration is {"words": ["…"]}, any of which everyone may type, or {"unique": true}, for codes that operators
bring in or generate (`campaigns.task_codes`); with the option {"hint": "…"}, where codes are found. Small and large
letters, full-width characters, spaces and hyphens make no difference. After five wrong codes a member waits.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import task_codes
from campaigns.code_words import LONGEST, folded
from campaigns.confirming import Confirmed, confirm, text_of, unknown_settings
from campaigns.kinds.face import ConfigFault, Group, Turn
from campaigns.kinds.forms import ConfigForm, TextsField
from campaigns.models import Submission

MOST_WORDS = 100
LONGEST_HINT = 200


class RedeemCodeForm(ConfigForm):
    words = TextsField(label=_("secret words"), help_text=_("One a line; everyone may use them."))
    unique = forms.BooleanField(
        label=_("codes that are used once each"),
        required=False,
        help_text=_("Bring them in under “Codes of tasks”, once the task is saved."),
    )
    hint = forms.CharField(label=_("where members find the code"), max_length=LONGEST_HINT, required=False)


class RedeemCode(Confirmed):
    LABEL = _("redeem a code")
    GROUP = Group.INCENTIVE
    Form = RedeemCodeForm
    TAKES_CODES = True

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        found = unknown_settings(config, {"words", "unique", "hint"}, _("A code has no such setting."))
        if ("words" in config) == ("unique" in config):
            found.append(ConfigFault("", _("A code is one of: words, unique.")))
        if "words" in config and not _are_words(config["words"]):
            found.append(ConfigFault("words", _("This must be a list of 1 to 100 words of at most 50 characters.")))
        if config.get("unique", True) is not True:
            found.append(ConfigFault("unique", _("This is true, or left out.")))
        hint = config.get("hint", "")
        if not isinstance(hint, str) or len(hint) > LONGEST_HINT:
            found.append(ConfigFault("hint", _("This must be a text of at most 200 characters.")))
        return found

    def takes(self, config: Mapping[str, Any]) -> Collection[str]:
        return ("code",)

    def write(self, config: Mapping[str, Any], payload: Mapping[str, Any], turn: Turn) -> None:
        task_codes.refuse_guesses(turn)
        typed = text_of(payload, "code", most=LONGEST * 2, required=True)
        if fault := _fault(config, turn, typed):
            task_codes.note_wrong(turn, fault)
            return
        confirm(turn.enrolment_id, turn.task.key, turn.period, way=Submission.Way.CODE, now=turn.now)


def _fault(config: Mapping[str, Any], turn: Turn, typed: str) -> task_codes.Fault | None:
    if "words" in config:
        known = folded(typed) in {folded(word) for word in config["words"]}
        return None if known else task_codes.Fault.UNKNOWN
    return task_codes.use(turn, typed)


def _are_words(words: Any) -> bool:
    return (
        isinstance(words, list)
        and 0 < len(words) <= MOST_WORDS
        and all(isinstance(each, str) and len(each) <= LONGEST and folded(each) for each in words)
    )


KIND = RedeemCode()
