"""Campaigns as scopes of draws, awards and budgets, in words (`rewards.scopes`)."""

from collections.abc import Collection, Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from campaigns.states import RUNNING
from rewards.scopes import Scope, slugs_of


def campaigns(keys: Collection[str] | None) -> Iterable[Scope]:
    """Yield the campaigns, the newest first."""
    rows = Campaign.objects.prefetch_related("pools__pool")
    if keys is not None:
        slugs = slugs_of("campaign", keys)
        rows = rows.filter(slug__in=slugs) if slugs else rows.none()
    now = timezone.now()
    for campaign in rows:
        yield Scope(
            f"campaign:{campaign.slug}",
            _("Campaign “%(campaign)s”") % {"campaign": campaign.name},
            reverse("admin:campaigns_campaign_change", args=[campaign.pk]),
            running=campaign.state in RUNNING and campaign.closes_at > now,
            ends_at=campaign.closes_at,
            draws=True,
            pools=tuple(offered.pool.slug for offered in campaign.pools.all()),
        )
