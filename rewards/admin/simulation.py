"""The page of a pool on which its draft is tried out before it is published."""

from datetime import date
from time import perf_counter
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from operations.date_bounds import check_moment
from rewards import forecast_charts, forecast_words, pools
from rewards.forecast_words import Told
from rewards.forecasting import binds_members, forecast
from rewards.models import PrizePool
from rewards.money import as_amount, as_cents, symbol
from rewards.pools_to_simulate import budgets_left, draft_to_simulate
from rewards.simulated_draws import MOST_DAYS, MOST_EACH, Course, Scenario, Spread
from rewards.simulated_pool import Per, SimulatedBudget, SimulatedPool

# What a request answers within about three seconds; `manage.py simulate_pool` takes more.
MOST_DRAWS, MOST_DRAWS_BY_MEMBER = 2_000_000, 500_000
MOST_MEMBERS = 10_000_000
LAST_SEED = 2**32 - 1
DRAWS, DAYS, DRAWS_EACH = 50_000, 14, 5


def _whole(label: Any, most: int, least: int = 1, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=capfirst(label), min_value=least, max_value=most, widget=UnfoldAdminIntegerFieldWidget, **more
    )


def _money(label: Any, help_text: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=capfirst(label),
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=help_text,
    )


class ScenarioForm(forms.Form):
    """Who draws how often and when, and for how much money."""

    draws = _whole(_("number of draws"), MOST_DRAWS, initial=DRAWS)
    members = _whole(_("members who draw"), MOST_MEMBERS, initial=DRAWS // DRAWS_EACH)
    days = _whole(_("days"), MOST_DAYS, initial=DAYS)
    begins = forms.DateField(
        label=capfirst(_("first day")),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        localize=False,
        validators=[check_moment],
    )
    course = forms.ChoiceField(
        label=_("Draws over the days"),
        choices=[
            (Course.STEADY, _("the same each day")),
            (Course.FALLING, _("most in the first days")),
            (Course.RISING, _("most in the last days")),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    spread = forms.ChoiceField(
        label=_("Draws over the members"),
        choices=[
            (Spread.UNEVEN, _("a tenth of them make a third of the draws")),
            (Spread.EVEN, _("everyone as many")),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    budget = _money(_("budget in all"), _("Empty: no limit. The budget of the pool itself, as far as it is left."))
    day_budget = _money(_("budget a day"), _("Empty: no limit."))
    seed = _whole(_("seed"), LAST_SEED, least=0, initial=1, help_text=_("The same seed gives the same draws."))

    def __init__(self, data: Any, pool: SimulatedPool, budgets: list[SimulatedBudget]):
        self.pool = pool
        # Those of members are not asked for: they hold as they are.
        self.of_members = [each for each in budgets if each.of_member]
        initial = {each.per: as_amount(each.cents) for each in budgets if not each.of_member}
        first = {"begins": timezone.localdate().isoformat()}
        super().__init__(data, initial={"budget": initial.get(Per.TOTAL), "day_budget": initial.get(Per.DAY)} | first)
        for name in ("budget", "day_budget"):
            self.fields[name].label = f"{self.fields[name].label} ({symbol().strip()})"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        draws, members = given.get("draws"), given.get("members")
        if draws and members and draws > members * MOST_EACH:
            self.add_error("members", _("More than %(most)d draws each: give more members.") % {"most": MOST_EACH})
        if draws and draws > MOST_DRAWS_BY_MEMBER and binds_members(self.pool, self.budgets):
            most = number_format(MOST_DRAWS_BY_MEMBER, force_grouping=True)
            message = _(
                "At most %(most)s draws are simulated here for a pool with a guaranteed win or limits for each member; "
                "the command simulate_pool takes more."
            )
            self.add_error("draws", message % {"most": most})
        return given

    @property
    def budgets(self) -> list[SimulatedBudget]:
        asked = [("budget", Per.TOTAL), ("day_budget", Per.DAY)]
        given = [(self.cleaned_data.get(name), per) for name, per in asked]
        return [*(SimulatedBudget(as_cents(amount), per) for amount, per in given if amount), *self.of_members]

    @property
    def scenario(self) -> Scenario:
        given = self.cleaned_data
        course, spread = Course(given["course"]), Spread(given["spread"])
        return Scenario(given["draws"], given["members"], given["days"], given["seed"], course, spread)


class Simulates(ModelAdmin):
    """Inherit from this to give the admin of pools the page, and name `simulate` in `actions_detail`."""

    @action(description=_("Simulate"), permissions=["view"], url_path="simulate", icon="casino")
    def simulate(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show what the draft as it is saved would give and cost. Nothing is recorded."""
        pool = get_object_or_404(PrizePool, pk=object_id)
        context = self.admin_site.each_context(request) | {
            "title": _("Simulation of %(pool)s") % {"pool": pool},
            "opts": self.opts,
            "original": pool,
            "page": reverse("admin:rewards_prizepool_change", args=[pool.pk]),
        }
        return TemplateResponse(request, "admin/rewards/simulation.html", context | simulated(pool, request.GET))


def simulated(pool: PrizePool, asked: Any) -> dict[str, Any]:
    """Return what the page shows: why nobody could draw from the draft, or the form and the forecast it asks for."""
    try:
        draft = draft_to_simulate(pool)
    except ValueError:
        return {
            "faults": pools.faults(pool, now=timezone.now()) or [{"message": _now("Nobody can draw from this draft.")}]
        }
    form = ScenarioForm(asked if "draws" in asked else None, draft, budgets_left(pool))
    given = sum(stock.issued for stock in pool.stocks.all())
    shown = {"form": form, "given_already": given, "budgets_of_members": form.of_members}
    return shown | shown_forecast(draft, form) if form.is_valid() else shown


def shown_forecast(draft: SimulatedPool, form: ScenarioForm) -> dict[str, Any]:
    """Return the forecast in words and charts, and how long it took."""
    started = perf_counter()
    found = forecast(draft, form.scenario, form.budgets)
    begins: date = form.cleaned_data["begins"]
    told = Told(found, begins)
    return {
        "forecast": found,
        "seconds": perf_counter() - started,
        "conclusions": forecast_words.conclusions(told),
        "warnings": forecast_words.warnings(told),
        "figures": forecast_words.figures(told),
        "rows": list(forecast_charts.rows(told)),
        "prizes": forecast_charts.prizes(told),
        "falls": forecast_charts.falls(told),
        "cost": forecast_charts.cost(told),
        "dryness": forecast_charts.dryness(told),
    }
