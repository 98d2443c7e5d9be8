"""RFM models: what operators configure, and what the last scoring says."""

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from members.uses import Name
from segmentation import rfm, rfm_models, rfm_result
from segmentation.forms import RfmModelForm
from segmentation.models import RfmModel
from segmentation.own_pages import existing
from segmentation.published_admin import STYLES, PublishedAdmin
from segmentation.rfm_pages import ShowsResults

COPIED = ("description", "window_days", "method", "r_parts", "f_parts", "m_parts", "daily_at")


@admin.register(RfmModel)
class RfmModelAdmin(ShowsResults, PublishedAdmin):
    form = RfmModelForm
    pointers = ("current", "next_run_at", "is_default")
    beside = frozenset({"name", "description", "is_default", "daily_at"})
    list_display = ["name", "slug", "default", "method", "scored", "scored_at", "next_run_at"]
    list_select_related = ["current"]
    search_fields = ["slug", "name"]
    readonly_fields = ["next_run_at"]
    actions = ["recompute"]
    actions_detail = ["see_result", "duplicate"]
    actions_submit_line = ["save_and_recompute"]
    change_form_before_template = "admin/segmentation/rfm_version.html"
    fieldsets = [
        (None, {"fields": [("name", "slug"), "description", "is_default"]}),
        (_("Orders that count"), {"fields": ["window_days"]}),
        (_("Scores"), {"fields": ["method", ("r_parts", "f_parts", "m_parts"), "thresholds"]}),
        (_("Schedule"), {"fields": [("daily_at", "next_run_at")]}),
    ]

    class Media:
        css = STYLES

    def has_recompute_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("segmentation.recompute_rfmmodel")

    def has_duplicate_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.has_add_permission(request)

    def name_of(self, obj: RfmModel) -> Name:
        return "rfm_model", obj.slug

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Versions and sets go with their model, and are not worth a line each.
        stays = [
            _now("%(model)s is the default: choose another first") % {"model": obj} for obj in objs if obj.is_default
        ]
        counts = {self.opts.verbose_name_plural: len(objs)}
        return [str(obj) for obj in objs], counts, set(), [*stays, *self._uses(objs)]

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._record(request, obj, "deleted")
        rfm_models.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RfmModel]) -> None:
        for model in queryset:
            self.delete_model(request, model)

    def save_model(self, request: HttpRequest, obj: RfmModel, form: Any, change: bool) -> None:
        chosen = obj.is_default and "is_default" in form.changed_data
        obj.is_default = False
        super().save_model(request, obj, form, change)
        if chosen:
            rfm_models.make_default(obj)
        if "daily_at" in form.changed_data:
            rfm_models.plan(obj, now=timezone.now())

    def request_recompute(self, obj: RfmModel) -> None:
        rfm.request_recompute_rfm(obj, now=timezone.now())

    @display(description=_("default"), boolean=True, ordering="is_default")
    def default(self, model: RfmModel) -> bool:
        return model.is_default

    @display(description=_("members"), ordering="current__size")
    def scored(self, model: RfmModel) -> int | None:
        return model.current.size if model.current else None

    @display(description=_("orders up to"), ordering="current__at")
    def scored_at(self, model: RfmModel) -> Any:
        return model.current.at if model.current else None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        model = self.get_object(request, object_id)
        drawn = rfm_result.overview(model.current) if model and model.current else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | drawn)

    @action(description=_("All cells and moves"), url_path="see-result", icon="grid_on", permissions=["view"])
    def see_result(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:segmentation_rfmmodel_result", existing(self, request, object_id).pk)

    @action(description=_("Duplicate"), url_path="duplicate", icon="content_copy", permissions=["duplicate"])
    def duplicate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open the form of a new model that is filled with what this one says."""
        model = existing(self, request, object_id)
        filled = {name: getattr(model, name) for name in COPIED if getattr(model, name) not in (None, "")}
        filled |= {"name": _now("%(name)s (copy)") % {"name": model.name}, "slug": f"{model.slug[:45]}-copy"}
        if model.thresholds:
            filled["thresholds"] = json.dumps(model.thresholds)
        return redirect(f"{reverse('admin:segmentation_rfmmodel_add')}?{urlencode(filled)}")

    @action(description=_("Save and recompute"), permissions=["recompute"])
    def save_and_recompute(self, request: HttpRequest, obj: RfmModel) -> None:
        self.request_each(request, RfmModel.objects.filter(pk=obj.pk))

    @admin.action(description=_("Recompute"), permissions=["recompute"])
    def recompute(self, request: HttpRequest, queryset: QuerySet[RfmModel]) -> None:
        self.request_each(request, queryset)
