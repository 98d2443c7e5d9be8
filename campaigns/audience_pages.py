"""What a form asks while an audience is ticked: how many members it admits now, and its words. Nothing is saved."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from campaigns.audience_counts import Reach, reach_of
from campaigns.audience_field import AudienceChoices, AudienceField
from campaigns.definition import Audience, DefinitionError, parse_audience
from campaigns.models import Campaign
from operations.charts import share
from operations.row_numbers import row_number
from segmentation import scheduling
from segmentation.freshness import GRACE
from segmentation.models import Segment

# Whoever meets an audience in some form.
ASKING = ("campaigns.view_campaign", "campaigns.add_campaign", "rewards.view_mallitem", "rewards.add_mallitem")


@dataclass(frozen=True, slots=True)
class Note:
    """A line below the count; a `warning` wants an eye."""

    words: str
    warning: bool = True


class CountsAudiences(ModelAdmin):
    """Inherit from this to give the admin of campaigns the address that the audience field names."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(count_view)
        return [path("audience-count/", view, name="campaigns_audience_count"), *super().get_urls()]


@require_POST
def count_view(request: HttpRequest) -> HttpResponse:
    """Answer with the count and the words of one audience of the form that is sent, as a fragment.

    htmx names the element that asks, by the field's name; `campaign_audience` names the field of the campaign's own
    audience where that is on the same form, and `of_campaign` is the campaign's id where there is one.
    """
    if not any(request.user.has_perm(each) for each in ASKING):
        raise PermissionDenied
    now = timezone.now().replace(second=0, microsecond=0)
    trigger = request.headers.get("HX-Trigger", "")
    name = trigger.removeprefix("id_").removesuffix("_count")
    typed = Typed(request.POST, name)
    return TemplateResponse(request, "admin/campaigns/audience_count.html", _answer(request.POST, typed, now))


class Typed:
    """One audience of a form, as it is typed."""

    def __init__(self, data: QueryDict, name: str) -> None:
        self.name = name
        self._field = AudienceField(AudienceChoices())
        self._values = self._field.widget.value_from_datadict(data, {}, name)

    def audience(self) -> Audience:
        """Raises ValidationError."""
        return parse_audience(self._field.clean(self._values))

    def said(self) -> list[dict[str, Any]]:
        """What is chosen of each part, in the words in which the saved form says it."""
        return self._field.widget.said(self._values)


def _answer(data: QueryDict, typed: Typed, now: datetime) -> dict[str, Any]:
    campaign, outer = _campaign(data.get("of_campaign", "")), data.get("campaign_audience")
    try:
        audience = typed.audience()
        around = None if typed.name == outer else Typed(data, outer).audience() if outer else _saved(campaign)
    except ValidationError as error:
        return {"fault": " ".join(error.messages)}
    campaign_id = campaign.pk if campaign else None
    reach = reach_of(audience, around=around, campaign_id=campaign_id, now=now, clock=time.monotonic())
    words = {"said_name": typed.name, "parts": typed.said()}
    return _shown(reach) | words | {"notes": [*_of_count(reach), *_of_segments(audience, now)]}


def _campaign(text: str) -> Campaign | None:
    number = row_number(text)
    return None if number is None else Campaign.objects.filter(pk=number).first()


def _saved(campaign: Campaign | None) -> Audience | None:
    """The audience of the campaign's draft as it is saved; None where there is none, or none that can be read."""
    try:
        return parse_audience(campaign.audience) if campaign and campaign.audience else None
    except DefinitionError:
        return None


def _shown(reach: Reach) -> dict[str, Any]:
    around = reach.around is not None and reach.around != reach.total
    return {
        "reach": reach,
        "share": share(reach.count, reach.total),
        "per_cent": per_cent(reach.count, reach.total),
        "within": reach.within if around else None,
        "within_share": share(reach.within or 0, reach.around or 0),
    }


def per_cent(part: int, whole: int) -> str:
    """A share as it is read: never 0 or 100 of what is not nothing or all."""
    rounded = round(share(part, whole), 1)
    if part and not rounded:
        return _("less than 0.1 %")
    if part < whole and rounded == round(100.0, 1):
        return _("more than 99.9 %")
    return f"{number_format(rounded, decimal_pos=1)} %"


def _of_count(reach: Reach) -> Iterator[Note]:
    if not reach.count:
        yield Note(_("Nobody is in this audience now."))
    elif reach.within == 0:
        yield Note(_("None of them is in the campaign's own audience: nobody would meet this."))
    elif reach.count == reach.total:
        yield Note(_("These are all members."), warning=False)


def _of_segments(audience: Audience, now: datetime) -> Iterator[Note]:
    """What an operator should know of the segments that it asks for: not computed yet, or older than planned."""
    for segment in Segment.objects.filter(slug__in=audience.segments_in | audience.segments_not_in):
        words = {"segment": segment.name}
        if segment.members_id is None:
            yield Note(_("Segment “%(segment)s” is not computed yet: nobody is in it.") % words)
        elif segment.refreshed_at and (age := _age_of_stale(segment, now)):
            words["age"] = age
            yield Note(_("Segment “%(segment)s” is stale: it was computed %(age)s ago.") % words)


def _age_of_stale(segment: Segment, now: datetime) -> str:
    """How old its members are, where they should have been computed again meanwhile; else ""."""
    plan = scheduling.plan_of(segment)
    late = (
        plan is not None and segment.refreshed_at is not None and segment.refreshed_at < plan.last_before(now - GRACE)
    )
    return timesince(segment.refreshed_at, now) if late and segment.refreshed_at else ""
