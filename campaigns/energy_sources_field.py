"""What brings energy, in a form: a row for each source, instead of JSON (`campaigns.energy_rules`)."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from campaigns.energy_rules import MOST_AMOUNT, MOST_PER_DAY, ORDER
from campaigns.rows_field import Record, RowsField

KINDS = [("", "—"), ("event", _("an event")), ("task", _("a task that is done")), (ORDER, _("a paid order"))]


class EnergySourcesField(RowsField):
    """Its value is the list of `sources`: {"event": TYPE}, {"task": KEY} or {"order": {"least": "99.00"}}, with
    `amount` and `per_day`."""

    def __init__(self, **kwargs: Any) -> None:
        columns = {
            "kind": forms.ChoiceField(label=_("What brings it"), choices=KINDS, widget=UnfoldAdminSelectWidget),
            "named": forms.CharField(
                label=_("Kind of event, or key of the task"), max_length=50, widget=UnfoldAdminTextInputWidget
            ),
            "least": forms.DecimalField(
                label=_("An order of at least"),
                min_value=0,
                max_digits=12,
                decimal_places=2,
                widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
            ),
            "amount": forms.IntegerField(
                label=_("Energy each time"), min_value=1, max_value=MOST_AMOUNT, widget=UnfoldAdminIntegerFieldWidget
            ),
            "per_day": forms.IntegerField(
                label=_("Times a day"), min_value=1, max_value=MOST_PER_DAY, widget=UnfoldAdminIntegerFieldWidget
            ),
        }
        super().__init__(columns, **kwargs)

    def record_of(self, cells: Record) -> Record:
        kind = cells.get("kind")
        if kind is None:
            raise ValidationError(_("Say what brings the energy: an event, a task or an order."), code="kind")
        if "amount" not in cells or "per_day" not in cells:
            raise ValidationError(_("How much energy, and how often a day, are needed."), code="amount")
        numbers = {"amount": cells["amount"], "per_day": cells["per_day"]}
        if kind == ORDER:
            if "named" in cells:
                raise ValidationError(_("A paid order has no name: leave that empty."), code="named")
            return {ORDER: {"least": f"{cells['least']:f}"} if "least" in cells else {}} | numbers
        if "named" not in cells:
            raise ValidationError(_("Which event or task is meant is missing."), code="named")
        if "least" in cells:
            raise ValidationError(_("Only an order has a least amount."), code="least")
        return {kind: cells["named"]} | numbers

    def cells_of(self, record: Mapping[str, Any]) -> Record:
        kind = next((each for each in ("event", "task", ORDER) if each in record), "")
        about = record.get(kind)
        cells: Record = {"kind": kind, "amount": record.get("amount"), "per_day": record.get("per_day")}
        if isinstance(about, Mapping):
            return cells | {"named": "", "least": about.get("least", "")}
        return cells | {"named": about, "least": ""}
