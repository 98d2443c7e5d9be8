"""A member's data in the admin: a copy of all of it, and its erasure, each with a permission of its own."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from members import erasing, exporting, privacy
from members.models import Member

TO_EXPORT = "members.export_member_data"
TO_ERASE = "members.erase_member"


class ErasureForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget,
        help_text=gettext_lazy("Such as “asked for by the member on the telephone”. Without names: it is kept."),
    )


class PrivacyAdmin(ModelAdmin):
    """Inherit from this to lead from a member's page to the page of their data."""

    actions_detail = ["personal_data"]

    def get_urls(self) -> list[URLPattern]:
        views = {"personal-data": self.personal_data, "export-data": self.export_data, "erase": self.erase}
        return [
            path(
                f"<int:object_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"members_member_{name.replace('-', '_')}",
            )
            for name, view in views.items()
            if name != "personal-data"
        ] + super().get_urls()

    def has_personal_data_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return request.user.has_perm(TO_EXPORT) or request.user.has_perm(TO_ERASE)

    @action(description=gettext_lazy("Personal data"), url_path="personal-data", permissions=["personal_data"])
    def personal_data(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Show what is held, what an erasure does to it, and the two ways on."""
        member = self._member(request, object_id)
        return self._page(request, member, "admin/members/personal_data.html", _("Personal data"))

    @method_decorator(never_cache)
    def export_data(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Send the archive, to a POST: that somebody took it is on record."""
        member = self._member(request, object_id)
        if not request.user.has_perm(TO_EXPORT):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(_address("personal_data", member))
        archive = exporting.export(member, by=request.user, now=timezone.now())
        return FileResponse(archive, as_attachment=True, filename=f"member-{member.pk}.zip")

    def erase(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Ask once more, with the reason; then erase."""
        member = self._member(request, object_id)
        if not request.user.has_perm(TO_ERASE):
            raise PermissionDenied
        form = ErasureForm(request.POST or None)
        if not form.is_valid():
            return self._page(request, member, "admin/members/erase.html", _("Erase personal data"), form=form)
        try:
            erasing.erase(member.pk, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())
        except erasing.AlreadyErased:
            self.message_user(request, _("This member was erased already."), messages.WARNING)
        else:
            self.message_user(request, _("The member's personal data is erased."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:members_member_change", args=[member.pk]))

    def _member(self, request: HttpRequest, object_id: int) -> Member:
        member: Member | None = self.get_object(request, str(object_id))
        if member is None:
            raise Http404
        if not self.has_view_permission(request, member):
            raise PermissionDenied
        return member

    def _page(self, request: HttpRequest, member: Member, template: str, title: str, **more: Any) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": title,
            "subtitle": str(member),
            "opts": self.opts,
            "original": member,
            "sections": [each.section for each in privacy.registered()],
            "page": reverse("admin:members_member_change", args=[member.pk]),
            "export": _address("export_data", member) if request.user.has_perm(TO_EXPORT) else None,
            "erase": self._erasure(request, member),
        }
        return TemplateResponse(request, template, context | more)

    def _erasure(self, request: HttpRequest, member: Member) -> str | None:
        may = member.erased_at is None and request.user.has_perm(TO_ERASE)
        return _address("erase", member) if may else None


def _address(name: str, member: Member) -> str:
    return reverse(f"admin:members_member_{name}", args=[member.pk])
