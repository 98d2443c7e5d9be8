"""Lifecycle models, as operators set them and see their result."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display

from members.uses import Name
from operations.field_help import HelpedFields
from segmentation import daily_models, lifecycle, lifecycle_charts, member_sets
from segmentation.model_forms import CategoryCycleForm, LifecycleModelForm
from segmentation.models import CategoryCycle, LifecycleModel, LifecycleSet
from segmentation.published_admin import STYLES, PublishedAdmin
from segmentation.set_members import members_page
from segmentation.wording import STAGE_NAMES


class CategoryCycleInline(HelpedFields, TabularInline):
    model = CategoryCycle
    form = CategoryCycleForm
    extra = 0
    hide_title = True


@admin.register(LifecycleModel)
class LifecycleModelAdmin(PublishedAdmin):
    form = LifecycleModelForm
    inlines = [CategoryCycleInline]
    pointers = ("current", "next_run_at")
    list_display = ["name", "slug", "is_default", "staged", "staged_at", "daily_at"]
    list_filter = ["is_default"]
    search_fields = ["slug", "name"]
    list_select_related = ["current"]
    actions = ["recompute"]
    actions_submit_line = ["save_and_recompute"]
    change_form_before_template = "admin/segmentation/lifecycle_version.html"
    fieldsets = [
        (None, {"fields": [("name", "slug"), "description", ("is_default", "daily_at")]}),
        (_("Interested and new"), {"fields": [("interested_days", "interested_events"), ("new_days", "new_years")]}),
        (_("By the last order"), {"fields": [("active_days", "sleeping_days"), "priority"]}),
        (
            _("Repurchase"),
            {"fields": [("due_from", "due_until"), ("repeat_share", "fewest_gaps"), "learning_days"]},
        ),
    ]

    class Media:
        css = STYLES

    def has_recompute_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("segmentation.recompute_lifecyclemodel")

    def name_of(self, obj: LifecycleModel) -> Name:
        return "lifecycle_model", obj.slug

    def request_recompute(self, obj: LifecycleModel) -> None:
        lifecycle.request_recompute_lifecycle(obj, now=timezone.now())

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "daily_at" in form.changed_data:
            daily_models.plan(obj, now=timezone.now())
            obj.save(update_fields=["next_run_at"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not form.changed_data and any(formset.has_changed() for formset in formsets):
            self.request_recompute(form.instance)

    @display(description=_("members"), ordering="current__size")
    def staged(self, model: LifecycleModel) -> int | None:
        return model.current.size if model.current else None

    @display(description=_("staged at"), ordering="current__at")
    def staged_at(self, model: LifecycleModel) -> Any:
        return model.current.at if model.current else None

    def get_urls(self) -> list[URLPattern]:
        members = self.admin_site.admin_view(self.members_view)
        return [
            path("<int:model_id>/members/<slug:stage>/", members, name="segmentation_lifecyclemodel_members"),
            *super().get_urls(),
        ]

    def members_view(self, request: HttpRequest, model_id: int, stage: str) -> HttpResponse:
        """List the members of a stage, as the last good version has them."""
        model = get_object_or_404(LifecycleModel, pk=model_id)
        found = LifecycleSet.objects.filter(version=model.current_id, stage=stage).first()
        if found is None or stage not in STAGE_NAMES:
            raise Http404
        title = say("%(model)s: %(stage)s") % {"model": model, "stage": STAGE_NAMES[stage]}
        return members_page(request, member_sets.load(found.members_id), title=title, of=model, site=self.admin_site)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        model = self.get_object(request, object_id)
        drawn = lifecycle_charts.draw(model.current) if model and model.current else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | drawn)

    @action(description=_("Save and recompute"), permissions=["recompute"])
    def save_and_recompute(self, request: HttpRequest, obj: LifecycleModel) -> None:
        self.request_each(request, LifecycleModel.objects.filter(pk=obj.pk))

    @admin.action(description=_("Recompute"), permissions=["recompute"])
    def recompute(self, request: HttpRequest, queryset: QuerySet[LifecycleModel]) -> None:
        self.request_each(request, queryset)
