"""How many members a published campaign is for, and how many of them came: told behind the first page, and kept."""

import time
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.admin import ModelAdmin

from campaigns.audience_counts import reach_of
from campaigns.audience_pages import per_cent
from campaigns.definition import parse_audience
from campaigns.models import Campaign

# Who is in an audience moves slowly; the first page is opened all day, and by everybody.
KEPT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Came:
    """The campaign is for `meant` members as of now; `joined` take part, those whom it was for before among them."""

    meant: int
    joined: int

    @property
    def share(self) -> str:
        """In per cent, as it is read; "" where it is for nobody."""
        return per_cent(min(self.joined, self.meant), self.meant) if self.meant else ""


class HasReach(ModelAdmin):
    """Inherit from this to give the admin of campaigns the address."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(reach_part)
        return [path("<int:campaign_id>/reach/", view, name="campaigns_campaign_reach"), *super().get_urls()]


def reach_part(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Answer with the reach as a fragment; a campaign that was never published is for nobody yet."""
    if not request.user.has_perm("campaigns.view_campaign"):
        raise PermissionDenied
    campaign = get_object_or_404(Campaign.objects.select_related("current"), pk=campaign_id)
    shown = {"came": came(campaign, now=timezone.now()), "begun": campaign.opens_at <= timezone.now()}
    return TemplateResponse(request, "admin/campaigns/reach.html", shown)


def came(campaign: Campaign, *, now: datetime) -> Came | None:
    """Count both, at most once in KEPT_SECONDS. With a million members that takes part of a second."""
    if campaign.current is None:
        return None
    key = f"campaign-reach:{campaign.current_id}"
    kept: tuple[int, int] | None = cache.get(key)
    if kept is None:
        audience = parse_audience(campaign.current.definition["audience"])
        minute = now.replace(second=0, microsecond=0)
        reach = reach_of(audience, campaign_id=campaign.pk, now=minute, clock=time.monotonic())
        kept = (reach.count, campaign.enrolments.order_by().count())
        cache.set(key, kept, KEPT_SECONDS)
    return Came(*kept)
