"""The last step: what goes to members, and the ways there, which are those of the review page and of the plain form."""

from collections.abc import Mapping
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from campaigns import publishing, reviewing
from campaigns.audience_field import choices_of
from campaigns.building.placing import Progress, changes_of
from campaigns.building.sheets import Filled
from campaigns.building.steps import PUBLISH
from campaigns.drafts import Draft
from campaigns.models import Campaign
from campaigns.review_pages import SUBMIT, NoteForm
from campaigns.revision_words import Words

STEP = "admin:campaigns_campaign_build_step"


def shown(request: HttpRequest, draft: Draft, progress: Progress, _filled: Filled | None) -> Mapping[str, Any]:
    campaign = draft.campaign
    return {
        "stopping": progress.stopping,
        "against": [fault.message for fault in progress.faults if fault.against],
        "changes": changes_of(draft, progress, Words(choices_of(request))),
        "proposal": reviewing.open_proposal(campaign),
        "note_form": NoteForm(),
        "may_submit": request.user.has_perm(SUBMIT),
        "may_publish": publishing.may_publish_alone(request.user),
    }


def decide(request: HttpRequest, campaign: Campaign, site: AdminSite) -> HttpResponse:
    """Publish at once, in a shop that does without reviews. Submitting is the review page's own."""
    if not publishing.may_publish_alone(request.user):
        raise PermissionDenied
    admin: Any = site.get_model_admin(Campaign)
    admin.publish(request, Campaign.objects.filter(pk=campaign.pk))
    return redirect(STEP, campaign.pk, PUBLISH.key)
