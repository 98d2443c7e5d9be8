"""The form for an address. Province, city and district are chosen one after the other; each choice may be a page."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.contact import normal_phone
from rewards import regions
from rewards.addresses import Address
from rewards.regions import Area

MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
# An area's number with its zero, then seven or eight digits.
LANDLINE = re.compile(r"0[1-9][0-9]{1,2}[2-9][0-9]{6,7}", re.ASCII)
POSTCODE = re.compile(r"[0-9]{6}", re.ASCII)
LEVELS = ("province", "city", "district")


def _required(words: Any) -> dict[str, Any]:
    return {"required": words}


class AddressForm(forms.Form):
    """An address in mainland China. `areas` are the parts chosen so far, each within the one before."""

    recipient = forms.CharField(
        label=gettext_lazy("Recipient"),
        max_length=30,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages=_required(gettext_lazy("Who is to receive it?")),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=30,
        widget=forms.TextInput({"autocomplete": "tel-national", "inputmode": "tel"}),
        error_messages=_required(gettext_lazy("The courier needs a phone number.")),
    )
    province = forms.ChoiceField(
        label=gettext_lazy("Province"), error_messages=_required(gettext_lazy("Choose a province."))
    )
    city = forms.ChoiceField(label=gettext_lazy("City"), required=False)
    district = forms.ChoiceField(label=gettext_lazy("District"), required=False)
    street = forms.CharField(
        label=gettext_lazy("Street, number, building and door"),
        min_length=4,
        max_length=120,
        widget=forms.Textarea({"rows": 2, "autocomplete": "street-address"}),
        error_messages=_required(gettext_lazy("Which street and number?"))
        | {"min_length": gettext_lazy("Write street, number and door in full, so that the courier finds it.")},
    )
    postcode = forms.CharField(
        label=gettext_lazy("Postcode (may be left out)"),
        required=False,
        max_length=6,
        widget=forms.TextInput({"autocomplete": "postal-code", "inputmode": "numeric"}),
    )

    def __init__(self, data: Any = None, *, initial: Mapping[str, str] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}), label_suffix="")
        self.areas = _chosen([str((data if data is not None else self.initial).get(level, "")) for level in LEVELS])
        within: Sequence[Area] = regions.provinces()
        for level, area in zip(LEVELS, [*self.areas, *[None] * 3], strict=False):
            field = self.fields[level]
            field.choices = [("", _ASK[level]), *((each.code, each.name) for each in within)]  # type: ignore[attr-defined]
            field.error_messages["invalid_choice"] = _("Choose from the list.")
            within = area.parts if area else ()

    @property
    def ends_with_city(self) -> bool:
        """Whether the city that was chosen has no districts."""
        return len(self.areas) == len(LEVELS) - 1 and not self.areas[-1].parts

    def clean_recipient(self) -> str:
        return " ".join(self.cleaned_data["recipient"].split())

    def clean_street(self) -> str:
        return " ".join(self.cleaned_data["street"].split())

    def clean_phone(self) -> str:
        """Take a mobile number or one with its area's number, however it is written."""
        phone = normal_phone(self.cleaned_data["phone"])
        if not (MOBILE.fullmatch(phone) or LANDLINE.fullmatch(phone)):
            raise forms.ValidationError(
                _("A mobile number has 11 digits and begins with 1; others begin with the area's number, such as 010.")
            )
        return phone

    def clean_postcode(self) -> str:
        postcode: str = self.cleaned_data["postcode"].strip()
        if postcode and not POSTCODE.fullmatch(postcode):
            raise forms.ValidationError(_("A postcode has 6 digits."))
        return postcode

    def clean(self) -> None:
        """Ask for the first part of the region that is missing."""
        if self.areas and len(self.areas) < len(LEVELS) and self.areas[-1].parts:
            level = LEVELS[len(self.areas)]
            if level not in self.errors:
                self.add_error(level, _MISSING[level])

    def address(self) -> Address:
        """Return what was given, once the form is valid."""
        given = self.cleaned_data
        region = self.areas[-1].code
        return Address(given["recipient"], given["phone"], region, given["street"], given["postcode"])


_ASK = {
    "province": gettext_lazy("Choose a province"),
    "city": gettext_lazy("Choose a city"),
    "district": gettext_lazy("Choose a district"),
}
_MISSING = {"city": gettext_lazy("Choose a city."), "district": gettext_lazy("Choose a district.")}


def fields_of(address: Address | None) -> dict[str, str]:
    """Return an address as the fields of a form."""
    if address is None:
        return {}
    way = regions.way_to(address.region)
    named = {level: area.code for level, area in zip(LEVELS, way, strict=False)}
    return named | {
        "recipient": address.recipient,
        "phone": address.phone,
        "street": address.street,
        "postcode": address.postcode,
    }


def _chosen(codes: Sequence[str]) -> list[Area]:
    """Return the areas that the codes name, as far as each lies within the one before."""
    chosen: list[Area] = []
    within: Sequence[Area] = regions.provinces()
    for code in codes:
        area = next((each for each in within if each.code == code), None)
        if area is None:
            break
        chosen.append(area)
        within = area.parts
    return chosen
