"""The pools that a quiz's results name, in a form: rows of a score range and a pool instead of JSON."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from campaigns.result_pools import BEST

ROWS = 4
COLUMNS = ("from", "below", "pool")
LABELS = {"from": _("Score from"), "below": _("below"), "pool": _("Prize pool")}
Choices = Sequence[tuple[str, str]]


def fits(pools: Any) -> bool:
    """Whether the rows can show it: no more than a few ranges of scores."""
    if not isinstance(pools, list) or len(pools) > ROWS:
        return False
    return all(isinstance(each, Mapping) and "pool" in each and set(each) <= set(COLUMNS) for each in pools)


class ResultPoolsWidget(forms.MultiWidget):
    template_name = "campaigns/widgets/result_pools.html"

    def __init__(self) -> None:
        number = {"min": 0, "max": BEST}
        super().__init__(
            [
                UnfoldAdminSelectWidget(attrs={"aria-label": label})
                if column == "pool"
                else UnfoldAdminIntegerFieldWidget(attrs=number | {"aria-label": label})
                for _row in range(ROWS)
                for column, label in LABELS.items()
            ]
        )

    def decompress(self, value: list[Mapping[str, Any]] | None) -> list[Any]:
        rows = [*(value or []), *[{}] * ROWS][:ROWS]
        return [row.get(column) for row in rows for column in COLUMNS]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        # A list of rows, and not yet the cells that a bound form brings.
        cells_of = (
            self.decompress(value) if value is None or any(isinstance(each, Mapping) for each in value) else value
        )
        context = super().get_context(name, cells_of, attrs)
        cells = context["widget"]["subwidgets"]
        width = len(COLUMNS)
        context["labels"] = LABELS
        context["rows"] = [cells[row * width : (row + 1) * width] for row in range(ROWS)]
        return context


class ResultPoolsField(forms.MultiValueField):
    """Its value is the list of `campaigns.result_pools`, by the score; rows left empty are left out."""

    def __init__(self, **kwargs: Any) -> None:
        cells: list[forms.Field] = [
            forms.ChoiceField(required=False)
            if column == "pool"
            else forms.IntegerField(required=False, min_value=0, max_value=BEST)
            for _row in range(ROWS)
            for column in COLUMNS
        ]
        super().__init__(cells, widget=ResultPoolsWidget(), required=False, require_all_fields=False, **kwargs)

    def offer(self, pools: Choices) -> None:
        """Offer these pools, read once; (key, name) each."""
        for field, widget in zip(self.fields, self.widget.widgets, strict=True):
            if isinstance(field, forms.ChoiceField):
                choices = [("", "—"), *pools]
                field.choices = choices
                cast(forms.Select, widget).choices = choices

    def compress(self, data_list: list[Any]) -> list[dict[str, Any]]:
        width = len(COLUMNS)
        rows = [data_list[place : place + width] for place in range(0, len(data_list), width)]
        filled = [row for row in rows if any(cell not in {None, ""} for cell in row)]
        return [
            {column: cell for column, cell in zip(COLUMNS, row, strict=True) if cell not in {None, ""}}
            for row in filled
        ]
