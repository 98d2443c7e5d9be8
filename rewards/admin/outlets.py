"""Outlets in the admin, and the check-offs, which are looked at only."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from operations.audited_admin import AuditedAdmin
from operations.read_only_admin import ReadOnlyAdmin
from rewards.models import CheckOff, Outlet


class LeadsToCounter:
    """Puts a button over the list that leads to the page on which staff check off."""

    actions_list = ["counter"]

    def has_counter_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("rewards.redeem_award")

    @action(
        description=_("Check off at the counter"), icon="qr_code_scanner", permissions=["counter"], url_path="counter"
    )
    def counter(self, _request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("check-off-number"))


@admin.register(Outlet)
class OutletAdmin(LeadsToCounter, AuditedAdmin):
    list_display = ["name", "slug", "address", "shown_active", "count_of_staff"]
    list_filter = ["active"]
    search_fields = ["name", "slug", "address", "staff__username__exact"]
    prepopulated_fields = {"slug": ["name"]}
    filter_horizontal = ["staff"]
    fieldsets = [(None, {"fields": ["name", "slug", "address", "active", "staff"]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outlet]:
        return super().get_queryset(request).annotate(people=Count("staff"))

    @display(description=_("active"), boolean=True, ordering="active")
    def shown_active(self, outlet: Outlet) -> bool:
        return outlet.active

    @display(description=_("staff"), ordering="people")
    def count_of_staff(self, outlet: Outlet) -> int:
        return outlet.people  # type: ignore[attr-defined]


@admin.register(CheckOff)
class CheckOffAdmin(LeadsToCounter, ReadOnlyAdmin):
    list_display = ["award", "gift", "member", "outlet", "shown_by", "at"]
    list_filter = ["outlet", "at"]
    list_select_related = ["award__gift", "award__member", "outlet", "by"]
    search_fields = ["award__member__uid__exact", "by__username__exact"]
    search_help_text = _("uid of the member, or who checked it off")
    fields = [("award", "at"), ("gift", "member"), ("outlet", "shown_by")]
    ordering = ["-id"]

    @display(description=_("gift"))
    def gift(self, check_off: CheckOff) -> str:
        return check_off.award.gift.name

    @display(description=_("member"))
    def member(self, check_off: CheckOff) -> str:
        return check_off.award.member.uid

    @display(description=_("by"))
    def shown_by(self, check_off: CheckOff) -> str | None:
        return check_off.by.get_username() if check_off.by else check_off.client or None
