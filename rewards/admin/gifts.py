"""The gift library and its coupon codes."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget

from operations.audited_admin import AuditedAdmin
from operations.read_only_admin import ReadOnlyAdmin
from rewards.codes import ImportedCodes, import_codes, masked
from rewards.models import CouponCode, Gift

SHOWN_REFUSALS = 10
LARGEST_FILE = 20_000_000
MOST_VALID_DAYS = 36_500


class ImportCodesForm(forms.Form):
    """Codes, one a line, typed or from a text file."""

    codes = forms.CharField(
        label=_("Codes, one a line"),
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10, "spellcheck": "false"}),
    )
    file = forms.FileField(label=_("Or a text file in UTF-8"), required=False, widget=UnfoldAdminFileFieldWidget)

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 20 MB. Split it."))
        try:
            return file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is not UTF-8 text.")) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(line.strip() for line in self.lines()):
            raise forms.ValidationError(_("There are no codes to import."))
        return cleaned

    def lines(self) -> Iterator[str]:
        """Yield the lines typed, then those of the file."""
        for source in ("codes", "file"):
            yield from self.cleaned_data.get(source, "").splitlines()


class GiftForm(forms.ModelForm):
    class Meta:
        model = Gift
        fields = "__all__"  # noqa: DJ007  the admin lists them

    def clean_valid_days(self) -> int | None:
        # A day beyond the calendar would make every award of the gift fail.
        days = self.cleaned_data["valid_days"]
        if days is not None and not 1 <= days <= MOST_VALID_DAYS:
            raise forms.ValidationError(_("From 1 to %(most)s days.") % {"most": MOST_VALID_DAYS})
        return days


def count_of_codes(condition: Q) -> Coalesce:
    """Count a gift's codes in a subquery: a join would multiply the rows."""
    counted = CouponCode.objects.filter(condition, gift=OuterRef("pk")).order_by().values("gift")
    return Coalesce(Subquery(counted.annotate(count=Count("id")).values("count"), output_field=IntegerField()), 0)


@admin.register(Gift)
class GiftAdmin(AuditedAdmin):
    form = GiftForm
    list_display = ["name", "slug", "shown_kind", "face_value", "cost", "valid_days", "codes_free", "codes_used"]
    list_filter = ["kind"]
    search_fields = ["slug", "name"]
    prepopulated_fields = {"slug": ["name"]}
    actions_detail = ["import_codes"]
    warn_unsaved_form = True
    fieldsets = [
        (None, {"fields": ["name", "slug", "kind"]}),
        (_("What it is"), {"fields": ["amount", "shared_code", "threshold", "face_value"]}),
        (_("What it costs and how long it is valid"), {"fields": ["cost", "valid_days"]}),
        (_("Where it is used"), {"fields": ["outlets"]}),
    ]
    filter_horizontal = ["outlets"]
    # A gift that was published or given stays what it was; its cost is ours and may be corrected.
    fixed_once_used = ["slug", "kind", "amount", "shared_code", "threshold", "face_value", "valid_days"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Gift]:
        free, used = count_of_codes(Q(award=None)), count_of_codes(~Q(award=None))
        return super().get_queryset(request).annotate(free=free, used=used)

    def get_readonly_fields(self, request: HttpRequest, obj: Gift | None = None) -> list[str]:
        return self.fixed_once_used if obj is not None and obj.is_used() else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Gift | None = None) -> dict[str, list[str]]:
        return {} if obj is not None else dict(self.prepopulated_fields)

    @display(description=_("kind"), ordering="kind", label=True)
    def shown_kind(self, gift: Gift) -> str:
        return gift.get_kind_display()

    @display(description=_("free codes"), ordering="free")
    def codes_free(self, gift: Gift) -> int | None:
        return gift.free if gift.kind == Gift.Kind.COUPON else None  # type: ignore[attr-defined]

    @display(description=_("used codes"), ordering="used")
    def codes_used(self, gift: Gift) -> int | None:
        return gift.used if gift.kind == Gift.Kind.COUPON else None  # type: ignore[attr-defined]

    def has_import_codes_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("rewards.import_couponcode")

    @action(description=_("Import codes"), permissions=["import_codes"], url_path="import-codes")
    def import_codes(self, request: HttpRequest, object_id: int) -> HttpResponse:
        gift = get_object_or_404(self.get_queryset(request), pk=object_id)
        page = reverse("admin:rewards_gift_change", args=[gift.pk])
        if gift.kind != Gift.Kind.COUPON:
            self.message_user(request, _("Only coupons with a code of their own have codes."), messages.ERROR)
            return HttpResponseRedirect(page)
        form = ImportCodesForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            result = import_codes(gift, form.lines(), by=request.user, now=timezone.now())  # type: ignore[arg-type]
            self._tell(request, result)
            return HttpResponseRedirect(page)
        context = self.admin_site.each_context(request) | {
            "title": _("Import codes"),
            "subtitle": str(gift),
            "opts": self.opts,
            "original": gift,
            "form": form,
            "page": page,
        }
        return TemplateResponse(request, "admin/rewards/import_codes.html", context)

    def _tell(self, request: HttpRequest, result: ImportedCodes) -> None:
        added = ngettext("%(count)d code was added.", "%(count)d codes were added.", result.added)
        self.message_user(request, added % {"count": result.added}, messages.SUCCESS)
        if result.known:
            known = ngettext("%(count)d code was known already.", "%(count)d codes were known already.", result.known)
            self.message_user(request, known % {"count": result.known}, messages.INFO)
        for number, reason in result.refused[:SHOWN_REFUSALS]:
            words = {"line": number, "reason": reason}
            self.message_user(request, _("Line %(line)d was refused: %(reason)s.") % words, messages.ERROR)
        if (more := len(result.refused) - SHOWN_REFUSALS) > 0:
            rest = ngettext("%(count)d more line was refused.", "%(count)d more lines were refused.", more)
            self.message_user(request, rest % {"count": more}, messages.ERROR)


@admin.register(CouponCode)
class CouponCodeAdmin(ReadOnlyAdmin):
    list_display = ["id", "gift", "shown_code", "shown_member", "shown_state"]
    list_filter = [("award", admin.EmptyFieldListFilter), "gift"]
    list_select_related = ["gift", "award__member"]
    search_fields = ["award__member__uid__exact"]
    search_help_text = _("uid of the member")
    fields = ["gift", "shown_code", "shown_member"]

    @display(description=_("code"))
    def shown_code(self, code: CouponCode) -> str:
        return masked(code.code)

    @display(description=_("member"))
    def shown_member(self, code: CouponCode) -> str | None:
        return code.award.member.uid if code.award else None

    @display(description=_("state"), label={"free": "success", "used": "info"})
    def shown_state(self, code: CouponCode) -> tuple[str, Any]:
        return ("used", _("used")) if code.award_id else ("free", _("free"))
