"""The form of a gift: the fields of its kind, each fault beside the field it is about."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldAdminURLInputWidget

from members import uses
from operations import four_eyes
from operations.free_keys import MakesItsKey
from rewards import gift_rules, scopes, stocktaking
from rewards.field_help import HELP
from rewards.models import Gift

# A gift that was published or given stays what it was. Its name may be put right, its stock and limits go on living.
FIXED_ONCE_USED = (
    "kind", "amount", "draws_in", "shared_code", "provider", "threshold", "face_value", "valid_days", "valid_from",
    "valid_until",
)  # fmt: skip


def fixed_fields(gift: Gift) -> set[str]:
    """Return the fields of a gift that cannot be changed any more."""
    fixed = set(FIXED_ONCE_USED) if gift.is_used() else set()
    if gift.codes.exists() or gift.code_batches.exists():
        fixed.add("kind")
    if fixed or uses.places_of(("gift", gift.slug)):
        if four_eyes.needed(four_eyes.VALUE):
            # Another kind is another worth, which no two numbers compare.
            fixed.add("kind")
        # Rules, campaigns and quotas know it by its key.
        fixed.add("slug")
    return fixed


def shown_when(field: str) -> str:
    """Return the condition, for the page, under which a field is shown: the kinds that have it."""
    kinds = ", ".join(f"'{kind.value}'" for kind in Gift.Kind if kind in gift_rules.KINDS_WITH[field])
    # Who may only look has no field to choose the kind, and the page has the fields of the one kind.
    return f"typeof kind === 'undefined' || [{kinds}].includes(kind)"


class GiftForm(MakesItsKey, forms.ModelForm):
    KEY = "slug"
    link = forms.CharField(
        label=capfirst(_("link")),
        help_text=HELP["Gift"]["link"],
        required=False,
        max_length=200,
        validators=[URLValidator(["https"], message=_("Give a whole address; it begins with https://."))],
        widget=UnfoldAdminURLInputWidget(attrs={"placeholder": "https://"}),
    )
    draws_in = forms.ChoiceField(
        label=_("draws in"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Chances that a task or a draw gives are for its own campaign, unless you choose another."),
    )

    class Meta:
        model = Gift
        fields = "__all__"  # noqa: DJ007  the admin lists them
        labels = {"threshold": _("order amount needed")}
        help_texts = {
            "amount": _("How many points, how much growth value, or how many draws."),
            "threshold": _("The amount of an order from which the coupon can be used (满减). Empty: from any amount."),
            "face_value": _("What it is worth to the member. Pages that must say the value of a prize show it."),
            "cost": _("What it costs us. Budgets count it."),
            "valid_days": _("From the moment it is given."),
            "valid_until": _("The same end for all, instead of a number of days."),
            "low_stock_at": _("Then the first page of the admin says so."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("face_value", "cost"):
            if name in self.fields:
                self.fields[name].required = False
        for field in self.fields.values():
            field.label = capfirst(field.label)
        if "draws_in" in self.fields:
            self.fields["draws_in"].choices = self._scopes()  # type: ignore[attr-defined]
        if "provider" in self.fields:
            self.fields["provider"] = self._provider()
        for name in fixed_fields(self.instance) if self.instance.pk else ():
            if name in self.fields:
                self.fields[name].disabled = True

    def stem(self, cleaned: dict[str, Any]) -> str:
        return str(cleaned.get("kind", "")).replace("_", "-")

    def taken(self) -> Iterable[str]:
        return Gift.objects.values_list("slug", flat=True)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = cleaned.get("kind")
        if kind is None:
            return cleaned
        cleaned = self._kept(kind, cleaned)
        for name, fault in gift_rules.faults(kind, self._changeable(cleaned), now=timezone.now()):
            if name in self.fields:
                self.add_error(name, str(fault))
        self._refuse_stock_below_given(cleaned)
        return cleaned

    def _kept(self, kind: str, cleaned: dict[str, Any]) -> dict[str, Any]:
        kept = gift_rules.emptied(kind, cleaned)
        # A red packet costs what it is worth, unless somebody says otherwise: else no budget would count it.
        worth = kept.get("face_value") if kind == Gift.Kind.RED_PACKET else None
        defaults = {"face_value": 0, "cost": worth or 0}
        return kept | {name: kept.get(name) or default for name, default in defaults.items() if name in kept}

    def _changeable(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the rules may find fault with: nobody can put right what is fixed."""
        return {
            name: value for name, value in cleaned.items() if name not in self.fields or not self.fields[name].disabled
        }

    def _refuse_stock_below_given(self, cleaned: Mapping[str, Any]) -> None:
        stock = cleaned.get("stock")
        if stock is None or not self.instance.pk or "stock" not in self.changed_data:
            return
        given = stocktaking.given_of(self.instance)
        if stock < given:
            self.add_error("stock", _("%(given)d were given already.") % {"given": given})

    def _scopes(self) -> list[tuple[str, Any]]:
        known = [(scope.key, scope.name) for scope in scopes.every_scope() if scope.draws]
        chosen = self.instance.draws_in
        lost = [(chosen, chosen)] if chosen and chosen not in dict(known) else []
        return [("", _("where they are given")), *known, *lost]

    def _provider(self) -> forms.Field:
        label = self.fields["provider"].label
        providers = list(getattr(settings, "DELIVERY_PROVIDERS", ()))
        if not providers:
            return forms.SlugField(label=label, required=False, widget=UnfoldAdminTextInputWidget)
        chosen = self.instance.provider
        names = [*providers, *([chosen] if chosen and chosen not in providers else [])]
        choices = [("", "–"), *((name, name) for name in names)]
        return forms.ChoiceField(label=label, required=False, choices=choices, widget=UnfoldAdminSelectWidget)
