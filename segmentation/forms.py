"""Forms of the admin: what an operator types is checked here by the functions that own the rules."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from operations.storable_json import StorableJSONField
from segmentation import rfm_scale, rules
from segmentation.definitions import check_rule, hold_rules
from segmentation.field_help import HELP
from segmentation.models import RfmModel, Segment
from segmentation.rule_errors import RuleError
from segmentation.rule_widget import RuleField
from segmentation.schedule_form import SCHEDULE_FIELDS, ScheduledForm
from segmentation.wording import fault_words

# Addresses of the API that a segment's own would hide.
TAKEN_SLUGS = {"estimate"}


class CodeField(StorableJSONField):
    """JSON that people read: indented, in a monospaced field."""

    def __init__(self, *, rows: int = 16, **options: Any):
        widget = UnfoldAdminTextareaWidget(attrs={"rows": rows, "class": "json-code", "spellcheck": "false"})
        super().__init__(**(options | {"widget": widget}))

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str | forms.fields.InvalidJSONInput):
            return value
        return json.dumps(rules.in_reading_order(value), ensure_ascii=False, indent=2)


class KeyedForm(forms.ModelForm):
    """Other things refer to a key, so it stays once it is saved."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance.pk and "slug" in self.fields:
            self.fields["slug"].disabled = True


class SegmentForm(ScheduledForm, KeyedForm):
    rule = RuleField(label=gettext_lazy("Rule"), help_text=HELP["Segment"]["rule"])

    class Meta:
        model = Segment
        fields = ["slug", "name", "description", "rule", *SCHEDULE_FIELDS]
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if "rule" in self.fields:
            self.fields["rule"].widget.segment = self.instance.pk

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        if slug in TAKEN_SLUGS:
            raise ValidationError(_("This key is taken."))
        return slug

    def clean_rule(self) -> Any:
        rule_json = self.cleaned_data["rule"]
        # Until the form is saved or refused, no other rule changes what this one is checked against.
        hold_rules()
        try:
            check_rule(rule_json, slug=self.instance.slug if self.instance.pk else self.data.get("slug", ""))
        except RuleError as error:
            raise ValidationError(fault_words(error)) from error
        return rule_json


class RfmModelForm(KeyedForm):
    thresholds = CodeField(
        rows=6,
        required=False,
        label=gettext_lazy("Thresholds"),
        help_text=gettext_lazy(
            "Used by fixed thresholds only, as {“r”: [30, 90], “f”: [2, 5], “m”: [“100”, “500”]}: ascending days, "
            "orders and amounts. A value on a threshold belongs to the part above it."
        ),
    )

    class Meta:
        model = RfmModel
        help_texts = {
            "is_default": gettext_lazy("There is always one default. Choosing this one takes it from the other."),
            "window_days": gettext_lazy("Only orders of so many days count, the last one included. Empty: all orders."),
            "method": gettext_lazy("Quantiles cut the members into 2 to 5 parts of one size; thresholds are your own."),
            "daily_at": gettext_lazy("On the site's clocks. Empty: on demand only."),
        }
        fields = [
            *("slug", "name", "description", "is_default", "window_days", "method"),
            *("r_parts", "f_parts", "m_parts", "thresholds", "daily_at"),
        ]
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 2})}

    def _get_validation_exclusions(self) -> set[str]:
        # The default changes hands when the form is saved; until then there would be two.
        return super()._get_validation_exclusions() | {"is_default"}  # type: ignore[misc]

    def clean_is_default(self) -> bool:
        chosen = self.cleaned_data["is_default"]
        if not chosen and self.instance.pk and self.instance.is_default:
            raise ValidationError(_("Choose another model as the default instead: there is always one."))
        return chosen

    def clean_window_days(self) -> int | None:
        days = self.cleaned_data["window_days"]
        if days is not None and not 1 <= days <= rules.LONGEST_WINDOW:
            raise ValidationError(_("From 1 to %(most)s days.") % {"most": rules.LONGEST_WINDOW})
        return days

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["thresholds"] = cleaned.get("thresholds") or {}
        if cleaned.get("method") == RfmModel.Method.THRESHOLDS and "thresholds" not in self.errors:
            try:
                rfm_scale.read_thresholds(cleaned["thresholds"])
            except RuleError as error:
                self.add_error("thresholds", fault_words(error))
        return cleaned
