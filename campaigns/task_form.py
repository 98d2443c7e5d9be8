"""A task in the admin: what its kind cannot use is refused with the place of the fault."""

import json
from typing import Any, cast

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from campaigns import kinds
from campaigns.models import Task
from campaigns.named_rows import NamedRows
from campaigns.result_pools_field import Choices, ResultPoolsField, fits
from operations.storable_json import StorableJSONField
from rewards.models import PrizePool

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


class TaskFormSet(NamedRows):
    """Every task of the page offers the same pools for its results, read once."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        if not hasattr(self, "pools"):
            self.pools = list(PrizePool.objects.order_by("name").values_list("slug", "name"))
        return super().get_form_kwargs(index) | {"pools": self.pools}


class TaskForm(forms.ModelForm):
    config = IndentedJSON(
        label=capfirst(_("configuration")),
        required=False,
        help_text=EXAMPLES,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 12, "class": "json-code", "spellcheck": "false"}),
    )

    result_pools = ResultPoolsField(
        label=_("The result chooses the prize pool"),
        help_text=_(
            "For a quiz: the percentage of right answers names the pool of its draw chances, such as 80 and more the"
            " better one, 50 to below 80 another. Whoever has less than the lowest range gets no chance."
            " All empty: the result does not matter."
        ),
    )

    class Meta:
        model = Task
        fields = "__all__"  # noqa: DJ007  the inline lists them

    def __init__(self, *args: Any, pools: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Who may only look at campaigns has no fields.
        if "result_pools" not in self.fields:
            return
        cast(ResultPoolsField, self.fields["result_pools"]).offer(pools)
        config = self.initial.get("config")
        if isinstance(config, dict) and fits(config.get("pools")):
            self.initial["result_pools"] = config["pools"]
            self.initial["config"] = {key: value for key, value in config.items() if key != "pools"}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        kind, config = cleaned.get("kind"), cleaned.get("config")
        if not kind or "config" in self.errors:
            return cleaned
        if not isinstance(config, dict):
            self.add_error("config", forms.ValidationError(_("The configuration is an object: {…}."), code="invalid"))
            return cleaned
        if pools := cleaned.get("result_pools"):
            cleaned["config"] = config = config | {"pools": pools}
        for fault in kinds.find(kind).faults(config):
            place = f"{fault.path}: " if fault.path else ""
            field = "result_pools" if pools and fault.path.startswith("pools") else "config"
            self.add_error(field, forms.ValidationError(f"{place}{fault.message}", code="invalid"))
        return cleaned
