"""The form with the rates that a rehearsal goes by."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from campaigns.models import Offer
from campaigns.offers.terms import GROUP
from campaigns.rehearsal.rates import CHOSEN, Level, Rates
from campaigns.task_admin import GROUPS

SCENARIOS: dict[Level, Promise] = {
    Level.LOW: _("few take part"),
    Level.EXPECTED: _("as expected"),
    Level.HIGH: _("many take part"),
}


def _per_cent(label: Any, *, least: Decimal = Decimal(0), **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=least,
        max_value=100,
        max_digits=4,
        decimal_places=1,
        widget=UnfoldAdminDecimalFieldWidget(attrs={"min": str(least), "max": "100", "step": "0.1"}),
        **options,
    )


FILLED = "filled"


class RatesForm(forms.Form):
    """All in per cent. `kinds` of offers are those that the campaign has; of others the rates stay as they are."""

    def __init__(self, data: Any, rates: Rates, kinds: Collection[str] = ()) -> None:
        super().__init__(data)
        self._before = rates
        self._kinds = [kind for kind in Offer.Kind if kind.value in kinds]
        for level, words in SCENARIOS.items():
            self.fields[level.value] = _per_cent(words, initial=rates.participation[level], least=Decimal("0.1"))
        for group, words in GROUPS.items():
            self.fields[group.value] = _per_cent(words, initial=rates.completion[group.value])
        self.fields["again"] = _per_cent(_("come back to a task in each later period"), initial=rates.again)
        for kind in self._kinds:
            self.fields[kind.value] = _per_cent(kind.label, initial=rates.offers[kind.value])
        if GROUP in self._kinds:
            self.fields[FILLED] = _per_cent(_("of those who join a group: it fills"), initial=rates.filled)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        low, expected, high = (cleaned.get(level.value) for level in Level)
        if low is not None and expected is not None and high is not None and not low <= expected <= high:
            self.add_error("expected", say("It lies between the least and the most."))
        return cleaned

    @property
    def taking_part(self) -> list[Any]:
        return [self[level.value] for level in Level]

    @property
    def doing(self) -> list[Any]:
        return [*(self[group.value] for group in GROUPS), self["again"]]

    @property
    def taking_offers(self) -> list[Any]:
        names = [kind.value for kind in self._kinds]
        return [self[name] for name in (*names, FILLED) if name in self.fields]

    @property
    def rates(self) -> Rates:
        given = {name: float(value) for name, value in self.cleaned_data.items()}
        before, offers = self._before, {kind.value: given[kind.value] for kind in self._kinds}
        # What was learned and left as it is stays learned.
        chosen = {kind: CHOSEN for kind, share in offers.items() if share != before.offers[kind]}
        return Rates(
            {level: given[level.value] for level in Level},
            {group.value: given[group.value] for group in GROUPS},
            given["again"],
            {**before.offers, **offers},
            given.get(FILLED, before.filled),
            {**before.sources, **chosen},
        )
