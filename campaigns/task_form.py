"""The form of a task: what every task has, and the fields of its kind, whose configuration they become."""

import copy
import json
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import ChoiceWidget
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold import widgets as unfold
from unfold.widgets import UnfoldAdminTextareaWidget

from campaigns import fault_places, kinds
from campaigns.field_help import help_of_kind
from campaigns.kinds.face import ConfigFault
from campaigns.kinds.forms import ConfigForm
from campaigns.models import Task
from campaigns.named_rows import refuse_new_key
from campaigns.result_pools_field import ResultPoolsField, fits
from operations.storable_json import StorableJSONField
from rewards.models import PrizePool

PREFIX = "config_"
# How this admin draws what Django's own forms would draw plainly.
DRAWN_AS: Mapping[type[forms.Widget], type[forms.Widget]] = {
    forms.TextInput: unfold.UnfoldAdminTextInputWidget,
    forms.NumberInput: unfold.UnfoldAdminIntegerFieldWidget,
    forms.URLInput: unfold.UnfoldAdminURLInputWidget,
    forms.Textarea: UnfoldAdminTextareaWidget,
    forms.Select: unfold.UnfoldAdminSelectWidget,
    forms.CheckboxInput: unfold.UnfoldBooleanSwitchWidget,
    forms.CheckboxSelectMultiple: unfold.UnfoldAdminCheckboxSelectMultipleWidget,
}


class IndentedJSON(StorableJSONField):
    """JSON that people read and write."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str | forms.fields.InvalidJSONInput):
            return value
        return json.dumps(value, ensure_ascii=False, indent=2)


class TaskForm(forms.ModelForm):
    """What every task has. `form_of` adds the fields of a kind."""

    kind_name = ""
    config = IndentedJSON(
        label=capfirst(_("configuration")),
        required=False,
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
        fields = "__all__"  # noqa: DJ007  the admin lists them

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        config = self.instance.config if isinstance(self.instance.config, dict) else {}
        # Who may only look at campaigns has no fields.
        if "result_pools" in self.fields:
            pools = list(PrizePool.objects.order_by("name").values_list("slug", "name"))
            cast(ResultPoolsField, self.fields["result_pools"]).offer(pools)
            if fits(config.get("pools")):
                self.initial["result_pools"] = config["pools"]
                config = {key: value for key, value in config.items() if key != "pools"}
        if "config" in self.fields:
            self.initial["config"] = config
        given = kinds.find(self.kind_name).Form.initial_of(config) if self.kind_name else {}
        self.initial.update({f"{PREFIX}{name}": value for name, value in given.items()})

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if self.instance.pk and "key" in self.changed_data:
            self._refuse_new_key()
        if "config" in self.errors or not self.kind_name:
            return cleaned
        config = self._config(cleaned)
        if config is None:
            return cleaned
        if pools := cleaned.get("result_pools"):
            config |= {"pools": pools}
        cleaned["config"] = config
        kind = kinds.find(self.kind_name)
        for fault in kind.faults(config):
            told = fault_places.worded(fault, kind.Form)
            self.add_error(self._field_of(fault), ValidationError(told, code="invalid"))
        return cleaned

    def _config(self, cleaned: Mapping[str, Any]) -> dict[str, Any] | None:
        """The configuration as it was filled in, or None where that went wrong."""
        if not has_own_fields(self.kind_name):
            if "config" not in self.fields:
                return {}
            config = cleaned.get("config")
            if isinstance(config, dict):
                return dict(config)
            self.add_error("config", ValidationError(_("The configuration is an object: {…}."), code="invalid"))
            return None
        form = _bound(self.kind_name, self.data, self.files)
        if form.is_valid():
            return form.config()
        for field, errors in form.errors.as_data().items():
            if f"{PREFIX}{field}" not in self.errors:
                self.add_error(f"{PREFIX}{field}" if field in form.fields else None, errors)
        return None

    def _field_of(self, fault: ConfigFault) -> str | None:
        """The field in which a fault of the configuration is shown."""
        first = fault_places.field_of(fault)
        if first == "pools" and "result_pools" in self.fields:
            return "result_pools"
        named = f"{PREFIX}{first}"
        return named if named in self.fields else "config" if "config" in self.fields else None

    def _refuse_new_key(self) -> None:
        for fault in refuse_new_key(self.instance.campaign, "task", str(self.initial["key"])):
            self.add_error("key", fault)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # what fills the row in from the form
        if "config" in self.cleaned_data:
            self.instance.config = self.cleaned_data["config"]


def has_own_fields(kind: str) -> bool:
    return bool(kinds.find(kind).Form().fields)


def shown_fields(kind: str) -> tuple[list[str], list[str]]:
    """The names of the fields of a kind's configuration, and of those that stand with the reward."""
    own = [f"{PREFIX}{name}" for name in kinds.find(kind).Form().fields] or ["config"]
    if not has_own_fields(kind) and not kinds.find(kind).faults({}):
        own = []
    return own, ["result_pools"] if kinds.find(kind).RESULT_POOLS else []


def form_of(kind: str) -> type[TaskForm]:
    """The form of a task of this kind."""
    own = kinds.find(kind).Form().fields
    fields: dict[str, Any] = {f"{PREFIX}{name}": drawn(copy.deepcopy(field)) for name, field in own.items()}
    for name in own:
        fields[f"{PREFIX}{name}"].help_text = own[name].help_text or help_of_kind(kind, name)
    shown, results = shown_fields(kind)
    if "config" not in shown:
        # What is not shown is not asked for.
        fields["config"] = None
    if not results:
        fields["result_pools"] = None
    return type(f"{kind.title()}TaskForm", (TaskForm,), fields | {"kind_name": kind})


def _bound(kind: str, data: Any, files: Any) -> ConfigForm:
    form = kinds.find(kind).Form(data=data, files=files)
    form.add_prefix = lambda field_name: f"{PREFIX}{field_name}"  # type: ignore[method-assign]
    return form


def drawn(field: forms.Field) -> forms.Field:
    """The field as this admin draws it."""
    field.widget = _restyled(field.widget)
    # Kept lazy: a class's field is read in every reader's language.
    field.label = capfirst(field.label) if field.label else field.label
    return field


def _restyled(widget: forms.Widget) -> forms.Widget:
    if isinstance(widget, forms.MultiWidget):
        widget.widgets = [_restyled(each) for each in widget.widgets]
        return widget
    drawn_as = DRAWN_AS.get(type(widget))
    if drawn_as is None:
        return widget
    restyled = drawn_as(attrs=widget.attrs)
    if isinstance(widget, ChoiceWidget):
        cast(ChoiceWidget, restyled).choices = widget.choices
    restyled.is_required = widget.is_required
    return restyled
