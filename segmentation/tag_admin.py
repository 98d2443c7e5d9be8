"""Tags in their groups, the members who carry them, and the history of that."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Case, Count, Model, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from members.import_admin import ImportButton
from members.uses import Name
from operations.audited_admin import AuditedAdmin
from operations.charts import Bar, Bars, share
from operations.field_help import HelpedFields
from operations.read_only_admin import ReadOnlyAdmin
from segmentation import tagging, tagging_by_rule
from segmentation.models import MemberTag, Tag, TagChange, TagGroup
from segmentation.published_admin import STYLES, KeyedAdmin
from segmentation.tag_forms import MemberTagForm, TagForm, TagGroupForm, TagInlineForm
from segmentation.tag_panel import change_of_one
from segmentation.told_rules import told_rule
from segmentation.uid_lists import name_of

ACTION_COLOURS = {"set": "success", "changed": "info", "replaced": "warning", "removed": "danger", "expired": "default"}


class TagInline(HelpedFields, TabularInline):
    """Tags are deleted on their own pages, where what is in the way is counted and not listed."""

    model = Tag
    form = TagInlineForm
    extra = 0
    hide_title = True
    can_delete = False
    show_change_link = True
    fields = ["name", "slug", "valid_days", "position", "members_now"]
    readonly_fields = ["members_now"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        return super().get_queryset(request).annotate(carried=Count("member_tags")).order_by("position", "slug")

    @display(description=_("members"))
    def members_now(self, tag: Tag) -> int:
        return getattr(tag, "carried", 0)


@admin.register(TagGroup)
class TagGroupAdmin(KeyedAdmin):
    form = TagGroupForm
    inlines = [TagInline]
    list_display = ["name", "slug", "exclusive", "tags_now"]
    list_filter = ["exclusive"]
    search_fields = ["slug", "name"]
    change_form_before_template = "admin/segmentation/tag_bars.html"

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[TagGroup]:
        return super().get_queryset(request).annotate(tag_count=Count("tags"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        group = self.get_object(request, object_id)
        drawn = {"chart": _bars(group)} if isinstance(group, TagGroup) else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | drawn)

    @display(description=_("tags"), ordering="tag_count")
    def tags_now(self, group: TagGroup) -> int:
        return group.tag_count  # type: ignore[attr-defined]  # annotated

    def name_of(self, obj: TagGroup) -> Name:
        return "tag_group", obj.slug


def _bars(group: TagGroup) -> Bars | None:
    tags = list(group.tags.annotate(carried=Count("member_tags")).order_by("position", "slug"))
    most = max((tag.carried for tag in tags), default=0)
    if not most:
        return None
    bars = tuple(Bar(tag.name, share(tag.carried, most), f"{tag.carried:,}") for tag in tags)
    return Bars(gettext("Members by tag"), bars)


@admin.register(Tag)
class TagAdmin(KeyedAdmin):
    form = TagForm
    list_display = ["name", "group", "slug", "kind", "valid_days", "members_now"]
    list_filter = ["group"]
    list_select_related = ["group"]
    search_fields = ["slug", "name"]
    readonly_fields = ["in_words"]
    fieldsets = [
        (None, {"fields": [("name", "slug"), "group", "description", ("valid_days", "position")]}),
        (_("Rule"), {"fields": ["in_words", "rule"]}),
    ]

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        # Counted apart from the tags: by the index of the tag alone, which millions of rows take a moment for.
        counts = getattr(request, "tags_carried", None)
        if counts is None:
            counts = dict(MemberTag.objects.order_by().values_list("tag").annotate(members=Count("pk")))
            request.tags_carried = counts  # type: ignore[attr-defined]
        whens = [When(pk=tag_id, then=Value(members)) for tag_id, members in counts.items()]
        return super().get_queryset(request).annotate(carried=Case(*whens, default=0))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["in_words", "group"] if obj else ["in_words"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        self.prepare_export(request)
        return super().changelist_view(request, extra_context)

    def prepare_export(self, request: HttpRequest) -> None:
        self.get_queryset(request)
        self.most = max(request.tags_carried.values(), default=0) or 1  # type: ignore[attr-defined]

    def name_of(self, obj: Tag) -> Name:
        return "tag", f"{obj.group.slug}.{obj.slug}"

    def save_model(self, request: HttpRequest, obj: Tag, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if obj.rule is not None and {"rule", "position"} & set(form.changed_data):
            tagging_by_rule.request_recompute(obj, now=timezone.now())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Django would list every member that carries a tag, and every line of its history.
        held = [words for tag in objs if (words := _held(tag))]
        allowed = self.has_delete_permission(request)
        told = [str(tag) for tag in objs]
        missing = set() if allowed else {str(self.opts.verbose_name)}
        return told, {self.opts.verbose_name_plural: len(told)}, missing, [*held, *self._uses(objs)]

    @display(description=_("kind"), label={"rule": "info", "hand": "default"})
    def kind(self, tag: Tag) -> tuple[str, str]:
        return ("hand", gettext("set by hand, files, calls")) if tag.rule is None else ("rule", gettext("by rule"))

    @display(description=_("members"), ordering="carried")
    def members_now(self, tag: Any) -> str:
        return render_to_string("admin/segmentation/tag_bar.html", {"tag": tag, "most": self.most})

    @display(description=_("in words"))
    def in_words(self, tag: Tag) -> str:
        return told_rule(tag.rule)


def _held(tag: Tag) -> str:
    count = tag.member_tags.count()
    words = ngettext("%(count)s member carries it", "%(count)s members carry it", count) % {"count": count}
    return f"{tag} ← {words}" if count else ""


@admin.register(MemberTag)
class MemberTagAdmin(ImportButton, AuditedAdmin):
    import_kind = "tags"
    form = MemberTagForm
    list_display = ["member", "tag", "source", "set_by", "set_at", "expires_at"]
    list_filter = ["source", "tag__group"]
    list_select_related = ["member", "tag__group"]
    search_fields = ["member__uid__exact"]
    search_help_text = _("A whole uid")
    raw_id_fields = ["member"]
    grows = True

    def get_urls(self) -> list[URLPattern]:
        one = self.admin_site.admin_view(change_of_one)
        return [
            path("of/<int:member_id>/", one, name="segmentation_membertag_of"),
            *super().get_urls(),
        ]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        follows = isinstance(obj, MemberTag) and obj.tag.rule is not None
        return not follows and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: MemberTag, form: Any, change: bool) -> None:
        tagging.set_tag(
            [obj.member_id],
            obj.tag,
            source=MemberTag.Source.HAND,
            set_by=name_of(request.user),
            now=timezone.now(),
            expires_at=obj.expires_at,
        )
        obj.pk = MemberTag.objects.values_list("pk", flat=True).get(member=obj.member_id, tag=obj.tag)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            self._record(request, obj, "deleted")
            tagging.remove_tag(
                [obj.member_id],
                obj.tag,
                source=MemberTag.Source.HAND,
                set_by=name_of(request.user),
                now=timezone.now(),
            )

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[MemberTag]) -> None:
        with transaction.atomic():
            for carried in queryset.filter(tag__rule__isnull=True).select_related("tag__group"):
                self.delete_model(request, carried)


@admin.register(TagChange)
class TagChangeAdmin(ReadOnlyAdmin):
    list_display = ["member", "tag", "happened", "source", "set_by", "at", "expires_at"]
    list_filter = ["action", "source", "tag__group"]
    list_select_related = ["member", "tag__group"]
    search_fields = ["member__uid__exact", "set_by__exact"]
    search_help_text = _("A whole uid, or who set it: a user, a file, a client, a campaign’s key")
    ordering = ["-id"]

    @display(description=_("what happened"), ordering="action", label=ACTION_COLOURS)
    def happened(self, change: TagChange) -> tuple[str, str]:
        return change.action, change.get_action_display()
