"""The frame of every page of the builder: the bar of steps above, help beside, the form between."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from campaigns import states
from campaigns.building import steps
from campaigns.building.placing import Progress
from campaigns.building.sheets import Filled
from campaigns.building.steps import STEPS, Step
from campaigns.models import Campaign


@dataclass(frozen=True, slots=True)
class Page:
    """What stands in the frame. `filled` is the form, None on a page that only tells."""

    campaign: Campaign
    step: Step
    progress: Progress
    filled: Filled | None = None


def framed(
    request: HttpRequest, site: AdminSite, page: Page, template: str, context: Mapping[str, Any]
) -> HttpResponse:
    frame = {
        **site.each_context(request),
        "step": page.step,
        "step_before": steps.before(page.step),
        "step_after": steps.after(page.step),
        "title": page.step.title,
        "campaign": page.campaign,
        "opts": Campaign._meta,
        "bar": [_place(step, page.progress) for step in STEPS],
        "may_save": page.campaign.state not in states.OVER,
        "filled": page.filled,
        "media": page.filled.media if page.filled else "",
    }
    return TemplateResponse(request, f"admin/campaigns/building/{template}", {**frame, **context})


def _place(step: Step, progress: Progress) -> dict[str, Any]:
    faults = len(progress.faults_of[step.key])
    return {"step": step, "standing": progress.standing_of[step.key].value, "faults": faults}
