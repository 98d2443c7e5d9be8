"""A field for a rule: its JSON, which scripts turn into an editor of clauses with a live count."""

import json
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget

from operations.storable_json import StorableJSONField
from segmentation import rules

EMPTY = {"version": 1, "combinator": "and", "rules": []}
LONGEST_SLUG = 50


def new_segment_address(*, name: str, slug: str, rule: Any, description: str = "") -> str:
    """Return the address of the form for a new segment, filled in: for whatever offers a rule to start from."""
    text = json.dumps(rules.in_reading_order(rule), ensure_ascii=False, indent=2)
    filled = {"name": name, "slug": slug[:LONGEST_SLUG].rstrip("-"), "description": description, "rule": text}
    return (
        f"{reverse('admin:segmentation_segment_add')}?{urlencode({key: each for key, each in filled.items() if each})}"
    )


class RuleWidget(UnfoldAdminTextareaWidget):
    """A text area of JSON. static/admin/rule-editor.js puts the editor before it and keeps both in step.

    `segment` is the id of the segment that is edited, if one is: its saved count is compared with.
    """

    template_name = "segmentation/rule_widget.html"
    segment: int | None = None

    class Media:
        css = {"all": ["admin/charts.css", "admin/segmentation.css", "admin/rule-editor.css"]}
        js = [forms.Script("admin/rule-editor.js", defer=True)]

    def __init__(self, attrs: dict[str, Any] | None = None):
        super().__init__({"rows": 16, "class": "json-code", "spellcheck": "false"} | (attrs or {}))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        asks = ("fields", "values", "live")
        context["asks"] = {each: reverse(f"admin:segmentation_editor_{each}") for each in asks}
        context["segment"] = self.segment
        return context


class RuleField(StorableJSONField):
    """A rule as JSON, in reading order. Whether it may be saved is the form's to ask (`definitions.check_rule`)."""

    widget = RuleWidget

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str | forms.fields.InvalidJSONInput):
            return value
        return json.dumps(rules.in_reading_order(EMPTY if value is None else value), ensure_ascii=False, indent=2)


class OptionalRuleField(RuleField):
    """Where there may be no rule: one without a clause, as the editor leaves it, is none."""

    def to_python(self, value: Any) -> Any:
        rule_json = super().to_python(value)
        return None if isinstance(rule_json, dict) and rule_json.get("rules") == [] else rule_json
