"""Tags in their groups, and the members who carry them."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from members.import_admin import ImportButton
from members.uses import Name
from operations.audited_admin import AuditedAdmin
from segmentation import tagging
from segmentation.admin import KeyedAdmin
from segmentation.forms import MemberTagForm, TagForm, TagFormSet, TagGroupForm
from segmentation.models import MemberTag, Tag, TagGroup


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
