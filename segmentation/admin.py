"""What operators define (tags, segments, RFM models) and what they watch (runs, members' tags)."""

import time
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import TabularInline
from unfold.decorators import action, display

from members.import_admin import ImportButton
from members.uses import KeptWhileUsed, Name
from operations.audited_admin import AuditedAdmin
from operations.read_only_admin import ReadOnlyAdmin
from segmentation import heat_map, recomputing, reference, rfm, sources, tagging
from segmentation.counting import estimate, read_rule
from segmentation.forms import MemberTagForm, RfmModelForm, SegmentForm, TagForm, TagFormSet, TagGroupForm
from segmentation.models import MemberTag, RfmModel, Segment, SegmentRun, Tag, TagGroup
from segmentation.rule_errors import RuleError
from segmentation.sources import SourceError
from segmentation.why import SaysWhy
from segmentation.wording import OPERATORS, fault_words, rule_words
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


class TagInline(TabularInline):
    model = Tag
    form = TagForm
    formset = TagFormSet
    extra = 0
    hide_title = True
    fields = ["name", "slug", "members_now"]
    readonly_fields = ["members_now"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        return super().get_queryset(request).annotate(carried=Count("member_tags"))

    @display(description=_("members"))
    def members_now(self, tag: Tag) -> int:
        return getattr(tag, "carried", 0)


@admin.register(TagGroup)
class TagGroupAdmin(KeyedAdmin):
    form = TagGroupForm
    inlines = [TagInline]
    list_display = ["name", "slug", "exclusive", "tags_now"]
    search_fields = ["slug", "name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TagGroup]:
        return super().get_queryset(request).annotate(tag_count=Count("tags"))

    @display(description=_("tags"), ordering="tag_count")
    def tags_now(self, group: TagGroup) -> int:
        return group.tag_count  # type: ignore[attr-defined]  # annotated

    def name_of(self, obj: TagGroup) -> Name:
        return "tag_group", obj.slug


@admin.register(MemberTag)
class MemberTagAdmin(ImportButton, AuditedAdmin):
    import_kind = "tags"
    form = MemberTagForm
    list_display = ["member", "tag", "source", "set_at", "expires_at"]
    list_filter = ["source", "tag__group"]
    list_select_related = ["member", "tag__group"]
    search_fields = ["member__uid__exact"]
    search_help_text = _("A whole uid")
    raw_id_fields = ["member"]
    show_full_result_count = False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: MemberTag, form: Any, change: bool) -> None:
        now = timezone.now()
        tagging.set_tag([obj.member_id], obj.tag, source=MemberTag.Source.HAND, now=now, expires_at=obj.expires_at)
        obj.pk = MemberTag.objects.values_list("pk", flat=True).get(member=obj.member_id, tag=obj.tag)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            self._record(request, obj, "deleted")
            tagging.remove_tag([obj.member_id], obj.tag)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[MemberTag]) -> None:
        with transaction.atomic():
            for carried in queryset.select_related("tag"):
                self.delete_model(request, carried)


@admin.register(Segment)
class SegmentAdmin(SaysWhy, PublishedAdmin):
    form = SegmentForm
    pointers = ("members", "refreshed_at")
    list_display = ["name", "slug", "size", "refreshed_at", "last_state"]
    list_select_related = ["members"]
    search_fields = ["slug", "name"]
    actions = ["recompute"]
    actions_detail = ["estimate_now"]
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
        last = SegmentRun.objects.filter(segment=OuterRef("pk")).order_by("-id").values("state")[:1]
        return super().get_queryset(request).annotate(last_run_state=Subquery(last))

    def name_of(self, obj: Segment) -> Name:
        return "segment", obj.slug

    def request_recompute(self, obj: Segment) -> None:
        recomputing.request_recompute(obj, now=timezone.now())

    @display(description=_("members"), ordering="members__size")
    def size(self, segment: Segment) -> int | None:
        return segment.members.size if segment.members else None

    @display(description=_("last run"), label=RUN_COLOURS)
    def last_state(self, segment: Segment) -> tuple[str, Any] | None:
        state = segment.last_run_state  # type: ignore[attr-defined]  # annotated
        return (state, SegmentRun.State(state).label) if state else None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        segment = self.get_object(request, object_id)
        shown = {"segment": segment, "run": segment.runs.first()} if segment else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | shown)

    @display(description=_("in words"))
    def in_words(self, segment: Segment) -> str:
        if not segment.pk:
            return render_to_string("admin/segmentation/rule.html", {"fresh": True})
        try:
            return render_to_string("admin/segmentation/rule.html", {"lines": rule_words(read_rule(segment.rule))})
        except RuleError as error:
            return render_to_string("admin/segmentation/rule.html", {"fault": fault_words(error)})

    @display(description=_("what a rule may say"))
    def reference(self, _segment: Segment) -> str:
        words = {"fields": reference.fields_offered(sources.catalogue()), "operators": OPERATORS.items()}
        return render_to_string("admin/segmentation/reference.html", words)

    @action(description=_("Count members now"), url_path="estimate", icon="calculate", permissions=["view"])
    def estimate_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        segment, clock = get_object_or_404(Segment, pk=object_id), time.monotonic()
        try:
            count = estimate(segment.rule, now=timezone.now())
        except (RuleError, SourceError) as error:
            told = fault_words(error) if isinstance(error, RuleError) else str(error)
            self.message_user(request, told, messages.ERROR)
        else:
            said = _("The rule holds for %(count)s members now, counted in %(seconds).2f s.")
            self.message_user(request, said % {"count": count, "seconds": time.monotonic() - clock})
        return redirect("admin:segmentation_segment_change", object_id)

    @action(description=_("Save and recompute"), permissions=["recompute"])
    def save_and_recompute(self, request: HttpRequest, obj: Segment) -> None:
        self.request_each(request, Segment.objects.filter(pk=obj.pk))

    @admin.action(description=_("Recompute"), permissions=["recompute"])
    def recompute(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        self.request_each(request, queryset)


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


from segmentation import lifecycle_admin, value_admin  # noqa: E402, F401 (they register their admins, by the classes above)
