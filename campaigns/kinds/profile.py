"""Complete the profile (完善资料): named parts of the profile are filled in.

The configuration is {"parts": ["birthday", "phone", "attribute.skin", …]}: fields of the member, and attributes that
operators declared. Progress is how many of them are filled in, wherever that was done. {"link": "https://…"} leads to
the shop's page for it; {"ask": ["birthday"]} lets members fill in those parts here. What the house knows already is not
changed by this: a profile is corrected in the shop.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import profile_facts
from campaigns.config_checks import is_link, is_names, unknown
from campaigns.kinds.face import ConfigFault, Group, Kind, Moved, Standing, Turn
from campaigns.kinds.forms import ConfigForm
from campaigns.periods import ONCE
from campaigns.profile_facts import FIELDS
from campaigns.refusals import BadSubmission
from members import touches
from members.models import Attribute
from members.rows import ATTRIBUTE_PREFIX


def _parts() -> list[tuple[str, str]]:
    attributes = [(f"{ATTRIBUTE_PREFIX}{each.slug}", str(each)) for each in Attribute.objects.all()]
    return [*((name, str(label)) for name, label in FIELDS.items()), *attributes]


class ProfileForm(ConfigForm):
    parts = forms.MultipleChoiceField(label=_("what must be filled in"), choices=_parts)
    ask = forms.MultipleChoiceField(
        label=_("what members may fill in on the task's page"),
        required=False,
        choices=_parts,
        help_text=_("Only what is still empty; they cannot change what is known."),
    )
    link = forms.URLField(
        label=_("the shop's page for the profile"), required=False, assume_scheme="https", max_length=2_000
    )


class Profile(Kind):
    LABEL = _("complete the profile")
    GROUP = Group.INCENTIVE
    Form = ProfileForm
    OBSERVES = True
    PERIODS = (ONCE,)
    TOUCHED_BY: ClassVar[tuple[str, ...]] = (touches.PROFILE, touches.ATTRIBUTE, touches.CONTACT)

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        found = list(unknown(config, {"parts", "ask", "link"}, _("A profile task has no such setting.")))
        if "link" in config and not is_link(config["link"]):
            found.append(ConfigFault("link", _("This must be a web address such as https://shop.example/new.")))
        names: Any = config.get("parts")
        names = names if is_names(names) else []
        if not names or len(set(names)) < len(names):
            return [*found, ConfigFault("parts", _("A profile task needs a list of what must be filled in."))]
        missing = set(names) - set(FIELDS) - set(profile_facts.declared(names))
        found += [
            ConfigFault("parts", _("Nothing of a member is called %(name)s.") % {"name": name})
            for name in sorted(missing)
        ]
        if "ask" in config and not (is_names(config["ask"]) and set(config["ask"]) <= set(names)):
            found.append(ConfigFault("ask", _("Members can be asked only for what must be filled in.")))
        return found

    def target(self, config: Mapping[str, Any]) -> int:
        return len(config["parts"])

    def takes(self, config: Mapping[str, Any]) -> Collection[str]:
        return config.get("ask", ())

    def write(self, config: Mapping[str, Any], payload: Mapping[str, Any], turn: Turn) -> None:
        given = {name: value for name, value in payload.items() if value not in ("", None)}
        if not given:
            return
        if known := profile_facts.filled(turn.member_id, list(given)):
            words = _("This is filled in already. It is changed in the shop.")
            raise BadSubmission(dict.fromkeys(sorted(known), words))
        if wrong := profile_facts.fill_in(turn.member_id, given, now=turn.now):
            raise BadSubmission(wrong)

    def observe(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        there = profile_facts.filled(turn.member_id, config["parts"])
        return {"filled": [name for name in config["parts"] if name in there]}

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        names: Sequence[str] = payload["filled"]
        missing = [name for name in config["parts"] if name not in names]
        return Moved(count=len(names), data={}, result={"missing": missing})

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        parts = profile_facts.asked(turn.member_id, config["parts"], config.get("ask", ()))
        return {"parts": parts, "asks": any(part.asked for part in parts), "link": config.get("link")}


KIND = Profile()
