"""Senders of receipts in the admin: a secret is issued or changed on record, and shown once."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from operations.read_only_admin import ReadOnlyAdmin
from rewards import delivery_providers, receipt_secrets
from rewards.models import ReceiptSender

ISSUE_WORDS, CHANGE_WORDS = gettext_lazy("Issue a secret"), gettext_lazy("Change the secret")
NO_STORE = {"Cache-Control": "private, no-store"}
PARCELS = "parcels"
PAYMENTS = "payments:"
EXAMPLES = {
    ReceiptSender.About.PAYMENTS: '{"key": "…", "state": "delivered", "reference": "…"}',
    ReceiptSender.About.PARCELS: '{"award": 1024, "state": "shipped", "carrier": "…", "number": "…"}',
}


def subjects() -> Iterator[tuple[str, str]]:
    """Yield what receipts may be about: parcels, and the payments of each provider that somebody has set up."""
    yield PARCELS, str(capfirst(ReceiptSender.About.PARCELS.label))
    for name in delivery_providers.names():
        # What an operator pays by hand is told by the operator. One that is set up wrongly may be set right.
        if settings.DELIVERY_PROVIDERS[name].get("kind", name) != "manual":
            yield f"{PAYMENTS}{name}", capfirst(_("payments of %(provider)s") % {"provider": name})


class IssueForm(forms.Form):
    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Who it is, such as the name of the warehouse: the trail calls it so."),
    )
    about = forms.ChoiceField(
        label=gettext_lazy("What it tells of"), choices=lambda: list(subjects()), widget=UnfoldAdminSelectWidget
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if ReceiptSender.objects.filter(name=name).exists():
            raise forms.ValidationError(_("There is one of this name: change its secret on its page."))
        return name

    def provider(self) -> str:
        about: str = self.cleaned_data["about"]
        return about.removeprefix(PAYMENTS) if about.startswith(PAYMENTS) else ""


class ChangeForm(forms.Form):
    leaked = forms.BooleanField(
        label=gettext_lazy("The secret before it may be known to others: end it at once"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy("Otherwise it is taken for 24 hours more, so that nothing is lost meanwhile."),
    )


@admin.register(ReceiptSender)
class ReceiptSenderAdmin(ReadOnlyAdmin):
    list_display = ["name", "shown_about", "issued_at", "earlier_until", "last_heard_at"]
    search_fields = ["name"]
    fields = [("name", "shown_about"), ("issued_at", "earlier_until"), "last_heard_at"]
    readonly_fields = ["shown_about"]
    ordering = ["name"]
    actions_list = ["issue"]
    actions_detail = ["change_secret"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReceiptSender]:
        return super().get_queryset(request).defer("sealed", "earlier_sealed")

    def has_issue_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return request.user.has_perm("rewards.issue_receiptsender") and self.has_view_permission(request)

    @display(description=gettext_lazy("tells of"), ordering="about")
    def shown_about(self, sender: ReceiptSender) -> str:
        if sender.provider:
            return _("payments of %(provider)s") % {"provider": sender.provider}
        return sender.get_about_display()

    @action(description=ISSUE_WORDS, icon="key", permissions=["issue"], url_path="issue")
    def issue(self, request: HttpRequest) -> HttpResponse:
        """Make a sender and show its secret once: a redirect would have to keep it somewhere."""
        form = IssueForm(request.POST if request.method == "POST" else None)
        back = reverse("admin:rewards_receiptsender_changelist")
        if not form.is_valid():
            return self._page(request, "receipt_secret_ask", ISSUE_WORDS, form=form, back=back)
        sender, secret = receipt_secrets.issue(
            form.cleaned_data["name"], provider=form.provider(), by=request.user, now=timezone.now()
        )
        return self._shown_once(request, sender, secret)

    @action(description=CHANGE_WORDS, icon="key", permissions=["issue"], url_path="change-secret")
    def change_secret(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Give the sender another secret, and show it once."""
        sender, now = get_object_or_404(ReceiptSender, pk=object_id), timezone.now()
        form = ChangeForm(request.POST if request.method == "POST" else None)
        back = reverse("admin:rewards_receiptsender_change", args=[sender.pk])
        if not form.is_valid():
            return self._page(request, "receipt_secret_ask", CHANGE_WORDS, form=form, back=back, sender=sender)
        until = now if form.cleaned_data["leaked"] else now + receipt_secrets.OVERLAP
        secret = receipt_secrets.change(sender, earlier_until=until, by=request.user, now=now)
        sender.refresh_from_db()
        return self._shown_once(request, sender, secret)

    def _shown_once(self, request: HttpRequest, sender: ReceiptSender, secret: str) -> HttpResponse:
        told = {
            "sender": sender,
            "secret": secret,
            "address": request.build_absolute_uri(reverse("delivery-receipts")),
            "example": EXAMPLES[ReceiptSender.About(sender.about)],
            "back": reverse("admin:rewards_receiptsender_changelist"),
        }
        return self._page(request, "receipt_secret_issued", _("The secret is ready"), **told)

    def _page(self, request: HttpRequest, name: str, title: Any, **context: Any) -> HttpResponse:
        shared = self.admin_site.each_context(request) | {"title": title, "opts": self.opts, "media": self.media}
        return TemplateResponse(request, f"admin/rewards/{name}.html", shared | context, headers=NO_STORE)
