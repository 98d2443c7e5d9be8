"""What members do for each other, for operators to look at: invitations with their tree, helps, bargains, teams."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from campaigns import invited_tree
from campaigns.models import Bargain, Campaign, Enrolment, Help, Invitation, Team
from campaigns.sharing_config import money
from operations.read_only_admin import ReadOnlyAdmin
from operations.sentences import listed

NEEDED = ("campaigns.view_invitation", "members.view_member")


class OfMembers(ReadOnlyAdmin):
    """Rows between members: found by the uid of either."""

    search_help_text = gettext_lazy("The member's uid")


@admin.register(Invitation)
class InvitationAdmin(OfMembers):
    list_display = [
        "inviter_uid",
        "invitee_uid",
        "campaign_name",
        "task_key",
        "invited_at",
        "qualified_at",
        "tree_link",
    ]
    list_filter = ["invitee__campaign", ("qualified_at", admin.EmptyFieldListFilter)]
    list_select_related = ["inviter__member", "invitee__member", "invitee__campaign"]
    search_fields = ["=inviter__member__uid", "=invitee__member__uid"]
    fields = ["inviter_uid", "invitee_uid", "campaign_name", "task_key", "invited_at", "qualified_at", "tree_link"]

    def get_urls(self) -> list[URLPattern]:
        of_campaign, of_member = self.admin_site.admin_view(self.campaign_tree), self.admin_site.admin_view(self.tree)
        return [
            path("campaign/<int:campaign_id>/", of_campaign, name="campaigns_invitation_campaign"),
            path("tree/<int:enrolment_id>/", of_member, name="campaigns_invitation_tree"),
            *super().get_urls(),
        ]

    def campaign_tree(self, request: HttpRequest, campaign_id: int) -> HttpResponse:
        """Who brought the most friends into a campaign, without having been brought by anybody."""
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        shown = {"campaign": campaign, "roots": invited_tree.roots_of(campaign_id)}
        return self._page(request, _("Invitations in “%s”") % campaign, shown)

    def tree(self, request: HttpRequest, enrolment_id: int) -> HttpResponse:
        """Who invited a member, and whom the member brought, directly and by friends of friends."""
        enrolment = get_object_or_404(Enrolment.objects.select_related("member", "campaign"), pk=enrolment_id)
        branches = invited_tree.below([enrolment.pk])
        shown = {
            "campaign": enrolment.campaign,
            "member": enrolment.member,
            "above": invited_tree.above(enrolment.pk),
            "branches": branches,
            "direct": sum(branch.depth == 1 for branch in branches),
            "counted": sum(branch.depth == 1 and branch.qualified_at is not None for branch in branches),
            "deepest": max((branch.depth for branch in branches), default=0),
            "most": invited_tree.MOST_SHOWN if len(branches) == invited_tree.MOST_SHOWN else None,
        }
        words = {"member": enrolment.member.uid, "campaign": enrolment.campaign}
        return self._page(request, _("Invited by %(member)s in “%(campaign)s”") % words, shown)

    def _page(self, request: HttpRequest, title: str, shown: dict[str, Any]) -> HttpResponse:
        if not request.user.has_perms(NEEDED):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | {"opts": Invitation._meta, "title": title} | shown
        return TemplateResponse(request, "admin/campaigns/invited_tree.html", context)

    @display(description=gettext_lazy("inviter"))
    def inviter_uid(self, invitation: Invitation) -> str:
        return invitation.inviter.member.uid

    @display(description=gettext_lazy("friend"))
    def invitee_uid(self, invitation: Invitation) -> str:
        return invitation.invitee.member.uid

    @display(description=gettext_lazy("campaign"))
    def campaign_name(self, invitation: Invitation) -> str:
        return invitation.invitee.campaign.name

    @display(description=gettext_lazy("tree"))
    def tree_link(self, invitation: Invitation) -> str:
        address = reverse("admin:campaigns_invitation_tree", args=[invitation.inviter_id])
        return format_html('<a href="{}">{}</a>', address, _("Who invited whom"))


@admin.register(Help)
class HelpAdmin(OfMembers):
    list_display = [
        "helper_uid",
        "helped_uid",
        "campaign_name",
        "task_key",
        "period",
        "numbered",
        "cut_off",
        "helped_at",
    ]
    list_filter = ["helped__campaign"]
    list_select_related = ["helper__member", "helped__member", "helped__campaign"]
    search_fields = ["=helper__member__uid", "=helped__member__uid"]
    fields = list_display

    @display(description=gettext_lazy("helper"))
    def helper_uid(self, row: Help) -> str:
        return row.helper.member.uid

    @display(description=gettext_lazy("who is helped"))
    def helped_uid(self, row: Help) -> str:
        return row.helped.member.uid

    @display(description=gettext_lazy("campaign"))
    def campaign_name(self, row: Help) -> str:
        return row.helped.campaign.name

    @display(description=gettext_lazy("number"), ordering="number")
    def numbered(self, row: Help) -> str:
        return f"{row.number}/{row.of}"

    @display(description=gettext_lazy("cut off"), ordering="cut")
    def cut_off(self, row: Help) -> str:
        return "–" if row.cut is None else money(row.cut)


@admin.register(Bargain)
class BargainAdmin(OfMembers):
    list_display = ["member_uid", "campaign_name", "task_key", "period", "prices", "friends", "begun_at", "until"]
    list_filter = ["enrolment__campaign"]
    list_select_related = ["enrolment__member", "enrolment__campaign"]
    search_fields = ["=enrolment__member__uid"]
    fields = list_display

    @display(description=gettext_lazy("member"))
    def member_uid(self, bargain: Bargain) -> str:
        return bargain.enrolment.member.uid

    @display(description=gettext_lazy("campaign"))
    def campaign_name(self, bargain: Bargain) -> str:
        return bargain.enrolment.campaign.name

    @display(description=gettext_lazy("price now"))
    def prices(self, bargain: Bargain) -> str:
        return f"{money(bargain.now_at)} ({money(bargain.price)} → {money(bargain.floor)})"

    @display(description=gettext_lazy("friends"), ordering="helped")
    def friends(self, bargain: Bargain) -> str:
        return f"{bargain.helped}/{bargain.helps}"


@admin.register(Team)
class TeamAdmin(OfMembers):
    list_display = ["founder_uid", "campaign", "task_key", "seats_taken", "founded_at", "until", "full_at"]
    list_filter = ["campaign"]
    list_select_related = ["founder__member", "campaign"]
    search_fields = ["=seats__enrolment__member__uid"]
    fields = [*list_display, "members"]

    @display(description=gettext_lazy("founder"))
    def founder_uid(self, team: Team) -> str:
        return team.founder.member.uid

    @display(description=gettext_lazy("seats"), ordering="taken")
    def seats_taken(self, team: Team) -> str:
        return f"{team.taken}/{team.size}"

    @display(description=gettext_lazy("members"))
    def members(self, team: Team) -> str:
        return listed(team.seats.order_by("pk").values_list("enrolment__member__uid", flat=True))
