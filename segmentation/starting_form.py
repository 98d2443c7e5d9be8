"""The values that a starting point asks for."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from segmentation.models import RfmModel
from segmentation.rule_values import LONGEST_TEXT
from segmentation.rules import LONGEST_WINDOW
from segmentation.starting_points import Made, Parameter, StartingPoint
from segmentation.starting_segments import categories_sold


class StartingForm(forms.Form):
    """A field for each parameter, with what the shop sells to choose from."""

    def __init__(self, point: StartingPoint, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.point = point
        kinds = {each.kind for each in point.parameters}
        self.categories = categories_sold() if "category" in kinds else []
        for number, parameter in enumerate(point.parameters):
            self.fields[parameter.name] = self._field(parameter, number)

    def _field(self, parameter: Parameter, number: int) -> forms.Field:
        if parameter.kind == "category":
            widget = UnfoldAdminTextInputWidget(attrs={"list": "categories", "autocomplete": "off"})
            initial = self.categories[number] if number < len(self.categories) else ""
            return forms.CharField(label=str(parameter.label), max_length=LONGEST_TEXT, initial=initial, widget=widget)
        if parameter.kind == "rfm_model":
            models = list(RfmModel.objects.order_by("-is_default", "slug").values_list("slug", "name"))
            return forms.ChoiceField(label=str(parameter.label), choices=models, widget=UnfoldAdminSelectWidget)
        if parameter.kind == "amount":
            return forms.DecimalField(
                label=str(parameter.label),
                initial=parameter.default,
                min_value=0,
                max_digits=14,
                decimal_places=2,
                widget=UnfoldAdminDecimalFieldWidget,
            )
        return forms.IntegerField(
            label=str(parameter.label),
            initial=parameter.default,
            min_value=0 if parameter.name in ("low", "high") else 1,
            max_value=LONGEST_WINDOW,
            widget=UnfoldAdminIntegerFieldWidget,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("low", 0) > cleaned.get("high", LONGEST_WINDOW):
            raise ValidationError({"high": _("It ends before it starts.")})
        if "other" in cleaned and cleaned["other"] == cleaned.get("category"):
            raise ValidationError({"other": _("Choose two different categories.")})
        return cleaned

    def made(self) -> tuple[Made, ...]:
        """Return the segments that these values make; the form must be valid."""
        return self.point.make(self.cleaned_data)
