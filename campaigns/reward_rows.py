"""Rows of a number or a name with a reward each, in a form: the bonuses of a check-in, the packs of a gift pack."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from campaigns.kinds.forms import RewardField


class RewardRowsWidget(forms.MultiWidget):
    template_name = "campaigns/widgets/reward_rows.html"

    class Media:
        css = {"all": ["campaigns/admin.css"]}

    def __init__(self, key: str, widgets: Sequence[forms.Widget]) -> None:
        super().__init__(widgets)
        self.key = key

    def decompress(self, value: Any) -> list[Any]:
        given = [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
        rows = [*given, *[{}] * len(self.widgets)][: len(self.widgets) // 2]
        return [cell for row in rows for cell in (row.get(self.key), row.get("reward"))]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        # A list of rows, and not yet the cells that a bound form brings.
        if not isinstance(value, list) or any(isinstance(each, Mapping) and "reward" in each for each in value):
            value = self.decompress(value)
        context = super().get_context(name, value, attrs)
        cells = context["widget"]["subwidgets"]
        rows = [cells[place : place + 2] for place in range(0, len(cells), 2)]
        filled = [place for place, row in enumerate(rows, 1) if any(_is_filled(cell) for cell in row)]
        # What is filled in, and an empty one; the others are a step away.
        first = max(filled, default=0) + 1
        context["widget"] |= {"rows": rows[:first], "more": rows[first:]}
        return context


def _is_filled(cell: Mapping[str, Any]) -> bool:
    inner = cell.get("subwidgets")
    return any(_is_filled(each) for each in inner) if inner else cell["value"] not in (None, "", [], [""])


class RewardRowsField(forms.MultiValueField):
    """Its value is a list of {key: …, "reward": {…}} without empty rows. `first` makes a row's first cell."""

    def __init__(self, key: str, first: type[forms.Field], *, rows: int, cell_label: Any, **kwargs: Any) -> None:
        self.key, self.cell_label = key, cell_label
        cells: list[forms.Field] = []
        for _row in range(rows):
            cells += [first(required=False), RewardField()]
        for cell in cells[::2]:
            cell.widget.attrs |= {"aria-label": cell_label, "placeholder": cell_label}
        options = {"required": False, "require_all_fields": False} | kwargs
        super().__init__(cells, widget=RewardRowsWidget(key, [cell.widget for cell in cells]), **options)

    def compress(self, data_list: list[Any]) -> list[dict[str, Any]]:
        rows = [data_list[place : place + 2] for place in range(0, len(data_list), 2)]
        return [{self.key: first, "reward": reward or {}} for first, reward in rows if first or reward]
