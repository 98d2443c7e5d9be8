"""Segments: what operators describe, with the state of their members."""

import time
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from members.uses import Name
from operations.once_per_row import once_per_row
from segmentation import recomputing, reference
from segmentation.counting import estimate
from segmentation.definitions import save_rule
from segmentation.editing import AnswersTheEditor
from segmentation.export_admin import ExportsMembers
from segmentation.forms import SegmentForm
from segmentation.freshness_admin import HasFreshness
from segmentation.models import Segment
from segmentation.overlap_matrix import ShowsOverlaps
from segmentation.own_pages import existing
from segmentation.published_admin import STYLES, PublishedAdmin
from segmentation.rule_errors import RuleError
from segmentation.sources import SourceError
from segmentation.starting_admin import HasStartingPoints
from segmentation.told_rules import Known, load_known, told_rule
from segmentation.versions_admin import HasVersions
from segmentation.why import SaysWhy
from segmentation.wording import OPERATORS, fault_words


@admin.register(Segment)
class SegmentAdmin(
    HasStartingPoints,
    HasVersions,
    AnswersTheEditor,
    HasFreshness,
    ShowsOverlaps,
    ExportsMembers,
    SaysWhy,
    PublishedAdmin,
):
    form = SegmentForm
    pointers = ("members", "refreshed_at", "as_of", "families", "next_run_at")
    list_display = ["name", "slug", "size", "refreshed_at", "next_run", "last_state"]
    list_select_related = ["members"]
    search_fields = ["slug", "name"]
    actions = ["recompute"]
    actions_list = ["start_from_a_model", "in_common"]
    actions_detail = ["estimate_now", "see_versions", "export_members"]
    actions_submit_line = ["save_and_recompute"]
    readonly_fields = ["in_words", "reference"]
    change_form_before_template = "admin/segmentation/run.html"
    fieldsets = [
        (None, {"fields": [("name", "slug"), "description"]}),
        (_("Rule"), {"fields": ["in_words", "rule", "reference"]}),
    ]

    class Media:
        css = STYLES

    def has_recompute_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("segmentation.recompute_segment")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Segment]:
        # Packages have an admin of their own.
        return super().get_queryset(request).filter(kind=Segment.Kind.RULE)

    def name_of(self, obj: Segment) -> Name:
        return "segment", obj.slug

    def save_model(self, request: HttpRequest, obj: Segment, form: Any, change: bool) -> None:
        # First the rule, with its version: rules take turns before any row is locked. A package has none.
        if "rule" in form.cleaned_data:
            save_rule(obj, obj.rule, by=request.user, now=timezone.now())
        super().save_model(request, obj, form, change)

    def request_recompute(self, obj: Segment) -> None:
        recomputing.request_recompute(obj, now=timezone.now())

    @display(description=_("members"), ordering="members__size")
    def size(self, segment: Segment) -> int | None:
        return segment.members.size if segment.members else None

    @once_per_row
    def known(self, _segment: Segment) -> Known:
        return load_known()

    @display(description=_("in words"))
    @once_per_row
    def in_words(self, segment: Segment) -> str:
        return told_rule(segment.rule, self.known(segment))

    @display(description=_("what a rule may say"))
    @once_per_row
    def reference(self, segment: Segment) -> str:
        known = self.known(segment)
        fields = reference.fields_offered(known.catalogue, known.names)
        words = {"fields": fields, "operators": OPERATORS.items()}
        return render_to_string("admin/segmentation/reference.html", words)

    @action(description=_("Count members now"), url_path="estimate", icon="calculate", permissions=["view"])
    def estimate_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        segment, clock = existing(self, request, object_id), time.monotonic()
        try:
            count = estimate(segment.rule, now=timezone.now())
        except (RuleError, SourceError) as error:
            told = fault_words(error) if isinstance(error, RuleError) else str(error)
            self.message_user(request, told, messages.ERROR)
        else:
            said = _("The rule holds for %(count)s members now, counted in %(seconds).2f s.")
            self.message_user(request, said % {"count": count, "seconds": time.monotonic() - clock})
        return redirect("admin:segmentation_segment_change", segment.pk)

    @action(description=_("What they have in common"), url_path="in-common", icon="join_inner", permissions=["view"])
    def in_common(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:segmentation_segment_overlaps")

    @action(description=_("Versions"), url_path="to-versions", icon="history", permissions=["view"])
    def see_versions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:segmentation_segment_versions", existing(self, request, object_id).pk)

    @action(description=_("Start from a model"), url_path="to-models", icon="auto_awesome", permissions=["add"])
    def start_from_a_model(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:segmentation_segment_starting_points")

    @action(description=_("Save and recompute"), permissions=["recompute"])
    def save_and_recompute(self, request: HttpRequest, obj: Segment) -> None:
        self.request_each(request, Segment.objects.filter(pk=obj.pk))

    @admin.action(description=_("Recompute"), permissions=["recompute"])
    def recompute(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        self.request_each(request, queryset)
