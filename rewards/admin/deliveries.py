"""Payments of red packets in the admin: what waits for an operator, and what one can do about it."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from operations.read_only_admin import ReadOnlyAdmin
from operations.sentences import labelled
from rewards import settling_deliveries
from rewards.models import Delivery
from rewards.models.deliveries import WANTED_FIRST
from rewards.money import money

SETTLE = "rewards.settle_delivery"
STATE_COLOURS = {
    "waiting": "info",
    "sending": "primary",
    "delivered": "success",
    "failed": "danger",
    "unknown": "warning",
}


class ReferenceForm(forms.Form):
    reference = forms.CharField(label=_("Reference of the payment"), max_length=100, widget=UnfoldAdminTextInputWidget)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200, widget=UnfoldAdminTextInputWidget)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["award", "shown_member", "shown_gift", "shown_amount", "provider", "shown_state", "attempts",
                    "sent_at", "error"]  # fmt: skip
    list_filter = ["state", "provider", "award__gift"]
    list_select_related = ["award__member", "award__gift"]
    search_fields = ["award__member__uid__exact", "key__exact", "reference__exact"]
    search_help_text = _("uid of the member, the key, or the reference of the payment")
    ordering = [WANTED_FIRST, "-id"]
    fields = [
        ("shown_member", "shown_gift"),
        ("award", "shown_amount"),
        ("state", "provider"),
        ("attempts", "sent_at", "due_at"),
        ("settled_at", "reference"),
        ("key", "taken_by"),
        "error",
    ]
    readonly_fields = ["shown_member", "shown_gift", "shown_amount"]
    change_form_outer_after_template = "admin/rewards/delivery.html"

    @display(description=_("member"), ordering="award__member__uid")
    def shown_member(self, delivery: Delivery) -> str:
        return delivery.award.member.uid

    @display(description=_("gift"), ordering="award__gift__name")
    def shown_gift(self, delivery: Delivery) -> str:
        return delivery.award.gift.name

    @display(description=_("amount"), ordering="cents")
    def shown_amount(self, delivery: Delivery) -> str:
        return money(delivery.cents)

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def shown_state(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.state, delivery.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(self.act)
        return [path("<int:pk>/settle/<slug:what>/", act, name="rewards_delivery_act"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        delivery = self.get_object(request, object_id)
        shown: dict[str, Any] = {}
        if delivery is not None and request.user.has_perm(SETTLE):
            shown = {
                "delivery": delivery,
                "by_hand": settling_deliveries.is_by_hand(delivery),
                "mine": delivery.taken_by_id == request.user.pk,
                "reference_form": ReferenceForm(),
                "reason_form": ReasonForm(),
            }
        return super().change_view(request, object_id, form_url, (extra_context or {}) | shown)

    def act(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        """Do what a button of the page says, to a POST."""
        if not (request.user.has_perm(SETTLE) and self.has_view_permission(request)):
            raise PermissionDenied
        delivery = get_object_or_404(self.get_queryset(request), pk=pk)
        user = cast(User, request.user)
        if request.method == "POST" and what in ACTS:
            form_class, do, said = ACTS[what]
            form = form_class(request.POST)
            if not form.is_valid():
                words = " ".join(labelled(form[name].label, errors[0]) for name, errors in form.errors.items())
                self.message_user(request, words, messages.ERROR)
            else:
                self._do(request, lambda: do(delivery, user, form.cleaned_data), said)
        return HttpResponseRedirect(reverse("admin:rewards_delivery_change", args=[pk]))

    def _do(self, request: HttpRequest, change: Callable[[], None], said: Any) -> None:
        try:
            change()
            self.message_user(request, said, messages.SUCCESS)
        except settling_deliveries.NotPossible:
            self.message_user(request, _("That is not possible any more."), messages.ERROR)


Act = Callable[[Delivery, User, dict[str, Any]], None]


def _take(delivery: Delivery, by: User, _given: dict[str, Any]) -> None:
    settling_deliveries.take_in_hand(delivery, by=by, now=timezone.now())


def _paid(delivery: Delivery, by: User, given: dict[str, Any]) -> None:
    settling_deliveries.mark_paid(delivery, reference=given["reference"], by=by, now=timezone.now())


def _put_back(delivery: Delivery, by: User, _given: dict[str, Any]) -> None:
    settling_deliveries.put_back(delivery, by=by, now=timezone.now())


def _retry(delivery: Delivery, by: User, _given: dict[str, Any]) -> None:
    settling_deliveries.retry(delivery, by=by, now=timezone.now())


def _give_up(delivery: Delivery, by: User, given: dict[str, Any]) -> None:
    settling_deliveries.give_up(delivery, reason=given["reason"], by=by, now=timezone.now())


ACTS: dict[str, tuple[type[forms.Form], Act, Any]] = {
    "take": (forms.Form, _take, _("It is yours to pay. Enter the reference when it is done.")),
    "paid": (ReferenceForm, _paid, _("The red packet is paid.")),
    "put-back": (forms.Form, _put_back, _("Noted: it was not paid.")),
    "retry": (forms.Form, _retry, _("It is tried again within a minute.")),
    "give-up": (ReasonForm, _give_up, _("The red packet is given up and its award taken back.")),
}
