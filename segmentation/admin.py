"""What operators define (tags, segments, RFM models) and what they watch (runs, members' tags)."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display

from members.uses import KeptWhileUsed, Name
from operations.audited_admin import AuditedAdmin
from operations.read_only_admin import ReadOnlyAdmin
from segmentation import heat_map, rfm
from segmentation.forms import RfmModelForm
from segmentation.models import RfmModel, SegmentRun
from segmentation.world import site_zone

STYLES = {"all": ["admin/charts.css", "admin/segmentation.css"]}
RUN_COLOURS = {"done": "success", "failed": "danger"}


class KeyedAdmin(KeptWhileUsed, AuditedAdmin):
    """The key follows the name while a thing is new, and stays once it is saved."""

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> dict[str, list[str]]:
        return {} if obj is not None else {"slug": ["name"]}


class PublishedAdmin(KeyedAdmin):
    """Definitions whose results workers publish: `pointers` are theirs, and a form must not write old ones back."""

    pointers: tuple[str, ...] = ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            fresh = self.model._base_manager.select_for_update().get(pk=obj.pk)
            for pointer in self.pointers:
                setattr(obj, pointer, getattr(fresh, pointer))
        super().save_model(request, obj, form, change)
        if form.changed_data:
            self.request_recompute(obj)

    def request_recompute(self, obj: Any) -> None:
        """Ask a worker to compute the result anew."""
        raise NotImplementedError

    @transaction.atomic
    def request_each(self, request: HttpRequest, queryset: QuerySet) -> None:
        for obj in queryset:
            self.request_recompute(obj)
        count = len(queryset)
        self.message_user(request, ngettext("%d asked of a worker.", "%d asked of a worker.", count) % count)


@admin.register(SegmentRun)
class SegmentRunAdmin(ReadOnlyAdmin):
    list_display = ["segment", "state_label", "started_at", "seconds", "size", "entered", "left"]
    list_filter = ["state", "segment"]
    list_select_related = ["segment"]
    show_full_result_count = False
    fieldsets = [
        (None, {"fields": ["segment", "state", "started_at", "seconds"]}),
        (_("Members"), {"fields": ["size", "entered", "left"]}),
        (_("Error"), {"fields": ["error_text"]}),
    ]

    @display(description=_("state"), ordering="state", label=RUN_COLOURS)
    def state_label(self, run: SegmentRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @display(description=_("seconds"))
    def seconds(self, run: SegmentRun) -> str:
        return "–" if run.seconds is None else f"{run.seconds:.2f}"

    @display(description=_("error"))
    def error_text(self, run: SegmentRun) -> str:
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', run.error or "–")


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


# They build on the classes above, and Django looks for admins here.
from segmentation import (
    segment_admin,  # noqa: F401
    tag_admin,  # noqa: F401
)
