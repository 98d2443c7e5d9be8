"""The contact of members in the admin: masked for everybody, revealed to whoever may see it, on record."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from unfold.admin import ModelAdmin

from members import contact
from members.masking import masked_subject
from members.models import Member

TO_REVEAL = "members.view_contact"


class ContactAdmin(ModelAdmin):
    """Inherit from this to show `masked_contact` with its button, and to find members by a whole phone or email."""

    def get_urls(self) -> list[URLPattern]:
        reveal = path(
            "<path:object_id>/reveal-contact/",
            self.admin_site.admin_view(self.reveal_contact),
            name="members_member_reveal_contact",
        )
        return [reveal, *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Member], search_term: str
    ) -> tuple[QuerySet[Member], bool]:
        found, may_have_duplicates = super().get_search_results(request, queryset, search_term)
        if search_term.strip():
            found |= queryset.filter(contact.has_phone(search_term) | contact.has_email(search_term))
        return found, may_have_duplicates

    @admin.display(description=_("phone"))
    def shown_phone(self, member: Member) -> str:
        return contact.shown_phone(member)

    @admin.display(description=_("email"))
    def shown_email(self, member: Member) -> str:
        return contact.shown_email(member)

    @admin.display(description=_("contact"))
    def masked_contact(self, member: Member) -> SafeString:
        """Show what everybody may see; `get_object` has noted whether the reader may see the rest."""
        identities = member.identities.order_by("provider").values_list("provider", "subject")
        context = {
            "phone": contact.shown_phone(member),
            "email": contact.shown_email(member),
            "identities": [(provider, masked_subject(subject)) for provider, subject in identities],
            "reveal": self._address(member) if getattr(member, "may_be_revealed", False) else None,
        }
        return render_to_string("admin/members/contact.html", context)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Member | None:
        member: Member | None = super().get_object(request, object_id, from_field)
        if member is not None:
            member.may_be_revealed = request.user.has_perm(TO_REVEAL)  # type: ignore[attr-defined]
        return member

    @method_decorator(never_cache)
    def reveal_contact(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the contact of one member once, to a POST."""
        member = self.get_object(request, object_id)
        if member is None:
            raise Http404
        if not (request.user.has_perm(TO_REVEAL) and self.has_view_permission(request, member)):
            raise PermissionDenied
        page = reverse("admin:members_member_change", args=[member.pk])
        if request.method != "POST":
            return HttpResponseRedirect(page)
        revealed = contact.reveal(member, by=request.user, now=timezone.now())
        context: dict[str, Any] = {"revealed": revealed, "member": member, "page": page, "opts": self.opts}
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "admin/members/contact_revealed.html", context)
        context |= self.admin_site.each_context(request) | {"title": _("Contact"), "subtitle": str(member)}
        return TemplateResponse(request, "admin/members/contact_page.html", context, status=HTTPStatus.OK)

    def _address(self, member: Member) -> str:
        return reverse("admin:members_member_reveal_contact", args=[member.pk])
