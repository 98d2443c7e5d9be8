"""Published versions of prize pools, and their live stock: to be seen, not edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from operations.read_only_admin import ReadOnlyAdmin
from rewards.models import PoolVersion, PrizeStock
from rewards.money import short_money
from rewards.odds import percent_text
from rewards.pool_changes import differences, limit_names
from rewards.pool_rules import rules_in_words
from rewards.pool_terms import PoolTerms, terms_of_version


@admin.register(PoolVersion)
class PoolVersionAdmin(ReadOnlyAdmin):
    list_display = ["shown_name", "pool", "number", "published_at", "published_by", "reason"]
    search_fields = ["pool__name", "pool__slug", "reason"]
    list_filter = ["pool"]
    list_select_related = ["pool", "published_by"]
    fields = [("pool", "number"), ("published_at", "published_by"), "stage", "reason"]
    change_form_after_template = "admin/rewards/pool_version.html"

    class Media:
        css = {"all": ["admin/charts.css", "admin/pools.css"]}

    @display(description=_("pool version"))
    def shown_name(self, version: PoolVersion) -> str:
        return str(version)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        version = self.get_object(request, object_id)
        shown = {} if version is None else contents_of(version)
        return super().change_view(request, object_id, form_url, (extra_context or {}) | shown)


def contents_of(version: PoolVersion) -> dict[str, Any]:
    """Return what a version promises, and what it changed."""
    terms = _terms(version)
    before = version.pool.versions.filter(number__lt=version.number).first()
    prizes = [
        {
            "terms": prize,
            "odds": f"{percent_text(prize.odds)} %",
            "rolls": f"{floor:,} – {floor + prize.odds - 1:,}" if prize.odds else "–",
            "value": short_money(prize.face_value),
            "cost": short_money(prize.cost),
            "limits": [getattr(prize, limit) for limit in limit_names()],
        }
        for prize, floor in zip(terms.prizes, _floors(terms), strict=True)
    ]
    return {
        "prizes": prizes,
        "limits": limit_names().values(),
        "rules": rules_in_words(terms),
        "before": before,
        "changes": differences(_terms(before), terms) if before else [],
    }


def _terms(version: PoolVersion) -> PoolTerms:
    return terms_of_version(version, version.prizes.select_related("gift").order_by("floor", "ceiling", "position"))


def _floors(terms: PoolTerms) -> list[int]:
    return [sum(prize.odds for prize in terms.prizes[:place]) for place in range(len(terms.prizes))]


@admin.register(PrizeStock)
class PrizeStockAdmin(ReadOnlyAdmin):
    list_display = ["pool", "key", "slice", "stock", "issued", "shown_left"]
    search_fields = ["pool__name", "pool__slug", "key"]
    list_filter = ["pool"]
    list_select_related = ["pool"]

    @display(description=_("left"))
    def shown_left(self, stock: PrizeStock) -> int:
        return stock.left
