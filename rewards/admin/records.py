"""What members hold, drew and were given: to be seen, not edited."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from operations.read_only_admin import ReadOnlyAdmin
from rewards import awards
from rewards.codes import masked
from rewards.models import Account, Award, Chances, Draw, Entry, Lot

UID = _("uid of the member")


@admin.register(Draw)
class DrawAdmin(ReadOnlyAdmin):
    list_display = ["member", "version", "gift", "shown_fallback", "scope", "drawn_at"]
    list_filter = ["fallback", "version__pool"]
    list_select_related = ["member", "version__pool", "award__gift"]
    fields = [
        ("member", "scope"),
        ("version", "roll"),
        ("rolled", "prize"),
        ("shown_fallback", "award"),
        ("drawn_at", "request_key"),
    ]
    search_fields = ["member__uid__exact"]
    search_help_text = UID

    @display(description=_("prize given"), ordering="prize")
    def gift(self, draw: Draw) -> str:
        return draw.award.gift.name

    @display(description=_("why another prize"), ordering="fallback", label="warning")
    def shown_fallback(self, draw: Draw) -> str:
        return draw.get_fallback_display()


@admin.register(Award)
class AwardAdmin(ReadOnlyAdmin):
    list_display = ["member", "gift", "shown_code", "shown_state", "source", "granted_at", "expires_at"]
    list_filter = ["state", "gift__kind", "gift"]
    list_select_related = ["member", "gift", "coupon_code"]
    search_fields = ["member__uid__exact"]
    search_help_text = UID
    fields = [("member", "gift"), ("shown_code", "state_now"), ("granted_at", "expires_at"), ("source", "key")]
    actions = ["redeem"]

    @display(description=_("code"))
    def shown_code(self, award: Award) -> str | None:
        return masked(award.coupon_code.code) if hasattr(award, "coupon_code") else None

    @display(
        description=_("state"),
        ordering="state",
        label={"granted": "success", "redeemed": "info", "expired": "warning", "reversed": "danger"},
    )
    def shown_state(self, award: Award) -> tuple[str, str]:
        state = awards.state_at(award, timezone.now())
        return state.value, str(state.label)

    @display(description=_("state"))
    def state_now(self, award: Award) -> Any:
        return awards.state_at(award, timezone.now()).label

    def has_redeem_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("rewards.redeem_award")

    @admin.action(description=_("Check off selected awards"), permissions=["redeem"])
    def redeem(self, request: HttpRequest, queryset: QuerySet[Award]) -> None:
        for award in queryset:
            words = {"award": str(award)}
            try:
                awards.redeem(award.pk, by=request.user, now=timezone.now())  # type: ignore[arg-type]
            except awards.NotRedeemable as refused:
                words["reason"] = refused.reason
                message = _("Award %(award)s cannot be checked off: %(reason)s.") % words
                self.message_user(request, message, messages.ERROR)
            else:
                self.message_user(request, _("Award %(award)s is checked off.") % words, messages.SUCCESS)


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ["member", "unit", "balance", "pending", "debt", "earned"]
    fields = [("member", "unit"), ("balance", "pending"), ("debt", "earned")]
    list_filter = ["unit"]
    list_select_related = ["member", "unit"]
    search_fields = ["member__uid__exact"]
    search_help_text = UID


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ["shown_member", "shown_unit", "kind", "shown_amount", "balance_after", "reason", "posted_at"]
    list_filter = ["account__unit", "kind"]
    list_select_related = ["account__member", "account__unit"]
    search_fields = ["account__member__uid__exact", "reference__exact", "key__exact"]
    search_help_text = _("uid of the member, a reference such as order:A-1, or a key")
    fields = [
        ("shown_member", "shown_unit"),
        ("kind", "shown_amount"),
        ("to_balance", "balance_after"),
        ("to_pending", "to_debt", "to_earned"),
        ("reason", "reference"),
        ("original", "key", "posted_at"),
    ]
    ordering = ["-id"]

    @display(description=_("member"))
    def shown_member(self, entry: Entry) -> str:
        return entry.account.member.uid

    @display(description=_("unit"))
    def shown_unit(self, entry: Entry) -> str:
        return str(entry.account.unit)

    @display(description=_("amount"), ordering="amount")
    def shown_amount(self, entry: Entry) -> str:
        return f"{entry.amount:+,}"


@admin.register(Lot)
class LotAdmin(ReadOnlyAdmin):
    list_display = ["shown_member", "shown_unit", "amount", "remaining", "expires_at"]
    list_filter = ["account__unit", "expires_at"]
    list_select_related = ["account__member", "account__unit"]
    search_fields = ["account__member__uid__exact"]
    search_help_text = UID
    fields = [("shown_member", "shown_unit"), ("amount", "remaining"), ("expires_at", "entry")]
    ordering = ["-entry"]

    @display(description=_("member"))
    def shown_member(self, lot: Lot) -> str:
        return lot.account.member.uid

    @display(description=_("unit"))
    def shown_unit(self, lot: Lot) -> str:
        return str(lot.account.unit)


@admin.register(Chances)
class ChancesAdmin(ReadOnlyAdmin):
    list_display = ["member", "scope", "granted", "used", "shown_left"]
    list_select_related = ["member"]
    search_fields = ["member__uid__exact", "scope__exact"]
    search_help_text = _("uid of the member, or a scope")

    @display(description=_("left"))
    def shown_left(self, chances: Chances) -> int:
        return chances.left
