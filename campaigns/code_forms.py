"""The forms by which codes of tasks come in and go out, and secrets of callbacks are issued."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from campaigns.models import Task
from campaigns.task_codes import MOST_AT_ONCE
from operations.sentences import labelled

LARGEST_FILE = 2_000_000


class TaskField(forms.ModelChoiceField):
    """A task of a draft, by the names that operators know."""

    widget = UnfoldAdminSelectWidget

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {"queryset": Task.objects.none(), "label": _("Task")}
        super().__init__(**defaults | kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return labelled(obj.campaign.name, obj.title)


class OfTask(forms.Form):
    """Something for one task; `fits` says which tasks may be chosen."""

    task = TaskField()

    def __init__(self, *args: Any, fits: Callable[[Task], bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tasks = Task.objects.filter(kind__in=("callback", "redeem_code")).select_related("campaign")
        chosen = [task.pk for task in tasks if isinstance(task.config, dict) and fits(task)]
        offered = tasks.filter(pk__in=chosen).order_by("-campaign__opens_at", "position", "pk")
        self.fields["task"].queryset = offered  # type: ignore[attr-defined]


class AddCodesForm(OfTask):
    """Codes that are generated, typed, or read from a file."""

    count = forms.IntegerField(
        label=_("Generate so many"),
        required=False,
        min_value=1,
        max_value=MOST_AT_ONCE,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Codes such as 36DR-AFF4-K4MY, which nobody can guess."),
    )
    codes = forms.CharField(
        label=_("Or your own codes, one a line"),
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )
    file = forms.FileField(label=_("Or a text file, a code a line"), required=False, widget=UnfoldAdminFileFieldWidget)

    def clean_file(self) -> list[str]:
        file = self.cleaned_data["file"]
        if file is None:
            return []
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 2 MB. Split it."))
        try:
            return file.read().decode("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is not a text in UTF-8.")) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("count") and not self.lines():
            raise forms.ValidationError(_("Say how many codes to generate, or give your own."))
        if len(self.lines()) > MOST_AT_ONCE:
            raise forms.ValidationError(_("These are more than 20,000 codes. Split them."))
        return cleaned

    def lines(self) -> list[str]:
        typed = self.cleaned_data.get("codes", "")
        return [*typed.splitlines(), *self.cleaned_data.get("file", [])]


class IssueSecretForm(OfTask):
    leaked = forms.BooleanField(
        label=_("The secret before it may be known to others: end it at once"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Otherwise it is taken for 24 hours more, so that nothing is lost meanwhile."),
    )
