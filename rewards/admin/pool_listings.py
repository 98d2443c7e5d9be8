"""White and black lists in the admin: added by uids and removed with a reason each, never edited."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from operations.audited_admin import AuditedAdmin
from operations.read_only_admin import ReadOnlyAdmin
from operations.sentences import listed
from rewards import listing
from rewards.models import PoolListing, Prize, PrizePool

SHOWN_UIDS = 10


class ReasonForm(forms.Form):
    """Why members are put on a list, or taken off."""

    reason = forms.CharField(
        label=capfirst(_("reason")),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It stays on record."),
    )


class ListingForm(ReasonForm):
    """Who is put on which list of which pool or prize."""

    pool = forms.ModelChoiceField(
        label=capfirst(_("prize pool")), queryset=PrizePool.objects.all(), widget=UnfoldAdminSelectWidget
    )
    kind = forms.ChoiceField(
        label=capfirst(_("list")), choices=PoolListing.Kind.choices, widget=UnfoldAdminSelectWidget
    )
    prize = forms.CharField(
        label=capfirst(_("prize")),
        max_length=50,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The key of one prize. Empty: every prize but the consolation prize."),
    )
    uids = forms.CharField(
        label=capfirst(_("uids of members, one a line")),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "spellcheck": "false"}),
    )
    field_order = ["pool", "kind", "prize", "uids", "reason"]

    def clean_uids(self) -> list[str]:
        uids = [line.strip() for line in self.cleaned_data["uids"].splitlines() if line.strip()]
        if len(uids) > listing.MOST_AT_ONCE:
            raise forms.ValidationError(_("At most %(most)s at once.") % {"most": listing.MOST_AT_ONCE})
        return uids

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        pool, key = cleaned.get("pool"), cleaned.get("prize")
        if pool and key and not Prize.objects.filter(pool=pool, key=key, consolation=False).exists():
            self.add_error("prize", _("The pool has no such prize besides its consolation prize."))
        return cleaned


@admin.register(PoolListing)
class PoolListingAdmin(ReadOnlyAdmin, AuditedAdmin):
    """Written by forms of its own; `rewards.listing` keeps the audit trail."""

    list_display = ["member", "pool", "prize", "shown_kind", "reason", "listed_by", "listed_at"]
    list_filter = ["kind", "pool"]
    list_select_related = ["member", "pool", "listed_by"]
    search_fields = ["member__uid__exact"]
    search_help_text = _("uid of the member")
    fields = [("member", "pool"), ("prize", "kind"), "reason", ("listed_by", "listed_at")]
    actions = ["remove"]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("rewards.add_poollisting")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("rewards.delete_poollisting")

    def get_urls(self) -> list[URLPattern]:
        remove = path("remove/", self.admin_site.admin_view(self.remove_view), name="rewards_poollisting_remove")
        return [remove, *super().get_urls()]

    @display(description=_("list"), ordering="kind", label={"white": "success", "black": "danger"})
    def shown_kind(self, row: PoolListing) -> tuple[str, str]:
        return row.kind, row.get_kind_display()

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ListingForm(request.POST or None, initial={"pool": request.GET.get("pool", "")})
        if form.is_valid():
            given = form.cleaned_data
            told = listing.list_members(
                given["pool"],
                given["uids"],
                kind=given["kind"],
                prize=given["prize"],
                reason=given["reason"],
                by=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
            )
            self._tell(request, told)
            return HttpResponseRedirect(self._list())
        return self._form(request, form, title=_("Put members on a list"), button=_("Put on the list"))

    @admin.action(description=_("Take selected members off the list"), permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: QuerySet[PoolListing]) -> HttpResponse:
        ids = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True)[: listing.MOST_AT_ONCE])
        return HttpResponseRedirect(f"{reverse('admin:rewards_poollisting_remove')}?ids={ids}")

    def remove_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for the reason, then take off the list who was selected."""
        if not self.has_remove_permission(request):
            raise PermissionDenied
        ids = [int(each) for each in request.GET.get("ids", "").split(",") if each.isdecimal() and len(each) < 19]
        rows = PoolListing.objects.filter(pk__in=ids).select_related("member", "pool")
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            count = listing.unlist(rows, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())  # type: ignore[arg-type]
            words = ngettext("%(count)d member is off the list.", "%(count)d members are off the list.", count)
            self.message_user(request, words % {"count": count}, messages.SUCCESS)
            return HttpResponseRedirect(self._list())
        title = _("Take members off the list")
        return self._form(request, form, title=title, button=_("Take off the list"), rows=rows)

    def _form(self, request: HttpRequest, form: forms.Form, **more: Any) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts, "form": form, "page": self._list()}
        return TemplateResponse(request, "admin/rewards/pool_listing.html", context | more)

    def _list(self) -> str:
        return reverse("admin:rewards_poollisting_changelist")

    def _tell(self, request: HttpRequest, told: listing.Listed) -> None:
        added = ngettext("%(count)d member is on the list now.", "%(count)d members are on the list now.", told.added)
        self.message_user(request, added % {"count": told.added}, messages.SUCCESS)
        if told.already:
            already = ngettext("%(count)d was on it before.", "%(count)d were on it before.", told.already)
            self.message_user(request, already % {"count": told.already})
        if told.unknown:
            shown = listed(told.unknown[:SHOWN_UIDS])
            words = ngettext(
                "%(count)d uid is unknown: %(uids)s", "%(count)d uids are unknown: %(uids)s", len(told.unknown)
            )
            more = " …" if len(told.unknown) > SHOWN_UIDS else ""
            self.message_user(request, words % {"count": len(told.unknown), "uids": shown} + more, messages.WARNING)
