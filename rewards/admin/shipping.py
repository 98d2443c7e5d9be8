"""Parcels in the admin: addresses masked or revealed on record, files out for whoever sends them, numbers in."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from members.faults import RowError
from members.import_admin import may_import
from operations.read_only_admin import ReadOnlyAdmin
from rewards import addresses, regions, shipping, tracking
from rewards.models import Gift, Shipment, ShippingBatch

UID = _("uid of the member, or a tracking number")
STATE_COLOURS = {"waiting": "warning", "exported": "info", "shipped": "success", "returned": "danger"}
REVEAL, TRACK, EXPORT = "rewards.reveal_shipment", "rewards.track_shipment", "rewards.export_shipments"


EXPORT_WORDS = _("Export addresses for shipping")


class NumberForm(forms.Form):
    """The right number in the place of a wrong one."""

    carrier = forms.CharField(label=_("Carrier"), max_length=tracking.LONGEST, widget=UnfoldAdminTextInputWidget)
    tracking_number = forms.CharField(
        label=_("Tracking number"), max_length=tracking.LONGEST, widget=UnfoldAdminTextInputWidget
    )

    def clean_tracking_number(self) -> str:
        try:
            return tracking.checked_number(self.cleaned_data["tracking_number"])
        except RowError as error:
            raise forms.ValidationError(error.message) from error


@admin.register(Shipment)
class ShipmentAdmin(ReadOnlyAdmin):
    actions_list = ["export", "import_numbers"]
    list_display = [
        "award", "shown_member", "shown_gift", "shown_recipient", "shown_region", "shown_state", "carrier",
        "tracking_number",
    ]  # fmt: skip
    list_filter = ["state", "award__gift", "batch"]
    list_select_related = ["award__member", "award__gift", "batch"]
    search_fields = ["award__member__uid__exact", "tracking_number__exact"]
    search_help_text = UID
    ordering = ["-id"]
    fields = [("shown_member", "shown_gift"), ("award", "state"), ("given_at", "shipped_at"), "batch"]
    readonly_fields = ["shown_member", "shown_gift"]
    change_form_outer_after_template = "admin/rewards/shipment.html"

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(EXPORT)

    @action(description=EXPORT_WORDS, icon="local_shipping", permissions=["export"], url_path="export")
    def export(self, _request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:rewards_shippingbatch_export"))

    def has_track_permission(self, request: HttpRequest) -> bool:
        return may_import(request.user, "tracking")

    @action(description=_("Import tracking numbers"), icon="upload", permissions=["track"], url_path="import-file")
    def import_numbers(self, _request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:members_importrun_upload") + "?kind=tracking")

    @display(description=_("member"), ordering="award__member__uid")
    def shown_member(self, shipment: Shipment) -> str:
        return shipment.award.member.uid

    @display(description=_("gift"), ordering="award__gift__name")
    def shown_gift(self, shipment: Shipment) -> str:
        return shipment.award.gift.name

    @display(description=_("recipient"))
    def shown_recipient(self, shipment: Shipment) -> str | None:
        masked = addresses.masked(shipment)
        return masked.recipient if masked else None

    @display(description=_("region"), ordering="region")
    def shown_region(self, shipment: Shipment) -> str:
        return regions.words(shipment.region)

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def shown_state(self, shipment: Shipment) -> tuple[str, str]:
        return shipment.state, shipment.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        def page(name: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
            return path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"rewards_shipment_{name}")

        own = [
            page("reveal", self.reveal),
            page("correct", self.correct),
            page("undo", self.undo),
            page("returned", self.returned),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shipment = self.get_object(request, object_id)
        shown = self._shown(request, shipment) if shipment else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | shown)

    def _shown(self, request: HttpRequest, shipment: Shipment) -> dict[str, Any]:
        known = {"carrier": shipment.carrier, "tracking_number": shipment.tracking_number}
        return {
            "shipment": shipment,
            "masked": addresses.masked(shipment),
            "may_reveal": request.user.has_perm(REVEAL),
            "may_track": request.user.has_perm(TRACK),
            "number_form": NumberForm(initial=known),
        }

    @method_decorator(never_cache)
    def reveal(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the whole address once, to a POST, on record."""
        shipment = self._posted(request, pk, REVEAL)
        if shipment is None:
            return self._back(pk)
        address = addresses.reveal(shipment, by=request.user, now=timezone.now())
        context = self.admin_site.each_context(request) | {
            "title": _("Address"),
            "subtitle": str(shipment),
            "opts": self.opts,
            "address": address,
            "page": reverse("admin:rewards_shipment_change", args=[pk]),
        }
        return TemplateResponse(request, "admin/rewards/shipment_address.html", context)

    def correct(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self._posted(request, pk, TRACK) is None:
            return self._back(pk)
        form = NumberForm(request.POST)
        if not form.is_valid():
            words = " ".join(str(error) for errors in form.errors.values() for error in errors)
            self.message_user(request, words, messages.ERROR)
            return self._back(pk)
        given = form.cleaned_data
        return self._change(
            request,
            pk,
            lambda: tracking.correct_number(
                pk, carrier=given["carrier"], number=given["tracking_number"], by=request.user, now=timezone.now()
            ),
            _("The number is corrected."),
        )

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self._posted(request, pk, TRACK) is None:
            return self._back(pk)
        take = tracking.take_number_back
        said = _("The number is taken back: the parcel is to be sent again.")
        return self._change(request, pk, lambda: take(pk, by=request.user, now=timezone.now()), said)

    def returned(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self._posted(request, pk, TRACK) is None:
            return self._back(pk)
        note = tracking.note_return
        said = _("Noted: the parcel came back. The member is asked to check the address.")
        return self._change(request, pk, lambda: note(pk, by=request.user, now=timezone.now()), said)

    def _posted(self, request: HttpRequest, pk: int, permission: str) -> Shipment | None:
        """Return the shipment for a POST, None for another method. Raises PermissionDenied, Http404."""
        if not (request.user.has_perm(permission) and self.has_view_permission(request)):
            raise PermissionDenied
        shipment = get_object_or_404(self.get_queryset(request), pk=pk)
        return shipment if request.method == "POST" else None

    def _change(self, request: HttpRequest, pk: int, change: Callable[[], object], said: Any) -> HttpResponse:
        try:
            change()
            self.message_user(request, said, messages.SUCCESS)
        except tracking.NotPossible:
            self.message_user(request, _("That is not possible any more."), messages.ERROR)
        return self._back(pk)

    def _back(self, pk: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:rewards_shipment_change", args=[pk]))


class ExportForm(forms.Form):
    """Which gifts' parcels go into the file."""

    gifts = forms.ModelMultipleChoiceField(
        queryset=Gift.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one gift.")},
    )

    def __init__(self, *args: Any, waiting: QuerySet[Gift], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gifts"].queryset = waiting  # type: ignore[attr-defined]


@admin.register(ShippingBatch)
class ShippingBatchAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "created_at", "created_by", "parcels", "shown_unsent", "shown_sent"]
    search_fields = ["=id", "created_by__username"]
    list_select_related = ["created_by"]
    ordering = ["-id"]
    fields = [("created_at", "created_by"), ("shown_parcels", "shown_unsent", "shown_sent")]
    readonly_fields = ["shown_parcels", "shown_unsent", "shown_sent"]
    actions_list = ["export"]
    actions_detail = ["download"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingBatch]:
        def parcels(*states: str) -> Count:
            return Count("shipments", filter=Q(shipments__state__in=states))

        counted = {"unsent": parcels("exported"), "sent": parcels("shipped", "returned")}
        return super().get_queryset(request).annotate(**counted)

    @display(description=_("parcels"))
    def shown_parcels(self, batch: ShippingBatch) -> str:
        link = f"{reverse('admin:rewards_shipment_changelist')}?batch__id__exact={batch.pk}"
        return format_html('<a href="{}">{}</a>', link, batch.parcels)

    @display(description=_("still to be sent"))
    def shown_unsent(self, batch: ShippingBatch) -> int:
        return batch.unsent  # type: ignore[attr-defined]

    @display(description=pgettext_lazy("parcels", "sent"))
    def shown_sent(self, batch: ShippingBatch) -> int:
        return batch.sent  # type: ignore[attr-defined]

    def has_export_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return request.user.has_perm(EXPORT)

    @action(description=EXPORT_WORDS, icon="local_shipping", permissions=["export"], url_path="export")
    def export(self, request: HttpRequest) -> HttpResponse:
        """Ask which gifts, and take what waits of them into a batch of its own."""
        waiting = shipping.gifts_waiting()
        form = ExportForm(request.POST if request.method == "POST" else None, waiting=waiting)
        if form.is_valid():
            try:
                batch = shipping.export_waiting(
                    list(form.cleaned_data["gifts"]), by=request.user, now=timezone.now()  # type: ignore[arg-type]
                )  # fmt: skip
            except shipping.NothingWaits:
                self.message_user(request, _("Nothing waits any more: somebody was faster."), messages.WARNING)
                return HttpResponseRedirect(reverse("admin:rewards_shippingbatch_changelist"))
            self.message_user(request, _("The parcels are in a file of their own: download it."), messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:rewards_shippingbatch_change", args=[batch.pk]))
        context = self.admin_site.each_context(request) | {
            "title": EXPORT_WORDS,
            "opts": self.opts,
            "form": form,
            "waiting": waiting,
            "page": reverse("admin:rewards_shippingbatch_changelist"),
        }
        return TemplateResponse(request, "admin/rewards/shipping_export.html", context)

    @action(description=_("Download the file"), icon="download", permissions=["export"], url_path="download")
    def download(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Send the addresses that are still to be sent, on record."""
        batch = get_object_or_404(ShippingBatch, pk=object_id)
        try:
            lines = shipping.file_of(batch, by=request.user, now=timezone.now())  # type: ignore[arg-type]
        except shipping.AllShipped:
            self.message_user(
                request, _("All of it was sent: the addresses are not given out again."), messages.WARNING
            )
            return HttpResponseRedirect(reverse("admin:rewards_shippingbatch_change", args=[batch.pk]))
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response.headers["Cache-Control"] = "private, no-store"
        name = f"{_('parcels')}-{batch.pk}.csv"
        response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
        return response
