"""The contact of members in the admin: masked for everybody, revealed to whoever may see it, on record."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from unfold.admin import ModelAdmin

from members import contact
from members.masking import masked_subject
from members.models import Identity, Member

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

    def masked_contact(self, request: HttpRequest, member: Member) -> dict[str, Any]:
        """Return what everybody may see of a member read `with_identities`, and the way to the rest."""
        identities: list[dict[str, str]] = member.shown_identities  # type: ignore[attr-defined]
        return {
            "phone": contact.shown_phone(member),
            "email": contact.shown_email(member),
            "identities": [(each["provider"], masked_subject(each["subject"])) for each in identities],
            "reveal": self._address(member) if request.user.has_perm(TO_REVEAL) else None,
        }

    def with_identities(self, members: QuerySet[Member]) -> QuerySet[Member]:
        """Let members read their identities in the same statement."""
        identities = Identity.objects.filter(member=OuterRef("pk")).order_by("provider")
        told = identities.values(told=JSONObject(provider="provider", subject="subject"))
        return members.annotate(shown_identities=ArraySubquery(told))

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
