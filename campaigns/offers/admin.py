"""Where operators write offers, and look at what became of them. Live state is looked at only."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from campaigns.audience_field import WithAudience
from campaigns.models import Offer, OfferCoupon, OfferGroup, Reservation
from campaigns.offers.faults import faults_of_row
from operations.field_help import HelpedFields
from operations.read_only_admin import ReadOnlyAdmin
from rewards.money import money


class OfferForm(forms.ModelForm):
    """An offer; what would keep it from being published is said when it is saved."""

    class Meta:
        model = Offer
        fields = "__all__"  # noqa: DJ007  the inline lists them
        help_texts = {"skus": _("By which its orders are known; several are separated by commas.")}
        widgets = {"skus": UnfoldAdminTextInputWidget}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if not self.errors and cleaned.get("kind"):
            row = Offer(**{key: value for key, value in cleaned.items() if key in _COLUMNS})
            for field, message in faults_of_row(row):
                self.add_error(field if field in self.fields else None, message)
        return cleaned


_COLUMNS = {field.name for field in Offer._meta.fields} - {"id", "campaign"}


class OfferInline(HelpedFields, WithAudience, StackedInline):
    model = Offer
    form = OfferForm
    extra = 0
    tab = True
    collapsible = True
    fieldsets = [
        (None, {"fields": [("title", "key"), "kind", "guide", "opens_at", "closes_at", "audience"]}),
        (
            _("What is sold"),
            {"fields": ["skus", "link", ("price", "offer_price"), ("stock", "per_member"), ("minutes", "grace")]},
        ),
        (_("Group buy"), {"fields": [("size", "hours")]}),
        (_("Gifts"), {"fields": [("gift", "leader_gift")]}),
        (_("Orders and refunds"), {"fields": [("exact_price", "restock"), "position"]}),
    ]


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ["member_uid", "campaign_name", "offer_key", "state", "quantity", "reserved_at", "expires_at"]
    list_filter = ["state", "enrolment__campaign"]
    list_select_related = ["enrolment__member", "enrolment__campaign"]
    search_fields = ["=enrolment__member__uid"]
    search_help_text = _("The member's uid")
    fields = [
        ("member_uid", "campaign_name"),
        ("offer_key", "group"),
        ("state", "changed_at"),
        ("quantity", "returned", "price_words"),
        "skus",
        ("reserved_at", "expires_at", "lapses_at"),
        ("order", "line"),
    ]

    @display(description=_("member"))
    def member_uid(self, row: Any) -> str:
        return row.enrolment.member.uid

    @display(description=_("campaign"))
    def campaign_name(self, row: Any) -> str:
        return row.enrolment.campaign.name

    @display(description=_("price of the offer"))
    def price_words(self, row: Reservation) -> str:
        return money(row.price)


@admin.register(OfferGroup)
class OfferGroupAdmin(ReadOnlyAdmin):
    list_display = ["code", "campaign", "offer_key", "state", "paid", "taken", "size", "closes_at"]
    list_filter = ["state", "campaign"]
    list_select_related = ["campaign"]
    search_fields = ["=code", "=leader__member__uid"]
    search_help_text = _("The group's code, or the uid of who opened it")
    fields = [
        ("code", "campaign", "offer_key"),
        "leader_uid",
        ("state", "paid", "taken", "size"),
        ("opened_at", "closes_at", "ended_at"),
    ]

    @display(description=_("leader"))
    def leader_uid(self, group: OfferGroup) -> str:
        return group.leader.member.uid


@admin.register(OfferCoupon)
class OfferCouponAdmin(ReservationAdmin):
    list_display = ["member_uid", "campaign_name", "offer_key", "given_at", "order", "withdrawn_at"]
    list_filter = ["enrolment__campaign"]
    list_select_related = ["enrolment__member", "enrolment__campaign", "order"]
    fields = [("member_uid", "campaign_name"), "offer_key", "award", "given_at", "order", "withdrawn_at"]
