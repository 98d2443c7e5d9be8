"""The forms by which API keys are created, changed and replaced."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
)

from operations.addresses import BadRange, checked_ranges
from operations.models import ApiKey
from operations.rotation import LONGEST_OVERLAP, OVERLAP

HOUR = 3600


class RangesField(forms.CharField):
    """Ranges of addresses, one a line; a list of networks."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        try:
            return checked_ranges(line for line in text.splitlines() if line.strip())
        except BadRange as error:
            raise ValidationError(str(error), code="invalid") from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class ApiKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=ApiKey.Scope.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("What the client may do. Give it no more than it needs."),
    )
    address_ranges = RangesField(
        label=_("Address ranges"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_(
            "From where the key may be used: one address or range a line, such as 203.0.113.0/24 or 2001:db8::/32. "
            "Empty: from anywhere."
        ),
    )

    class Meta:
        model = ApiKey
        fields = ["name", "scopes", "expiry_date", "address_ranges", "calls_per_minute"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in _help_texts().items():
            # Who may only look has no fields.
            if name in self.fields:
                self.fields[name].help_text = words

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not name.isprintable():
            raise ValidationError(gettext("A name is 1 to 50 printable characters."))
        return name

    def clean_expiry_date(self) -> datetime | None:
        ends: datetime | None = self.cleaned_data["expiry_date"]
        if self.instance._state.adding and ends is not None and ends <= timezone.now():
            raise ValidationError(gettext("This is over already."))
        return ends


def _help_texts() -> dict[str, str]:
    bound = settings.API_REQUESTS_PER_MINUTE
    usual = gettext("Empty: %(bound)s, as for every client.") % {"bound": f"{bound:,}"}
    return {
        "name": gettext("Who it is for, such as the shop's backend or a till."),
        "expiry_date": gettext("From then on the key is refused. Empty: it works until it is revoked or replaced."),
        "calls_per_minute": usual if bound else gettext("Empty: as many as it likes."),
    }


class RotateForm(forms.Form):
    overlap = forms.IntegerField(
        label=_("Both keys work for so many hours"),
        min_value=0,
        max_value=int(LONGEST_OVERLAP.total_seconds()) // HOUR,
        initial=int(OVERLAP.total_seconds()) // HOUR,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("As long as the client needs to change over. 0: the old key ends at once, as when it has leaked."),
    )
