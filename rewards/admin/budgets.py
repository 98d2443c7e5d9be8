"""Budgets in the admin: entered in yuan, watched while they are spent, set aside and not deleted once used."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.validators import MinValueValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget

from operations import four_eyes
from operations.guarded_admin import GuardedAdmin
from rewards import budget_charts, budgets
from rewards.field_help import HELP
from rewards.models import Budget
from rewards.money import as_amount, as_cents, money, symbol
from rewards.scopes import every_scope, named

LEVEL_COLOURS = {"0": "success", "50": "info", "80": "warning", "100": "danger"}
LEVEL_WORDS = {0: _("enough left"), 50: _("half spent"), 80: _("nearly spent"), 100: _("used up")}


class BudgetForm(forms.ModelForm):
    """A budget in the shop's currency, exact to the cent; whose it is, is chosen by name and does not change."""

    # The form's field, and the model's that it sets.
    stand_for = {"amount": "cents"}
    scope = forms.ChoiceField(
        label=capfirst(_("whose")), widget=UnfoldAdminSelectWidget, help_text=HELP["Budget"]["scope"]
    )
    amount = forms.DecimalField(
        max_digits=14,
        decimal_places=2,
        validators=[MinValueValidator(as_amount(1))],
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_(
            "It counts from the moment at which it is added. It can be raised and lowered while draws run: lowered"
            " below what is spent it takes nothing back, but nothing more can be drawn."
        ),
    )

    class Meta:
        model = Budget
        fields = ["scope", "per", "amount", "active"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["amount"].label = capfirst(_("amount in %(currency)s") % {"currency": symbol().strip()})
        if self.instance.pk:
            self.initial["amount"] = as_amount(self.instance.cents)
            del self.fields["scope"]
        else:
            self.fields["scope"].choices = [("", "–"), *((each.key, each.name) for each in every_scope())]  # type: ignore[attr-defined]

    def clean_amount(self) -> Any:
        self.instance.cents = as_cents(self.cleaned_data["amount"])
        return self.cleaned_data["amount"]


class BudgetList(ChangeList):
    """The list of budgets, each of the page's with what was spent of it."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = with_figures(list(self.result_list))  # type: ignore[has-type]


def with_figures(rows: list[Any]) -> list[Any]:
    for budget, shown in zip(rows, budget_charts.shown(rows, now=timezone.now()), strict=True):
        budget.shown = shown
    return rows


@admin.register(Budget)
class BudgetAdmin(GuardedAdmin):
    form = BudgetForm
    list_display = ["shown_scope", "per", "shown_spent", "shown_level", "shown_outlook", "shown_active"]
    list_filter = ["active", "per"]
    search_fields = ["scope"]
    search_help_text = _("key of a campaign or a pool")
    change_form_outer_before_template = "admin/rewards/budget_burn.html"
    readonly_fields = ["shown_scope"]
    warn_unsaved_form = True

    class Media:
        css = {"all": ["admin/charts.css", "admin/budgets.css", "admin/approvals.css"]}

    def get_fields(self, request: HttpRequest, obj: Budget | None = None) -> list[str]:
        if obj is None:
            return ["scope", "per", "amount"]
        may_change = self.has_change_permission(request, obj)
        return ["shown_scope", "per", "amount" if may_change else "shown_amount", "active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Budget | None = None) -> list[str]:
        # Whose it is and for what is part of every charge on record: another one is made instead.
        return [] if obj is None else ["shown_scope", "per", "shown_amount"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BudgetList

    def export_rows(self, rows: list[Any]) -> list[Any]:
        return with_figures(rows)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {key: request.GET[key] for key in ("scope", "per") if key in request.GET}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        budget = self.get_object(request, object_id)
        days = next((each for each in budget_charts.SHOWN_DAYS if str(each) == request.GET.get("days")), 14)
        burn = budget_charts.draw(budget, days=days, now=timezone.now()) if budget else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | burn)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if (budget := context.get("original")) is not None:
            words = {"scope": named([budget.scope])[budget.scope], "per": budget.get_per_display()}
            budget.told = gettext("%(scope)s, %(per)s") % words
        return super().render_change_form(request, context, *args, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Budget | None = None) -> bool:
        # What was charged to it stays on record, and may still be given back: it is set aside. And one that holds
        # stops somebody: without it nobody would be stopped, which is more than one person may decide.
        kept = obj is not None and (obj.uses.exists() or (obj.active and four_eyes.needed(four_eyes.BUDGET)))
        return super().has_delete_permission(request, obj) and not kept

    def save_model(self, request: HttpRequest, obj: Budget, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        (standing,) = budgets.standings([obj], now=timezone.now())
        if standing.shared and obj.active and standing.spent >= obj.cents:
            words = {"spent": money(standing.spent), "allowed": money(obj.cents)}
            text = _("%(spent)s is spent already, and %(allowed)s allowed: nothing more can be drawn.") % words
            self.message_user(request, text, messages.WARNING)

    @display(description=_("whose"), ordering="scope")
    def shown_scope(self, budget: Any) -> str:
        return str(budget.shown.standing.scope if hasattr(budget, "shown") else named([budget.scope])[budget.scope])

    @display(description=_("amount"), ordering="cents")
    def shown_amount(self, budget: Budget) -> str:
        return money(budget.cents)

    @display(description=pgettext_lazy("budget", "spent"))
    def shown_spent(self, budget: Any) -> str:
        shown = budget.shown
        if shown.meter is None:
            return shown.spent
        return render_to_string("admin/parts/progress.html", {"meter": shown.meter})

    @display(description=_("state"), label=LEVEL_COLOURS)
    def shown_level(self, budget: Any) -> tuple[str, Any] | None:
        level = budget.shown.level
        return (str(level), LEVEL_WORDS[level]) if budget.shown.meter and budget.active else None

    @display(description=_("how long it lasts"))
    def shown_outlook(self, budget: Any) -> str:
        return budget.shown.dry or budget.shown.outlook

    @display(description=_("holds"), ordering="active", boolean=True)
    def shown_active(self, budget: Budget) -> bool:
        return budget.active

    def get_queryset(self, request: HttpRequest) -> QuerySet[Budget]:
        return super().get_queryset(request).order_by("-active", "scope", "per")
