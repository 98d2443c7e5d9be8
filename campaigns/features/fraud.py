"""Limits against cheats that one campaign sets for itself; what it leaves out is the installation's."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from campaigns.features.face import Feature
from campaigns.fraud_limits import NUMBERS
from campaigns.kinds.face import ConfigFault
from campaigns.kinds.forms import ConfigForm

LARGEST = 1_000_000
LABELS: dict[str, Any] = {
    "member_moves": _("moves of a member in a window"),
    "device_moves": _("moves on a device in a window"),
    "address_moves": _("moves from an address in a window"),
    "device_accounts": _("accounts on a device"),
    "device_days": _("days in which accounts on a device are counted"),
}


class Form(ConfigForm):
    KEPT = NUMBERS

    off = forms.BooleanField(label=_("no limits in this campaign"), required=False)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name in NUMBERS:
            usual = getattr(settings, f"FRAUD_{name.upper()}")
            self.fields[name] = forms.IntegerField(
                label=LABELS[name],
                required=False,
                min_value=0,
                max_value=LARGEST,
                help_text=format_lazy(_("0: no limit. Empty: {usual}, as everywhere."), usual=usual),
            )

    def config(self) -> dict[str, Any]:
        return {name: value for name, value in super().config().items() if value is not None}


class Fraud(Feature):
    LABEL = _("limits against cheats")
    TELLS = _("How many moves and accounts are too many; other than the house's own limits.")
    Form = Form

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        return list(_faults(config))


def _faults(config: Mapping[str, Any]) -> Iterator[ConfigFault]:
    for name, value in config.items():
        if name == "off":
            if not isinstance(value, bool):
                yield ConfigFault(name, _("Must be yes or no."))
        elif name not in NUMBERS:
            yield ConfigFault(str(name), _("The limits have no such setting."))
        elif not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
            yield ConfigFault(name, _("Must be a whole number from 0 to 1,000,000."))
    if config.get("device_accounts") and config.get("device_days") == 0:
        yield ConfigFault("device_days", _("Accounts are counted over at least one day."))


FEATURE = Fraud()
