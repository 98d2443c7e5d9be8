"""A task in the admin: what its kind cannot use is refused with the place of the fault."""

import json
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from campaigns import kinds
from campaigns.models import Task
from operations.storable_json import StorableJSONField

EXAMPLES = _(
    "Check-in: {}. Quiz: questions, each with text, choices and answer (the place of the right choice; the first is 0),"
    " and pass. Purchase: one of orders, amount (such as “99.00”) and units; with categories, skus, within_days."
)


class IndentedJSON(StorableJSONField):
    """JSON that people read and write."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str | forms.fields.InvalidJSONInput):
            return value
        return json.dumps(value, ensure_ascii=False, indent=2)


class TaskForm(forms.ModelForm):
    config = IndentedJSON(
        label=capfirst(_("configuration")),
        required=False,
        help_text=EXAMPLES,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 12, "class": "json-code", "spellcheck": "false"}),
    )

    class Meta:
        model = Task
        fields = "__all__"  # noqa: DJ007  the inline lists them

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        kind, config = cleaned.get("kind"), cleaned.get("config")
        if not kind or "config" in self.errors:
            return cleaned
        if not isinstance(config, dict):
            self.add_error("config", forms.ValidationError(_("The configuration is an object: {…}."), code="invalid"))
            return cleaned
        for fault in kinds.find(kind).faults(config):
            place = f"{fault.path}: " if fault.path else ""
            self.add_error("config", forms.ValidationError(f"{place}{fault.message}", code="invalid"))
        return cleaned
