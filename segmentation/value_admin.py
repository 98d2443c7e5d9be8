"""Value models, as operators set them and see their result."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from members.uses import Name
from segmentation import daily_models, member_sets, value, value_charts
from segmentation.model_forms import ValueModelForm
from segmentation.models import ValueModel, ValueSet
from segmentation.published_admin import STYLES, PublishedAdmin
from segmentation.set_members import members_page
from segmentation.value_versions import NAMES
from segmentation.wording import DEGREE_NAMES, TIER_NAMES, VALUE_COLUMNS


@admin.register(ValueModel)
class ValueModelAdmin(PublishedAdmin):
    form = ValueModelForm
    pointers = ("current", "next_run_at")
    list_display = ["name", "slug", "is_default", "scored", "scored_at", "daily_at"]
    list_filter = ["is_default"]
    search_fields = ["slug", "name"]
    list_select_related = ["current"]
    actions = ["recompute"]
    actions_submit_line = ["save_and_recompute"]
    change_form_before_template = "admin/segmentation/value_version.html"
    fieldsets = [
        (None, {"fields": [("name", "slug"), "description", ("is_default", "daily_at")]}),
        (
            _("Score"),
            {
                "fields": [
                    "window_days",
                    ("amount_weight", "frequency_weight"),
                    ("interaction_weight", "interaction_events"),
                    "reputation_weight",
                    ("reputation_events", "reputation_event_points"),
                ]
            },
        ),
        (
            _("Tiers"),
            {
                "fields": [
                    "tiers_by",
                    ("core_share", "high_potential_share"),
                    ("core_score", "high_potential_score"),
                ]
            },
        ),
        (_("Spending power"), {"fields": ["spending_by", ("high_spenders_share", "middle_spenders_share")]}),
        (_("Churn risk"), {"fields": [("churn_middle", "churn_high"), ("own_gap_orders", "fewest_gaps")]}),
        (_("Loyalty"), {"fields": [("loyal_orders", "loyal_span_days"), ("loyal_spread", "returning_orders")]}),
    ]

    class Media:
        css = STYLES

    def has_recompute_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("segmentation.recompute_valuemodel")

    def name_of(self, obj: ValueModel) -> Name:
        return "value_model", obj.slug

    def request_recompute(self, obj: ValueModel) -> None:
        value.request_recompute_value(obj, now=timezone.now())

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "daily_at" in form.changed_data:
            daily_models.plan(obj, now=timezone.now())
            obj.save(update_fields=["next_run_at"])

    @display(description=_("members"), ordering="current__size")
    def scored(self, model: ValueModel) -> int | None:
        return model.current.size if model.current else None

    @display(description=_("window up to"), ordering="current__at")
    def scored_at(self, model: ValueModel) -> Any:
        return model.current.at if model.current else None

    def get_urls(self) -> list[URLPattern]:
        members = self.admin_site.admin_view(self.members_view)
        address = "<int:model_id>/members/<slug:column>/<slug:name>/"
        return [path(address, members, name="segmentation_valuemodel_members"), *super().get_urls()]

    def members_view(self, request: HttpRequest, model_id: int, column: str, name: str) -> HttpResponse:
        """List the members of a tier or degree, as the last good version has them."""
        model = get_object_or_404(ValueModel, pk=model_id)
        sets = ValueSet.objects.filter(version=model.current_id, dimension=column, value=name)
        found = sets.first() if name in NAMES.get(column, ()) else None
        if found is None:
            raise Http404
        words = {"model": model, "column": VALUE_COLUMNS[column], "name": (TIER_NAMES | DEGREE_NAMES)[name]}
        title = say("%(model)s: %(column)s %(name)s") % words
        return members_page(request, member_sets.load(found.members_id), title=title, of=model, site=self.admin_site)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        model = self.get_object(request, object_id)
        drawn = value_charts.draw(model.current) if model and model.current else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | drawn)

    @action(description=_("Save and recompute"), permissions=["recompute"])
    def save_and_recompute(self, request: HttpRequest, obj: ValueModel) -> None:
        self.request_each(request, ValueModel.objects.filter(pk=obj.pk))

    @admin.action(description=_("Recompute"), permissions=["recompute"])
    def recompute(self, request: HttpRequest, queryset: QuerySet[ValueModel]) -> None:
        self.request_each(request, queryset)
