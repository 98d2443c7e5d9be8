"""What operators define (tags, segments, RFM models) and what they watch (runs, members' tags)."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from members.uses import KeptWhileUsed
from operations.audited_admin import AuditedAdmin
from operations.read_only_admin import ReadOnlyAdmin
from segmentation.models import SegmentRun

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


from segmentation import (  # noqa: E402, F401
    rfm_admin,
    segment_admin,
    tag_admin,
)
