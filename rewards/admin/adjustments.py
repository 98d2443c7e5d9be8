"""Correcting a balance by hand: a form, and the list in which a second person approves what is above the limit."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from members.models import Member
from operations.audited_admin import AuditedAdmin
from operations.read_only_admin import ReadOnlyAdmin
from rewards import adjusting
from rewards.models import Account, Adjustment, Unit

STATE_COLOURS = {"waiting": "warning", "posted": "success", "refused": "danger"}
LARGEST = 10**15


class AdjustmentForm(forms.Form):
    """Whose balance of which unit, by how much and why."""

    uid = forms.CharField(label=capfirst(_("uid of the member")), max_length=100, widget=UnfoldAdminTextInputWidget)
    unit = forms.ModelChoiceField(
        label=capfirst(_("unit")), queryset=Unit.objects.all(), widget=UnfoldAdminSelectWidget
    )
    amount = forms.IntegerField(
        label=capfirst(_("amount")),
        min_value=-LARGEST,
        max_value=LARGEST,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Above 0 it is given, below 0 it is taken away."),
    )
    reason = forms.CharField(
        label=capfirst(_("reason")),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It stays on record, and the member sees it beside the amount."),
    )

    def clean_uid(self) -> Member:
        member = Member.objects.filter(uid=self.cleaned_data["uid"].strip()).first()
        if member is None:
            raise forms.ValidationError(_("No member has this uid."))
        return member

    def clean_amount(self) -> int:
        if self.cleaned_data["amount"] == 0:
            raise forms.ValidationError(_("An adjustment of 0 changes nothing."))
        return self.cleaned_data["amount"]

    def preview(self) -> dict[str, Any]:
        """Return the member's balances and, as far as it was typed, what this one becomes."""
        self.is_valid()
        member, unit, amount = (self.cleaned_data.get(name) for name in ("uid", "unit", "amount"))
        if member is None:
            return {"unknown": bool(self.data.get("uid"))}
        accounts = {account.unit_id: account for account in Account.objects.filter(member=member)}
        units = list(Unit.objects.all())
        held = [(each, accounts.get(each.pk) or Account(member=member, unit=each)) for each in units]
        shown = {"member": member, "held": held}
        if unit is None or amount is None:
            return shown
        account = accounts.get(unit.pk) or Account(member=member, unit=unit)
        return shown | {
            "unit": unit,
            "after": after(account.balance, account.debt, amount),
            "limit": unit.adjustment_limit if abs(amount) > unit.adjustment_limit else None,
        }


def after(balance: int, debt: int, amount: int) -> int:
    """Return the balance after an adjustment: what comes in settles the debt first. Below 0: it would be refused."""
    return balance + amount if amount < 0 else max(0, balance - debt + amount)


@admin.register(Adjustment)
class AdjustmentAdmin(ReadOnlyAdmin, AuditedAdmin):
    """Added by a form of its own and never edited; `rewards.adjusting` keeps the audit trail."""

    list_display = [
        "member", "shown_amount", "shown_balance", "reason", "shown_state", "requested_by", "requested_at",
    ]  # fmt: skip
    list_display_links = ["member", "shown_amount"]
    list_filter = ["state", "unit"]
    list_select_related = ["member", "unit", "requested_by", "decided_by", "entry"]
    search_fields = ["member__uid__exact"]
    search_help_text = _("uid of the member")
    ordering = [Case(When(state="waiting", then=0), default=1), "-id"]
    actions = ["approve", "refuse"]
    fields = [
        ("member", "shown_amount"), ("shown_balance", "state"), "why_it_waits", "reason",
        ("requested_by", "requested_at"), ("decided_by", "decided_at"),
    ]  # fmt: skip
    readonly_fields = ["shown_amount", "shown_balance", "why_it_waits"]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("rewards.add_adjustment")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Adjustment]:
        account = Account.objects.filter(member=OuterRef("member"), unit=OuterRef("unit"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                balance_now=Subquery(account.values("balance")),
                debt_now=Subquery(account.values("debt")),
                balance_before=F("entry__balance_after") - F("entry__to_balance"),
            )
        )

    def get_urls(self) -> list[URLPattern]:
        preview = path("preview/", self.admin_site.admin_view(self.preview_view), name="rewards_adjustment_preview")
        return [preview, *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with the balances of the member who is being typed, and what they become; nothing is changed."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        preview = AdjustmentForm(request.POST).preview()
        return TemplateResponse(request, "admin/rewards/adjustment_preview.html", preview)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = AdjustmentForm(request.POST or None, initial={"uid": request.GET.get("member", "")})
        if form.is_valid() and (adjustment := self._requested(request, form)):
            self._tell(request, adjustment)
            return HttpResponseRedirect(reverse("admin:rewards_adjustment_change", args=[adjustment.pk]))
        context = self.admin_site.each_context(request) | {
            "title": _("Adjust a balance"),
            "opts": self.opts,
            "form": form,
            "page": reverse("admin:rewards_adjustment_changelist"),
        }
        return TemplateResponse(request, "admin/rewards/adjust.html", context)

    def _requested(self, request: HttpRequest, form: AdjustmentForm) -> Adjustment | None:
        given = form.cleaned_data
        try:
            return adjusting.request(
                given["uid"],
                given["unit"],
                amount=given["amount"],
                reason=given["reason"],
                by=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
            )
        except adjusting.NotAdjusted as refused:
            form.add_error(None, str(refused))
            return None

    def _tell(self, request: HttpRequest, adjustment: Adjustment) -> None:
        if adjustment.entry is None:
            why = {"why": reason_to_wait(adjustment)}
            message = _("It waits until a second person approves it: %(why)s.") % why
            self.message_user(request, message, messages.WARNING)
        else:
            held = number_format(adjustment.entry.balance_after, force_grouping=True)
            words = {"uid": adjustment.member.uid, "unit": str(adjustment.unit), "after": held}
            message = _("%(uid)s holds %(after)s %(unit)s now.") % words
            self.message_user(request, message, messages.SUCCESS)

    @display(description=_("amount"), ordering="amount")
    def shown_amount(self, adjustment: Adjustment) -> str:
        return f"{adjustment.amount:+,} {adjustment.unit}"

    @display(description=_("balance before → after"))
    def shown_balance(self, adjustment: Any) -> str | None:
        if adjustment.entry_id:
            before, becomes = adjustment.balance_before, adjustment.entry.balance_after
        elif adjustment.state == Adjustment.State.WAITING:
            before = adjustment.balance_now or 0
            becomes = after(before, adjustment.debt_now or 0, adjustment.amount)
        else:
            return None
        return " → ".join(number_format(each, force_grouping=True) for each in (before, becomes))

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def shown_state(self, adjustment: Adjustment) -> tuple[str, str]:
        return adjustment.state, adjustment.get_state_display()

    @display(description=_("why it waits"))
    def why_it_waits(self, adjustment: Adjustment) -> str | None:
        return reason_to_wait(adjustment) if adjustment.state == Adjustment.State.WAITING else None

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("rewards.approve_adjustment")

    @admin.action(description=_("Approve selected adjustments"), permissions=["approve"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Adjustment]) -> None:
        self._decide_each(request, queryset, adjusting.approve, _("Adjustment %(adjustment)s is posted."))

    @admin.action(description=_("Refuse selected adjustments"), permissions=["approve"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[Adjustment]) -> None:
        self._decide_each(request, queryset, adjusting.refuse, _("Adjustment %(adjustment)s is refused."))

    def _decide_each(
        self, request: HttpRequest, queryset: QuerySet[Adjustment], decide: Callable[..., Any], done: Any
    ) -> None:
        for adjustment in queryset.order_by("pk"):
            words = {"adjustment": str(adjustment)}
            try:
                decide(adjustment, by=request.user, now=timezone.now())
            except adjusting.NotAdjusted as refused:
                words["reason"] = str(refused)
                message = _("Adjustment %(adjustment)s stays as it is. %(reason)s") % words
                self.message_user(request, message, messages.ERROR)
            else:
                self.message_user(request, done % words, messages.SUCCESS)


def reason_to_wait(adjustment: Adjustment) -> str:
    """Return in words why a second person has to approve it."""
    limit = adjustment.unit.adjustment_limit
    words = {"limit": number_format(limit, force_grouping=True), "unit": adjustment.unit}
    if abs(adjustment.amount) > limit:
        return _("more than %(limit)s %(unit)s at once") % words
    return _("together with what the same person adjusted within 24 hours more than %(limit)s %(unit)s") % words
