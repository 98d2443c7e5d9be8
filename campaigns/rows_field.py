"""A list of small records in a form, as the rows of a table, instead of JSON.

There is always room for a few more: a row that is left empty is left out, so that rows are added and taken away without
scripts too. Scripts (rows_field.js) add rows beyond that, take them away and move them.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

EMPTY_ROWS = 3
MOST_ROWS = 100
Record = dict[str, Any]


class KeptSelect(UnfoldAdminSelectWidget):
    """Offers the value that is there too, where it is not among the choices: it is not lost by saving."""

    def optgroups(self, name: str, value: list[Any], attrs: dict[str, Any] | None = None) -> Any:
        choices: list[tuple[Any, Any]] = list(cast(Any, self).choices)
        offered = {str(key) for key, _label in choices}
        kept = [(each, _("%s (unknown)") % each) for each in value if each and str(each) not in offered]
        widget = copy(self)
        widget.choices = [*choices, *kept]
        return super(KeptSelect, widget).optgroups(name, value, attrs)


class KeptChoiceField(forms.ChoiceField):
    """A choice whose value may be one that is not offered any more; what is wrong with it is said elsewhere."""

    widget = KeptSelect

    def valid_value(self, value: Any) -> bool:
        return "\0" not in value


class RowsWidget(forms.Widget):
    template_name = "campaigns/widgets/rows.html"

    class Media:
        css = {"all": ["campaigns/rows.css"]}
        js = [forms.Script("campaigns/rows_field.js", defer=True)]

    def __init__(self, columns: Mapping[str, forms.Field]) -> None:
        super().__init__()
        self.columns = columns

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Record]:
        count = data.get(f"{name}-rows", "0")
        rows = min(int(count), MOST_ROWS) if count.isascii() and count.isdecimal() and len(count) < 5 else 0
        return [
            {
                column: field.widget.value_from_datadict(data, files, f"{name}-{row}-{column}")
                for column, field in self.columns.items()
            }
            for row in range(rows)
        ]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-rows" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        records = [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
        while records and not any(records[-1].values()):
            records.pop()
        rows = [*records, *[{}] * EMPTY_ROWS][:MOST_ROWS]
        context["widget"] |= {
            "labels": [field.label for field in self.columns.values()],
            "rows": [self._cells(name, number, row) for number, row in enumerate(rows)],
            "most": MOST_ROWS,
        }
        return context

    def _cells(self, name: str, number: int, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "label": field.label,
                "drawn": field.widget.render(
                    f"{name}-{number}-{column}",
                    field.prepare_value(row.get(column)),
                    {"aria-label": field.label, "id": f"id_{name}-{number}-{column}"},
                ),
            }
            for column, field in self.columns.items()
        ]


class RowsField(forms.Field):
    """Its value is a list of records, {column: cleaned value} each, without empty cells and without empty rows.

    A kind of record of its own overrides `record_of` (cells to record) and `cells_of` (record to cells).
    """

    def __init__(self, columns: Mapping[str, forms.Field], **kwargs: Any) -> None:
        self.columns = columns
        for field in columns.values():
            field.required = False
        defaults: dict[str, Any] = {"required": False, "widget": RowsWidget(columns)}
        super().__init__(**defaults | kwargs)

    def __deepcopy__(self, memo: Any) -> "RowsField":
        copied = super().__deepcopy__(memo)
        # The cells' choices are read anew for each form.
        copied.columns = {name: field.__deepcopy__(memo) for name, field in self.columns.items()}
        copied.widget = RowsWidget(copied.columns)
        return copied

    def record_of(self, cells: Record) -> Record:
        """The record of a row's cells, which are not empty. Raises ValidationError."""
        return cells

    def cells_of(self, record: Mapping[str, Any]) -> Record:
        return dict(record)

    def prepare_value(self, value: Any) -> Any:
        """The cells of a list of records; cells that were sent stay as they are."""
        rows = [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
        return [each if set(each) == set(self.columns) else self.cells_of(each) for each in rows]

    def clean(self, value: Sequence[Record] | None) -> list[Record]:
        records, wrong = [], []
        for number, cells in enumerate(value or (), 1):
            if not any(each not in {None, ""} for each in cells.values()):
                continue
            try:
                records.append(self.record_of(self._cleaned(cells)))
            except ValidationError as error:
                wrong += [
                    ValidationError(_("Row %(row)d: %(words)s"), params={"row": number, "words": words}, code="invalid")
                    for words in error.messages
                ]
        if wrong:
            raise ValidationError(wrong)
        if self.required and not records:
            raise ValidationError(self.error_messages["required"], code="required")
        return records

    def _cleaned(self, cells: Mapping[str, Any]) -> Record:
        cleaned: Record = {}
        for column, field in self.columns.items():
            try:
                value = field.clean(cells.get(column))
            except ValidationError as error:
                raise ValidationError([f"{field.label}: {words}" for words in error.messages]) from None
            if value not in {None, ""}:
                cleaned[column] = value
        return cleaned

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.clean(data) != (initial or [])
        except ValidationError:
            return True
