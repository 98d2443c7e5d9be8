"""The page of one member in the admin: drawn from the panels of all rooms, not a form."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from members import portrait, seen_by
from members.contact_admin import ContactAdmin
from members.models import Member
from members.timeline_view import timeline_of


class PortraitAdmin(ContactAdmin):
    """Inherit from this to show members as templates/admin/members/member/change_form.html draws them."""

    class Media:
        css = {"all": ["admin/charts.css", "admin/portrait.css"]}

    def get_urls(self) -> list[URLPattern]:
        timeline = self.admin_site.admin_view(self.timeline_view)
        return [path("<int:member_id>/timeline/", timeline, name="members_member_timeline"), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Member | None = None) -> Any:
        # The page is drawn by the template admin/members/member/change_form.html, from the panels of all rooms.
        return []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        members = super().get_queryset(request)
        if looked_at := getattr(request, "looked_at", None):
            standing = members.select_related("level", "metrics", "standing")
            return portrait.with_facts(self.with_identities(standing), user=request.user, now=looked_at)
        return members

    def change_view(
        self, request: Any, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        request.looked_at = timezone.now()
        return super().change_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request: Any, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        member = context["original"]
        context |= {
            "title": seen_by.name(member.name, request.user) or str(member),
            "subtitle": None,
            "contact": self.masked_contact(request, member),
            "portrait": portrait.draw(member, user=request.user, now=request.looked_at),
            "timeline": timeline_of(member.pk, request),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def timeline_view(self, request: HttpRequest, member_id: int) -> HttpResponse:
        """Answer with the timeline alone, for the filter and the pages of the member's page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        shown = {"timeline": timeline_of(member_id, request)}
        return TemplateResponse(request, "admin/members/member/timeline.html", shown)
