"""RFM models: what operators configure, and what the last scoring says."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from members.uses import Name
from segmentation import heat_map, rfm
from segmentation.admin import STYLES, PublishedAdmin
from segmentation.forms import RfmModelForm
from segmentation.models import RfmModel
from segmentation.world import site_zone


@admin.register(RfmModel)
class RfmModelAdmin(PublishedAdmin):
    form = RfmModelForm
    pointers = ("current",)
    list_display = ["name", "slug", "method", "scored", "scored_at"]
    list_select_related = ["current"]
    actions = ["recompute"]
    actions_submit_line = ["save_and_recompute"]
    change_form_before_template = "admin/segmentation/rfm_version.html"
    fieldsets = [
        (None, {"fields": [("name", "slug"), "window_days"]}),
        (_("Scores"), {"fields": ["method", ("r_parts", "f_parts", "m_parts"), "thresholds"]}),
    ]

    class Media:
        css = STYLES

    def has_recompute_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("segmentation.recompute_rfmmodel")

    def name_of(self, obj: RfmModel) -> Name:
        return "rfm_model", obj.slug

    def request_recompute(self, obj: RfmModel) -> None:
        now = timezone.now()
        rfm.request_recompute_rfm(obj, at=now.astimezone(site_zone()).date(), now=now)

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
        drawn = heat_map.draw(model.current) if model and model.current else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | drawn)

    @action(description=_("Save and recompute"), permissions=["recompute"])
    def save_and_recompute(self, request: HttpRequest, obj: RfmModel) -> None:
        self.request_each(request, RfmModel.objects.filter(pk=obj.pk))

    @admin.action(description=_("Recompute"), permissions=["recompute"])
    def recompute(self, request: HttpRequest, queryset: QuerySet[RfmModel]) -> None:
        self.request_each(request, queryset)
