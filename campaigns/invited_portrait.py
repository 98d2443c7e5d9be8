"""What a member's page shows of invitations: by whom the member came into which campaign, and how many friends came."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import gettext_lazy

from campaigns.models import Enrolment, Invitation
from members.portrait import Panel, Visit, register

SHOWN = 10


def register_own() -> None:
    register(
        Panel(
            name="invitations",
            position=72,
            title=gettext_lazy("Invitations"),
            template="admin/campaigns/member_invitations.html",
            permissions=("campaigns.view_invitation", "campaigns.view_campaign"),
            show=invitations,
            reads=_invitations,
        )
    )


def _invitations(_now: datetime) -> Combinable:
    """The campaigns into which the member came by a friend, or brought friends, the newest first."""
    came = Invitation.objects.filter(inviter=OuterRef("pk")).order_by().values("inviter")
    counted = Count("pk", filter=Q(qualified_at__isnull=False))
    concerned = Q(invitation__isnull=False) | Q(invited__isnull=False)
    # Two queries further in than the member.
    concerned_ids = Enrolment.objects.filter(concerned, member=OuterRef(OuterRef("pk"))).values("pk")
    told = JSONObject(
        id="pk",
        campaign="campaign__name",
        inviter="invitation__inviter__member__uid",
        came=Subquery(came.annotate(n=Count("pk")).values("n")),
        counted=Subquery(came.annotate(n=counted).values("n")),
    )
    return ArraySubquery(Enrolment.objects.filter(pk__in=concerned_ids).order_by("-pk").values(told=told)[:SHOWN])


def invitations(visit: Visit) -> Mapping[str, Any]:
    return {"campaigns": [_campaign(told) for told in visit.facts]}


def _campaign(told: Mapping[str, Any]) -> dict[str, Any]:
    link = reverse("admin:campaigns_invitation_tree", args=[told["id"]])
    return {**told, "came": told["came"] or 0, "counted": told["counted"] or 0, "link": link}
