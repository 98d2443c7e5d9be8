"""Action confirmed from outside: apply for a card (办卡), download an app, follow the official account (关注公众号),
add on WeCom (添加企微), or something else that the house does not see.

The configuration is {"action": "card"|"download"|"follow"|"wecom"|"other", "confirm": […]} with the options
{"link": where to go, "qr": what a QR code says, "code": "day"|"unique", "ask": what the member is asked to say}.
`confirm` lists the ways that count: "callback", a call that an outside system signs (`campaigns.callbacks`); "code",
one that the member types, the same for everybody on a day or used once each; "review", what the member says is looked
at. Any one is enough.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import callback_api, task_codes
from campaigns.code_words import LONGEST
from campaigns.confirming import LONGEST_TEXT, Confirmed, confirm, hand_in, text_of, unknown_settings
from campaigns.kinds.face import ConfigFault, Group, Standing, Turn
from campaigns.kinds.forms import ConfigForm
from campaigns.models import Submission
from campaigns.refusals import BadSubmission
from rewards.qr_codes import svg_of

ACTIONS = {
    "card": _("apply for a card"),
    "download": _("download an app"),
    "follow": _("follow the official account"),
    "wecom": _("add on WeCom"),
    "other": _("something else"),
}
GO = {
    "card": _("Apply for the card"),
    "download": _("Download the app"),
    "follow": _("Open the official account"),
    "wecom": _("Add us on WeCom"),
    "other": _("Go there"),
}
WAYS = {
    "callback": _("an outside system confirms it"),
    "code": _("the member types a code"),
    "review": _("the member says so and staff look at it"),
}
CODES = {"day": _("one for everybody, new every day"), "unique": _("used once each")}
# The addresses that a page may send somebody to. Anything else could run in the page.
LINK = re.compile(r"(https?|weixin|wxwork|alipays)://[^\s]{1,480}", re.ASCII)
LONGEST_QR = 500
LONGEST_ASK = 200


class CallbackForm(ConfigForm):
    action = forms.ChoiceField(label=_("action"), choices=list(ACTIONS.items()))
    link = forms.CharField(label=_("link to go to"), max_length=500, required=False)
    qr = forms.CharField(
        label=_("QR code"), max_length=LONGEST_QR, required=False, help_text=_("What it says, such as an address.")
    )
    confirm = forms.MultipleChoiceField(
        label=_("confirmed by"), choices=list(WAYS.items()), widget=forms.CheckboxSelectMultiple
    )
    code = forms.ChoiceField(label=_("codes"), choices=[("", "–"), *CODES.items()], required=False)
    ask = forms.CharField(
        label=_("what the member is asked to say"),
        max_length=LONGEST_ASK,
        required=False,
        help_text=_("For a review, such as: your name at WeCom."),
    )


class Callback(Confirmed):
    LABEL = _("action confirmed from outside")
    GROUP = Group.INCENTIVE
    Form = CallbackForm
    TAKES_CODES = True
    api_urls = callback_api.urlpatterns

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        known = {"action", "link", "qr", "confirm", "code", "ask"}
        found = unknown_settings(config, known, _("A confirmed action has no such setting."))
        if not _is_one_of(config.get("action"), ACTIONS):
            found.append(ConfigFault("action", _("This is one of: card, download, follow, wecom, other.")))
        if "link" in config and not (isinstance(config["link"], str) and LINK.fullmatch(config["link"])):
            found.append(ConfigFault("link", _("This must be an address that begins with https:// or weixin://.")))
        for name, most in (("qr", LONGEST_QR), ("ask", LONGEST_ASK)):
            if name in config and not (isinstance(config[name], str) and 0 < len(config[name]) <= most):
                found.append(ConfigFault(name, _("This must be a text, not too long and not an empty one.")))
        return found + _way_faults(config)

    def takes(self, config: Mapping[str, Any]) -> Collection[str]:
        fields = {"code": "code", "review": "text"}
        return {fields[way] for way in config["confirm"] if way in fields}

    def write(self, config: Mapping[str, Any], payload: Mapping[str, Any], turn: Turn) -> None:
        """The payload is {"code": …}, {"text": …}, or {} to look again whether a callback came."""
        if len(payload) > 1:
            raise BadSubmission({"code": _("Send either a code or a text.")})
        if "code" in payload:
            self._take_code(config, payload, turn)
        elif "text" in payload:
            hand_in(turn, text=text_of(payload, "text", most=LONGEST_TEXT, required=True))

    def _take_code(self, config: Mapping[str, Any], payload: Mapping[str, Any], turn: Turn) -> None:
        task_codes.refuse_guesses(turn)
        typed = text_of(payload, "code", most=LONGEST * 2, required=True)
        if config["code"] == "unique":
            fault = task_codes.use(turn, typed)
        else:
            fault = None if task_codes.is_of_day(turn, typed) else task_codes.Fault.UNKNOWN
        if fault:
            task_codes.note_wrong(turn, fault)
            return
        confirm(turn.enrolment_id, turn.task.key, turn.period, way=Submission.Way.CODE, now=turn.now)

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        shown = {
            "go": GO[config["action"]],
            "link": config.get("link"),
            "qr": svg_of(config["qr"]) if "qr" in config else None,
            "ways": config["confirm"],
            "ask": config.get("ask") or _("Tell us how we find it"),
        }
        return {**super().page(config, standing, turn), **shown}


def _way_faults(config: Mapping[str, Any]) -> list[ConfigFault]:
    ways = config.get("confirm")
    if not isinstance(ways, list) or not ways or not all(_is_one_of(way, WAYS) for way in ways):
        return [ConfigFault("confirm", _("This is a list of: callback, code, review."))]
    if ("code" in ways) != ("code" in config):
        return [ConfigFault("code", _("Say which codes, if a code confirms it: day or unique."))]
    if "code" in config and not _is_one_of(config["code"], CODES):
        return [ConfigFault("code", _("This is day or unique."))]
    return []


def _is_one_of(value: Any, known: Collection[str]) -> bool:
    return isinstance(value, str) and value in known


KIND = Callback()
