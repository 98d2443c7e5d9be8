"""Prize pools being edited, with odds in percent, and their published versions."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet, Sum
from django.forms import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from operations.audited_admin import AuditedAdmin
from operations.read_only_admin import ReadOnlyAdmin
from rewards import pools
from rewards.admin.simulation import Simulates
from rewards.models import PoolVersion, PoolVersionPrize, Prize, PrizePool, PrizeStock
from rewards.odds import SCALE, as_millionths, percent_text
from rewards.scope_budgets import HasBudgets


class PrizeForm(forms.ModelForm):
    """A prize with its odds in percent, exact to the millionth."""

    percent = forms.DecimalField(
        label=_("odds, %"),
        min_value=0,
        max_value=100,
        max_digits=7,
        decimal_places=4,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "data-odds": "", "size": 8}),
    )

    class Meta:
        model = Prize
        fields = ["key", "gift", "percent", "stock", "consolation", "position"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["percent"] = percent_text(self.instance.odds)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if "percent" in self.cleaned_data:
            self.instance.odds = as_millionths(self.cleaned_data["percent"])
        if self.cleaned_data.get("consolation") and self.cleaned_data.get("stock") is not None:
            self.add_error("stock", _("The consolation prize has no limit of stock: it is always there."))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # That there is one consolation prize is seen over all rows together, so that it can move from one to another.
        return super()._get_validation_exclusions() | {"consolation"}  # type: ignore[misc]


class PrizeFormSet(forms.BaseInlineFormSet):
    """All prizes of a pool. A draft may fall short of 100 %; publishing refuses it then."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.is_valid() and not form.cleaned_data.get("DELETE")]
        if sum(bool(form.cleaned_data.get("consolation")) for form in kept) > 1:
            raise ValidationError(_("A pool has one consolation prize."))


class PrizeInline(TabularInline):
    model = Prize
    form = PrizeForm
    formset = PrizeFormSet
    fields = ["key", "gift", "percent", "stock", "consolation", "position"]
    extra = 0
    hide_title = True
    autocomplete_fields = ["gift"]


@admin.register(PrizePool)
class PrizePoolAdmin(Simulates, HasBudgets, AuditedAdmin):
    list_display = ["name", "slug", "shown_version", "shown_published", "shown_prizes", "shown_total"]
    list_select_related = ["current"]
    search_fields = ["slug", "name"]
    fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [PrizeInline]
    actions = ["publish"]
    actions_detail = ["simulate"]
    actions_submit_line = ["save_and_publish"]
    warn_unsaved_form = True
    change_form_outer_before_template = "admin/rewards/pool_state.html"
    change_form_after_template = "admin/rewards/odds_total.html"

    class Media:
        css = {"all": ["admin/charts.css", "admin/budgets.css"]}
        js = [Script("rewards/odds_total.js", type="module")]

    def scope_of(self, obj: PrizePool) -> str:
        return f"pool:{obj.slug}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PrizePool]:
        return super().get_queryset(request).annotate(prize_count=Count("prizes"), odds_total=Sum("prizes__odds"))

    def get_readonly_fields(self, request: HttpRequest, obj: PrizePool | None = None) -> list[str]:
        return ["slug"] if obj is not None and obj.current_id else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: PrizePool | None = None) -> dict[str, list[str]]:
        return {} if obj is not None else dict(self.prepopulated_fields)

    @display(description=_("version"), ordering="current__number")
    def shown_version(self, pool: PrizePool) -> str | None:
        return f"v{pool.current.number}" if pool.current else None

    @display(description=_("published"), ordering="current__published_at")
    def shown_published(self, pool: PrizePool) -> Any:
        return pool.current.published_at if pool.current else None

    @display(description=_("prizes in the draft"), ordering="prize_count")
    def shown_prizes(self, pool: PrizePool) -> int:
        return pool.prize_count  # type: ignore[attr-defined]

    @display(
        description=_("total odds of the draft"), ordering="odds_total", label={"whole": "success", "not": "danger"}
    )
    def shown_total(self, pool: PrizePool) -> tuple[str, str]:
        total = pool.odds_total or 0  # type: ignore[attr-defined]
        return ("whole" if total == SCALE else "not"), f"{percent_text(total)} %"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        pool = self.get_object(request, object_id)
        state = {} if pool is None else state_of(pool)
        return super().change_view(request, object_id, form_url, (extra_context or {}) | state)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the consolation prize last: the row that was it until now gives it up first."""
        prizes = formset.save(commit=False)
        for gone in formset.deleted_objects:
            gone.delete()
        for prize in sorted(prizes, key=lambda prize: prize.consolation):
            prize.save()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "_publish" in request.POST:
            self.save_and_publish(request, form.instance)

    def response_change(self, request: HttpRequest, obj: PrizePool) -> HttpResponse:
        if "_publish" in request.POST:
            return HttpResponseRedirect(request.path)
        return super().response_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Draws answer to the versions of a pool that was published.
        return super().has_delete_permission(request, obj) and (obj is None or obj.current_id is None)

    def has_publish_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("rewards.publish_prizepool")

    @admin.action(description=_("Publish selected pools"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[PrizePool]) -> None:
        for pool in queryset:
            self._publish(request, pool)

    @action(description=_("Save and publish"), permissions=["publish"], attrs={"name": "_publish"})
    def save_and_publish(self, request: HttpRequest, pool: PrizePool) -> None:
        self._publish(request, pool)

    def _publish(self, request: HttpRequest, pool: PrizePool) -> None:
        try:
            version = pools.publish_pool(pool, by=request.user, now=timezone.now())  # type: ignore[arg-type]
        except pools.PoolNotReady as refused:
            for fault in refused.faults:
                self.message_user(request, f"{pool}: {fault.message}", messages.ERROR)
        else:
            words = {"pool": pool, "number": version.number}
            self.message_user(request, _("%(pool)s is published as version %(number)d.") % words, messages.SUCCESS)


def state_of(pool: PrizePool) -> dict[str, Any]:
    """Return what the page of a pool shows above its draft: faults, and the live prizes with what was given."""
    prizes: Iterable[PoolVersionPrize] = []
    if pool.current:
        prizes = pool.current.prizes.select_related("gift")
    stocks = {stock.key: stock for stock in pool.stocks.all()}
    rows = [
        {"prize": prize, "percent": shown_percent(prize), "stock": stocks.get(prize.key) if prize.limited else None}
        for prize in prizes
    ]
    return {"faults": pools.faults(pool), "live_prizes": rows, "live_version": pool.current}


def shown_percent(prize: PoolVersionPrize) -> str:
    """Return the odds of a published prize as text."""
    return f"{percent_text(prize.odds)} %"


class PoolVersionPrizeInline(TabularInline):
    model = PoolVersionPrize
    verbose_name_plural = _("prizes")
    fields = ["key", "gift", "shown_odds", "shown_rolls", "stock", "shown_consolation"]
    readonly_fields = fields
    can_delete = False
    extra = 0
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[PoolVersionPrize]:
        return super().get_queryset(request).select_related("gift")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("odds"))
    def shown_odds(self, prize: PoolVersionPrize) -> str:
        return shown_percent(prize)

    @display(description=_("consolation prize"), label="info")
    def shown_consolation(self, prize: PoolVersionPrize) -> Any:
        return _("yes") if prize.consolation else None

    @display(description=_("rolls"))
    def shown_rolls(self, prize: PoolVersionPrize) -> str:
        return f"{prize.floor:,} – {prize.ceiling - 1:,}" if prize.odds else "–"


@admin.register(PoolVersion)
class PoolVersionAdmin(ReadOnlyAdmin):
    list_display = ["shown_name", "pool", "number", "published_at", "published_by"]
    list_filter = ["pool"]
    list_select_related = ["pool", "published_by"]
    inlines = [PoolVersionPrizeInline]

    @display(description=_("pool version"))
    def shown_name(self, version: PoolVersion) -> str:
        return str(version)


@admin.register(PrizeStock)
class PrizeStockAdmin(ReadOnlyAdmin):
    list_display = ["pool", "key", "stock", "issued", "shown_left"]
    list_filter = ["pool"]
    list_select_related = ["pool"]

    @display(description=_("left"))
    def shown_left(self, stock: PrizeStock) -> int:
        return stock.left
