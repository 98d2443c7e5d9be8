"""The form of a prize pool: its rules, and its prizes with odds in percent, exact to the millionth."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from operations.free_keys import MakesItsKey, RowsMakeKeys
from rewards.models import Prize, PrizePool
from rewards.odds import as_millionths, percent_text


class PercentInput(UnfoldAdminTextInputWidget):
    """A number with a bar below it that is as long as the odds are high."""

    template_name = "rewards/widgets/percent.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        try:
            context["bar"] = min(max(float(value), 0.0), 100.0)
        except (TypeError, ValueError):
            context["bar"] = 0.0
        return context


class PrizePoolForm(MakesItsKey, forms.ModelForm):
    """A pool, and why it is published against participants where somebody does that."""

    KEY = "slug"
    reason = forms.CharField(
        label=capfirst(_("why it changes against participants")),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Only where the draft is worse for those who take part. It stays with the version."),
    )

    class Meta:
        model = PrizePool
        fields = "__all__"  # noqa: DJ007  the admin lists them
        widgets = {"guarantee_prize": UnfoldAdminTextInputWidget(attrs={"list": "prize-keys", "autocomplete": "off"})}

    def stem(self, cleaned: dict[str, Any]) -> str:
        return "pool"

    def taken(self) -> Iterable[str]:
        return PrizePool.objects.values_list("slug", flat=True)


class PrizeForm(MakesItsKey, forms.ModelForm):
    """A prize with its odds in percent. Its key is made of its gift's."""

    percent = forms.DecimalField(
        label=capfirst(_("odds, %")),
        help_text=_("Of all draws from this pool, exact to four decimals. All prizes together make 100 %."),
        min_value=0,
        max_value=100,
        max_digits=7,
        decimal_places=4,
        widget=PercentInput(attrs={"inputmode": "decimal", "data-odds": "", "size": 8, "autocomplete": "off"}),
    )

    class Meta:
        model = Prize
        fields = [
            "key",
            "gift",
            "percent",
            "consolation",
            "stock",
            "per_day",
            "per_hour",
            "per_member",
            "slices",
            "position",
        ]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["percent"] = percent_text(self.instance.odds)
        for name, label in COLUMNS.items():
            if name in self.fields:
                self.fields[name].label = capfirst(label)
        if "slices" in self.fields:
            self.fields["slices"].required = False

    def stem(self, cleaned: dict[str, Any]) -> str:
        gift = cleaned.get("gift")
        return gift.slug if gift else ""

    def taken(self) -> Iterable[str]:
        return self.instance.pool.prizes.values_list("key", flat=True) if self.instance.pool_id else ()

    def clean_slices(self) -> int:
        return self.cleaned_data["slices"] or 1

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if "percent" in self.cleaned_data:
            self.instance.odds = as_millionths(self.cleaned_data["percent"])
        if self.cleaned_data.get("consolation"):
            for limit in ("stock", "per_day", "per_hour", "per_member"):
                if self.cleaned_data.get(limit) is not None:
                    self.add_error(limit, _("The consolation prize has no limit: it is always there."))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # That there is one consolation prize is seen over all rows together, so that it can move from one to another;
        # and that it has no limits is said at the limit.
        return super()._get_validation_exclusions() | {"consolation"}  # type: ignore[misc]


# Short, for there are many columns; the long words are the fields' own, in versions and rules.
COLUMNS = {
    "consolation": _("consolation"),
    "stock": _("in all"),
    "per_day": _("a day"),
    "per_hour": _("an hour"),
    "per_member": _("a member"),
    "slices": pgettext_lazy("stock", "rows"),
}


class PrizeFormSet(RowsMakeKeys, forms.BaseInlineFormSet):
    """All prizes of a pool. A draft may fall short of 100 %; publishing refuses it then."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.is_valid() and not form.cleaned_data.get("DELETE")]
        if sum(bool(form.cleaned_data.get("consolation")) for form in kept) > 1:
            raise ValidationError(_("A pool has one consolation prize."))

    def typed(self) -> list[Prize]:
        """Return the prizes as they are typed, saved or not, as far as they can be read."""
        read = []
        for form in self.forms:
            form.is_valid()
            data = getattr(form, "cleaned_data", {})
            if form.has_changed() or form.instance.pk:
                if data.get("DELETE") or data.get("gift") is None or "percent" not in data:
                    continue
                read.append(form.instance)
        return read
