"""Which members play on which devices, and which devices and members are trusted."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from campaigns import trusting
from campaigns.models import DeviceUse, Trusted
from members.models import Member
from operations.audited_admin import AuditedAdmin
from operations.read_only_admin import ReadOnlyAdmin


@admin.register(DeviceUse)
class DeviceUseAdmin(ReadOnlyAdmin):
    """A device is shown by the first digits of its hash: enough to tell which is the same."""

    list_display = ["short_device", "member", "campaign", "first_at", "last_at", "is_trusted"]
    list_filter = ["campaign"]
    list_select_related = ["member", "campaign"]
    search_fields = ["=member__uid", "device__startswith"]
    search_help_text = _("The member's uid, or the first digits of a device")
    fields = ["short_device", ("member", "campaign"), ("first_at", "last_at"), "is_trusted"]
    readonly_fields = ["short_device", "is_trusted"]
    ordering = ["-last_at"]
    actions = ["trust"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeviceUse]:
        trusted = Exists(Trusted.objects.filter(device=OuterRef("device")))
        return super().get_queryset(request).annotate(trusted=trusted)

    @display(description=_("device"), ordering="device")
    def short_device(self, use: DeviceUse) -> str:
        return str(use)

    @display(description=_("trusted"), boolean=True)
    def is_trusted(self, use: Any) -> bool:
        return bool(use.trusted)

    def has_trust_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.add_trusted")

    @admin.action(description=_("Trust the devices selected"), permissions=["trust"])
    def trust(self, request: HttpRequest, queryset: QuerySet[DeviceUse]) -> None:
        for use in queryset:
            name = _("device %(device)s") % {"device": use}
            trusted = trusting.trust_device(use, name=name, by=request.user, now=timezone.now())  # type: ignore[arg-type]
            words = _("“%(name)s” is trusted: no limit counts it.") % {"name": trusted}
            self.message_user(request, words, messages.SUCCESS)


class TrustForm(forms.ModelForm):
    uid = forms.CharField(
        label=capfirst(_("uid of the member")),
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("A device is trusted from the list of devices: find it by the member who played on it."),
    )

    class Meta:
        model = Trusted
        fields = ("name",)
        widgets: ClassVar[dict[str, Any]] = {"name": UnfoldAdminTextInputWidget}

    def clean_uid(self) -> Member:
        member = Member.objects.filter(uid=self.cleaned_data["uid"].strip(), erased_at=None).first()
        if member is None:
            raise forms.ValidationError(_("No member has this uid."))
        if Trusted.objects.filter(member=member).exists():
            raise forms.ValidationError(_("This member is trusted already."))
        return member


@admin.register(Trusted)
class TrustedAdmin(AuditedAdmin):
    list_display = ["name", "shown_what", "trusted_by", "trusted_at"]
    list_select_related = ["member", "trusted_by"]
    search_fields = ["name", "=member__uid", "device__startswith"]
    fields = ["name", "shown_what", ("trusted_by", "trusted_at")]
    readonly_fields = ["shown_what", "trusted_by", "trusted_at"]

    def get_form(self, request: HttpRequest, obj: Trusted | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs) if obj else TrustForm

    def get_fields(self, request: HttpRequest, obj: Trusted | None = None) -> Any:
        return self.fields if obj else ["uid", "name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Trusted | None = None) -> Any:
        return self.readonly_fields if obj else []

    @display(description=_("device or member"))
    def shown_what(self, trusted: Trusted) -> str:
        return str(trusted.member or (trusted.device or "")[:8])

    def save_model(self, request: HttpRequest, obj: Trusted, form: Any, change: bool) -> None:
        if not change:
            obj.member = form.cleaned_data["uid"]
            obj.trusted_by, obj.trusted_at = request.user, timezone.now()  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
