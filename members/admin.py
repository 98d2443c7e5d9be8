"""Members, their orders and what they are described by, as operators see them.

Facts come in by import and API only, so members and orders can be looked at, not edited. Levels and attributes are the
operator's own.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from members import (
    level_admin,  # noqa: F401 (registers the admins of levels)
    order_admin,  # noqa: F401 (registers the admins of orders and refunds)
    seen_by,
)
from members.attribute_form import AttributeForm
from members.facts_admin import FactsAdmin
from members.import_admin import ImportButton
from members.masking import masked_name
from members.models import Attribute, Member
from members.portrait_admin import PortraitAdmin
from members.privacy_admin import PrivacyAdmin
from members.uses import KeptWhileUsed, Name
from operations.audited_admin import AuditedAdmin
from operations.list_filters import distinct_values

SHOWN_REGIONS = 40


class RegionFilter(admin.SimpleListFilter):
    """Regions are free text, so only so many are offered."""

    title = _("region")
    parameter_name = "region"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        regions = distinct_values(Member._meta.get_field("region"), most=SHOWN_REGIONS)
        return [(region, region) for region in regions]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> QuerySet[Member]:
        return queryset.filter(region=self.value()) if self.value() else queryset


@admin.register(Attribute)
class AttributeAdmin(KeptWhileUsed, AuditedAdmin):
    form = AttributeForm
    fields = [("label", "label_en"), ("slug", "kind"), "choices"]
    list_display = ["__str__", "slug", "kind"]
    list_filter = ["kind"]
    search_fields = ["label", "label_en", "slug"]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Django would list every value that is in the way, one for each member.
        if held := [
            _held(each)
            for each in Attribute.objects.filter(pk__in=[obj.pk for obj in objs], values__isnull=False).annotate(
                members=Count("values")
            )
        ]:
            return [], {}, set(), [*held, *self._uses(objs)]
        return super().get_deleted_objects(objs, request)

    def get_readonly_fields(self, request: HttpRequest, obj: Attribute | None = None) -> list[str]:
        # Values have been stored under this key as this type.
        return ["slug", "kind"] if obj else []

    def name_of(self, obj: Attribute) -> Name:
        return "attribute", obj.slug


def _held(attribute: Attribute) -> str:
    members = attribute.members  # type: ignore[attr-defined]
    words = ngettext("%(count)s member has a value of it", "%(count)s members have a value of it", members)
    return f"{attribute} ← {words % {'count': members}}"


@admin.register(Member)
class MemberAdmin(PrivacyAdmin, PortraitAdmin, ImportButton, FactsAdmin):
    import_kind = "members"
    list_display = ["uid", "name", "level", "region", "shown_phone", "shown_email", "joined_at"]
    list_filter = ["level", RegionFilter, "gender"]
    list_select_related = ["level"]
    search_fields = ["uid__startswith", "name__startswith"]
    search_help_text = _("The beginning of the uid or of the name, or a whole phone number or email address")
    ordering = ["-id"]

    def get_list_display(self, request: HttpRequest) -> Any:
        whole = seen_by.may_see(request.user)
        return [each if whole or each != "name" else "masked_name" for each in super().get_list_display(request)]

    def get_search_fields(self, request: HttpRequest) -> Any:
        # What one may not read, one may not spell out letter by letter either.
        fields = super().get_search_fields(request)
        return fields if seen_by.may_see(request.user) else [each for each in fields if not each.startswith("name")]

    @admin.display(description=pgettext_lazy("person", "name"))
    def masked_name(self, member: Member) -> str:
        return masked_name(member.name)


def offer_action(chosen: Any) -> None:
    """Let the list of members offer an action of an app above, which checks the permissions itself."""
    MemberAdmin.actions = [*(MemberAdmin.actions or []), chosen]
