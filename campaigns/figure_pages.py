"""The figures on a campaign's page: with the page where few take part, behind it where counting takes its time."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin

from campaigns.audience_field import AudienceChoices, choices_of
from campaigns.drafts import Draft
from campaigns.models import Campaign
from campaigns.offers.figures import figures
from campaigns.overview import is_large, overview

NAME = "admin:campaigns_campaign_figures"


class HasFigures(ModelAdmin):
    """Inherit from this to give the admin of campaigns the address."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(figures_part)
        return [path("<int:campaign_id>/figures/", view, name="campaigns_campaign_figures"), *super().get_urls()]


def figures_part(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Answer with the figures as a fragment of the campaign's page."""
    if not request.user.has_perm("campaigns.view_campaign"):
        raise PermissionDenied
    campaign = get_object_or_404(Campaign.objects.select_related("current"), pk=campaign_id)
    shown = figures_of(Draft(campaign), choices_of(request)) | {"original": campaign}
    return TemplateResponse(request, "admin/campaigns/figures.html", shown)


def figures_or_way(draft: Draft, choices: AudienceChoices) -> dict[str, Any]:
    """Return the figures, or the address that counts them."""
    campaign = draft.campaign
    if campaign.current_id is not None and is_large(campaign):
        return {"figures_url": reverse(NAME, args=[campaign.pk])}
    return figures_of(draft, choices)


def figures_of(draft: Draft, choices: AudienceChoices) -> dict[str, Any]:
    return {"overview": overview(draft.campaign, choices), "offer_figures": figures(draft)}
