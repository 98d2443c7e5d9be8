"""The quotas of a task in a form: rows of a number, how often it begins anew, and for whom, instead of JSON."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from campaigns.audience_field import AudienceChoices, AudienceField

ROWS = 3
PER = [("all", _("in all")), ("day", _("a day")), ("week", _("a week")), ("month", _("a month"))]


class QuotasWidget(forms.MultiWidget):
    template_name = "campaigns/widgets/quotas.html"

    def __init__(self, audiences: Sequence[forms.Widget]) -> None:
        rows = [
            [
                UnfoldAdminIntegerFieldWidget(attrs={"min": 1, "aria-label": _("quota")}),
                UnfoldAdminSelectWidget(choices=PER, attrs={"aria-label": _("how often it begins anew")}),
                audience,
            ]
            for audience in audiences
        ]
        super().__init__([widget for row in rows for widget in row])

    def decompress(self, value: Any) -> list[Any]:
        quotas = list(value or [])[:ROWS]
        rows = [[each.get("quota"), each.get("per", "all"), each.get("audience", {})] for each in quotas]
        rows += [[None, "all", {}]] * (ROWS - len(rows))
        return [cell for row in rows for cell in row]

    def cells_of(self, value: Any) -> list[Any]:
        """The cells of a value: quotas are a list too, so their kind tells them from cells that were sent."""
        is_cells = (
            isinstance(value, list) and len(value) == ROWS * 3 and not any("quota" in each for each in _dicts(value))
        )
        return value if is_cells else self.decompress(value)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        values = self.cells_of(value)
        context = super().get_context(name, values, attrs)
        cells = context["widget"]["subwidgets"]
        context["rows"] = [self._row(name, number, cells, values) for number in range(ROWS)]
        return context

    def _row(self, name: str, number: int, cells: Sequence[Any], values: Sequence[Any]) -> dict[str, Any]:
        """An audience is a row of widgets itself, and is drawn by its own widget."""
        place = number * 3
        audience = cast(forms.MultiWidget, self.widgets[place + 2])
        drawn = audience.render(f"{name}_{place + 2}", values[place + 2])
        return {"quota": cells[place], "per": cells[place + 1], "audience": drawn}


def _dicts(values: Sequence[Any]) -> Iterator[dict[str, Any]]:
    yield from (each for each in values if isinstance(each, dict))


class QuotasField(forms.MultiValueField):
    """Its value is the JSON that `campaigns.definition.parse_quota` reads, row by row."""

    def __init__(self, choices: AudienceChoices, **kwargs: Any) -> None:
        fields: list[forms.Field] = []
        for _row in range(ROWS):
            fields += [
                forms.IntegerField(min_value=1, max_value=2_000_000_000, required=False),
                forms.ChoiceField(choices=PER, required=False),
                AudienceField(choices),
            ]
        defaults: dict[str, Any] = {
            "label": _("Quotas"),
            "help_text": _("How often it may be done by all members together; when a quota is full, it is for nobody."),
            "required": False,
            "require_all_fields": False,
            "widget": QuotasWidget([field.widget for field in fields[2::3]]),
        }
        super().__init__(fields, **defaults | kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(cast(QuotasWidget, self.widget).cells_of(initial), data)

    def compress(self, data_list: Sequence[Any]) -> list[dict[str, Any]]:
        quotas = []
        for place in range(0, len(data_list), 3):
            quota, per, audience = data_list[place : place + 3]
            if quota:
                row = {"quota": quota} | ({"per": per} if per and per != "all" else {})
                quotas.append(row | ({"audience": audience} if audience else {}))
        return quotas
