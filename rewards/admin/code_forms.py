"""The forms by which codes come in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget

from rewards.code_batches import LARGEST_MB, MOST_GENERATED


class ImportCodesForm(forms.Form):
    """Codes, one a line: typed, in a file, or both."""

    codes = forms.CharField(
        label=_("Codes, one a line"),
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )
    file = forms.FileField(
        label=_("Or a file"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_(
            "A code a line, or a CSV file with a column called “code” or “券码”; up to a million codes and more. It is "
            "deleted once it has been read."
        ),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file is not None and file.size > LARGEST_MB * 1_000_000:
            raise forms.ValidationError(_("The file is larger than %(most)d MB. Split it.") % {"most": LARGEST_MB})
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("file") and not self.lines():
            raise forms.ValidationError(_("There are no codes to import."))
        return cleaned

    def lines(self) -> list[str]:
        """Return the lines that were typed, none where nothing was."""
        typed = self.cleaned_data.get("codes", "")
        return typed.splitlines() if typed.strip() else []


class GenerateCodesForm(forms.Form):
    count = forms.IntegerField(
        label=_("How many codes"), min_value=1, max_value=MOST_GENERATED, widget=UnfoldAdminIntegerFieldWidget
    )
