"""Members, their orders and what they are described by, as operators see them.

Facts come in by import and API only, so members and orders can be looked at, not edited. Levels and attributes are the
operator's own.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminTextareaWidget

from members.activity import wording_of
from members.estimated_counts import EstimatedPaginator
from members.import_admin import ImportButton
from members.masking import masked_email, masked_phone
from members.models import Attribute, Level, Member, MemberMetrics, Order, OrderItem
from members.uses import KeptWhileUsed, Name
from operations.audited_admin import AuditedAdmin

SHOWN_ORDERS = 20
SHOWN_ACTIVITIES = 20
SHOWN_REGIONS = 40
PERSON = [("uid", "name"), ("level", "joined_at"), ("gender", "birthday"), "region"]


class FactsAdmin(ModelAdmin):
    """A table that can be large: seen, searched by the beginning of a key, counted by estimate, never edited."""

    show_full_result_count = False
    paginator = EstimatedPaginator
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RegionFilter(admin.SimpleListFilter):
    """Regions are free text, so only so many are offered."""

    title = _("region")
    parameter_name = "region"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        regions = Member.objects.exclude(region="").values_list("region", flat=True).distinct().order_by("region")
        return [(region, region) for region in regions[:SHOWN_REGIONS]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> QuerySet[Member]:
        return queryset.filter(region=self.value()) if self.value() else queryset


@admin.register(Level)
class LevelAdmin(KeptWhileUsed, AuditedAdmin):
    fields = ["name", "slug", "kind", "rank", "growth_needed"]
    list_display = ["name", "slug", "kind", "rank", "growth_needed"]
    list_filter = ["kind"]
    search_fields = ["name", "slug"]

    def get_readonly_fields(self, request: HttpRequest, obj: Level | None = None) -> list[str]:
        # Imports, rules and campaigns refer to the key.
        return ["slug"] if obj else []

    def name_of(self, obj: Level) -> Name:
        return "level", obj.slug


class AttributeForm(forms.ModelForm):
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("One a line, for an attribute of the type “choice” only."),
    )

    class Meta:
        model = Attribute
        fields = ["slug", "label", "kind", "choices"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["choices"] = "\n".join(self.instance.choices)

    def clean_choices(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["choices"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        # The type of a stored attribute is read-only, so it is not in the form.
        is_choice = cleaned.get("kind", self.instance.kind) == Attribute.Kind.CHOICE
        if is_choice != bool(cleaned.get("choices")):
            raise ValidationError({"choices": _("An attribute of the type “choice” needs choices, others have none.")})
        return cleaned


@admin.register(Attribute)
class AttributeAdmin(KeptWhileUsed, AuditedAdmin):
    form = AttributeForm
    fields = ["label", "slug", "kind", "choices"]
    list_display = ["label", "slug", "kind"]
    list_filter = ["kind"]
    search_fields = ["label", "slug"]

    def get_readonly_fields(self, request: HttpRequest, obj: Attribute | None = None) -> list[str]:
        # Values have been stored under this key as this type.
        return ["slug", "kind"] if obj else []

    def name_of(self, obj: Attribute) -> Name:
        return "attribute", obj.slug


@admin.register(Member)
class MemberAdmin(ImportButton, FactsAdmin):
    import_kind = "members"
    list_display = ["uid", "name", "level", "region", "shown_phone", "shown_email", "joined_at"]
    list_filter = ["level", RegionFilter, "gender"]
    list_select_related = ["level"]
    search_fields = ["uid__startswith", "name__startswith"]
    search_help_text = _("The beginning of the uid or of the name")
    ordering = ["-id"]

    def get_fieldsets(self, request: HttpRequest, obj: Member | None = None) -> Any:
        sees_contact = request.user.has_perm("members.view_contact")
        contact = ("phone", "email") if sees_contact else ("shown_phone", "shown_email")
        return [
            (None, {"fields": [*PERSON, "own_attributes"]}),
            (_("Contact"), {"fields": [contact]}),
            (_("Orders"), {"fields": ["totals", "last_orders"]}),
            (_("Activity"), {"fields": ["last_activities"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Member | None = None) -> list[str]:
        return flatten_fieldsets(self.get_fieldsets(request, obj))

    @admin.display(description=_("phone"))
    def shown_phone(self, member: Member) -> str:
        return masked_phone(member.phone)

    @admin.display(description=_("email"))
    def shown_email(self, member: Member) -> str:
        return masked_email(member.email)

    @admin.display(description=_("attributes"))
    def own_attributes(self, member: Member) -> SafeString:
        labels = dict(Attribute.objects.values_list("slug", "label"))
        values = [(labels.get(slug, slug), value) for slug, value in sorted(member.attributes.items())]
        return render_to_string("admin/members/attributes.html", {"values": values})

    @admin.display(description=_("totals"))
    def totals(self, member: Member) -> SafeString:
        metrics = MemberMetrics.objects.filter(member=member).first() or MemberMetrics()
        return render_to_string("admin/members/totals.html", {"metrics": metrics})

    @admin.display(description=_("last orders"))
    def last_orders(self, member: Member) -> SafeString:
        orders = member.orders.order_by("-paid_at")[:SHOWN_ORDERS]
        return render_to_string("admin/members/orders.html", {"orders": orders})

    @admin.display(description=_("last activities"))
    def last_activities(self, member: Member) -> SafeString:
        activities = [(wording_of(each.kind), each) for each in member.activities.order_by("-id")[:SHOWN_ACTIVITIES]]
        return render_to_string("admin/members/activities.html", {"activities": activities})


class OrderItemInline(TabularInline):
    model = OrderItem
    fields = ["line", "sku", "category", "quantity", "amount"]
    readonly_fields = fields
    ordering = ["line"]
    hide_title = True
    can_delete = False
    max_num = 0
    extra = 0


@admin.register(Order)
class OrderAdmin(ImportButton, FactsAdmin):
    import_kind = "orders"
    list_display = ["order_id", "member", "paid_at", "amount", "refunded_amount", "currency", "quantity", "status"]
    list_filter = ["status"]
    list_select_related = ["member"]
    search_fields = ["order_id__startswith", "member__uid__exact"]
    search_help_text = _("The beginning of the order id, or a uid")
    ordering = ["-id"]
    inlines = [OrderItemInline]
