"""Awards in the admin: found by whatever is at hand, with their history, checked off and taken back."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from operations.models import AuditRecord
from operations.read_only_admin import ReadOnlyAdmin
from rewards import awards
from rewards.admin.scope_names import ScopeFilter, ShowsScope, source_words
from rewards.award_words import value_words
from rewards.checking_off import NotRedeemable, place_of, redeem
from rewards.codes import masked
from rewards.models import Award
from rewards.money import money
from rewards.reversing import NotReversible, reverse_award
from rewards.vouchers import NoSuchAward, id_in
from rewards.what_returns import what_returns

COLOURS = {
    "granted": "success",
    "claimed": "info",
    "delivered": "info",
    "redeemed": "info",
    "expired": "warning",
    "reversed": "danger",
}
TAKEN_BACK_FROM = [state for state, after in Award.NEXT.items() if Award.State.REVERSED in after]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=capfirst(_("reason")),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It stays on record. For points the member sees it beside the amount."),
    )


@admin.register(Award)
class AwardAdmin(ShowsScope, ReadOnlyAdmin):
    list_display = ["member", "gift", "shown_code", "shown_state", "shown_scope", "granted_at", "expires_at"]
    list_filter = ["state", "gift__kind", ScopeFilter, "gift"]
    list_select_related = ["member", "gift", "coupon_code"]
    search_fields = ["member__uid__exact", "key__exact"]
    search_help_text = _("uid of the member, a voucher number, or the award's key")
    fields = [
        ("member", "gift"),
        ("shown_value", "state_now"),
        ("shown_code", "draw"),
        ("granted_at", "usable_from"),
        ("expires_at", "cost_in_money"),
        ("shown_scope", "shown_source"),
        ("on_its_way", "key"),
    ]
    actions = ["redeem"]
    actions_detail = ["take_back"]
    change_form_after_template = "admin/rewards/award_history.html"

    class Media:
        css = {"all": ["admin/awards.css"]}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Award], search_term: str
    ) -> tuple[QuerySet[Award], bool]:
        try:
            return queryset.filter(pk=id_in(search_term)), False
        except NoSuchAward:
            return super().get_search_results(request, queryset, search_term)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        award = self.get_object(request, object_id)
        history = {"history": history_of(award)} if award is not None else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | history)

    @display(description=_("code"))
    def shown_code(self, award: Award) -> str | None:
        return masked(award.coupon_code.code) if hasattr(award, "coupon_code") else None

    @display(description=_("state"), ordering="state", label=COLOURS)
    def shown_state(self, award: Award) -> tuple[str, str]:
        state = awards.state_at(award, timezone.now())
        return state.value, str(state.label)

    @display(description=_("state"))
    def state_now(self, award: Award) -> Any:
        return awards.state_at(award, timezone.now()).label

    @display(description=_("value"))
    def shown_value(self, award: Award) -> str | None:
        return value_words(award.gift) or None

    @display(description=_("cost"))
    def cost_in_money(self, award: Award) -> str:
        return money(award.cost)

    @display(description=_("source"))
    def shown_source(self, award: Award) -> str:
        return source_words(award.source)

    @display(description=_("on its way"))
    def on_its_way(self, award: Award) -> str | None:
        """The shipment of a physical gift, or the payment of a red packet."""
        for name in ("shipment", "delivery"):
            if (sent := getattr(award, name, None)) is not None:
                link = reverse(f"admin:rewards_{name}_change", args=[sent.pk])
                return format_html('<a href="{}">{}</a>', link, capfirst(sent.get_state_display()))
        return None

    @display(description=_("draw"))
    def draw(self, award: Award) -> str | None:
        if not hasattr(award, "draw"):
            return None
        link = reverse("admin:rewards_draw_change", args=[award.draw.pk])
        return format_html('<a href="{}">#{}</a>', link, award.draw.pk)

    def has_redeem_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("rewards.redeem_award")

    @admin.action(description=_("Check off selected awards"), permissions=["redeem"])
    def redeem(self, request: HttpRequest, queryset: QuerySet[Award]) -> None:
        for award in queryset:
            words = {"award": str(award)}
            try:
                redeem(award.pk, by=request.user, now=timezone.now())
            except NotRedeemable as refused:
                words["reason"] = str(refused)
                message = _("Award %(award)s cannot be checked off. %(reason)s") % words
                self.message_user(request, message, messages.ERROR)
            else:
                self.message_user(request, _("Award %(award)s is checked off.") % words, messages.SUCCESS)

    def has_reverse_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not request.user.has_perm("rewards.reverse_award"):
            return False
        return object_id is None or Award.objects.filter(pk=object_id, state__in=TAKEN_BACK_FROM).exists()

    @action(description=_("Take back"), permissions=["reverse"], url_path="take-back", variant=ActionVariant.DANGER)
    def take_back(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Say what goes back and ask for the reason; then take the award back."""
        found = self.get_queryset(request).select_related("gift", "member", "coupon_code")
        award = get_object_or_404(found, pk=object_id)
        page = reverse("admin:rewards_award_change", args=[award.pk])
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            self._take_back(request, award, form.cleaned_data["reason"])
            return HttpResponseRedirect(page)
        context = self.admin_site.each_context(request) | {
            "title": _("Take an award back"),
            "subtitle": str(award),
            "opts": self.opts,
            "award": award,
            "value": value_words(award.gift),
            "returns": what_returns(award),
            "form": form,
            "page": page,
        }
        return TemplateResponse(request, "admin/rewards/take_back.html", context)

    def _take_back(self, request: HttpRequest, award: Award, reason: str) -> None:
        words = {"award": str(award)}
        try:
            reverse_award(award.pk, by=request.user, reason=reason, now=timezone.now())
        except NotReversible as refused:
            words["state"] = str(Award.State(refused.state).label)
            message = _("Award %(award)s is not taken back: it is %(state)s.") % words
            self.message_user(request, message, messages.ERROR)
        else:
            self.message_user(request, _("Award %(award)s is taken back.") % words, messages.SUCCESS)


def history_of(award: Award) -> list[dict[str, Any]]:
    """Return what happened to an award, oldest first: when, what, and by whom, where or why."""
    lines = [{"at": award.granted_at, "what": _("granted"), "more": source_words(award.source)}, *_sent(award)]
    if award.state == Award.State.REDEEMED and hasattr(award, "check_off"):
        lines.append({"at": award.check_off.at, "what": _("checked off"), "more": place_of(award.check_off)})
    elif awards.state_at(award, timezone.now()) == Award.State.EXPIRED:
        lines.append({"at": award.expires_at, "what": _("expired"), "more": ""})
    told = AuditRecord.objects.filter(target_type="rewards.award", target_id=str(award.pk)).order_by(
        "occurred_at", "pk"
    )
    for record in told.exclude(action="award.redeemed"):
        more = " · ".join(filter(None, [record.actor_name, record.reason or str(record.changes.get("reason", ""))]))
        lines.append({"at": record.occurred_at, "what": action_words(record.action), "more": more})
    return sorted(lines, key=lambda line: line["at"])


def _sent(award: Award) -> Iterator[dict[str, Any]]:
    """Yield what became of the parcel or the payment."""
    shipment, delivery = getattr(award, "shipment", None), getattr(award, "delivery", None)
    if shipment is not None:
        yield {"at": shipment.given_at, "what": _("address given"), "more": ""}
    if shipment is not None and shipment.shipped_at is not None:
        more = f"{shipment.carrier} {shipment.tracking_number}".strip()
        yield {"at": shipment.shipped_at, "what": _("shipped"), "more": more}
    if delivery is not None and delivery.state == delivery.State.DELIVERED:
        yield {"at": delivery.settled_at, "what": _("sent or paid out"), "more": delivery.reference}


def action_words(name: str) -> Any:
    """Return an action of the trail in words; one that has none here, as the trail calls it."""
    known = {
        "award.claimed": _("address given"),
        "award.delivered": _("sent or paid out"),
        "award.shipped": _("shipped"),
        "award.reversed": _("taken back"),
    }
    return known.get(name, name)
