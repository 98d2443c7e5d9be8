"""What `campaigns` shows on a member's page: where they take part, and what they did."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat, JSONObject
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.models import Campaign, Completion, Enrolment, Task
from campaigns.states import RUNNING
from members.portrait import Figure, Figures, Panel, Said, Source, Visit, register
from rewards.models import Chances

SHOWN_CAMPAIGNS = 20


def register_own() -> None:
    register(
        Figures(
            name="campaigns_joined",
            position=40,
            permissions=("campaigns.view_enrolment",),
            show=joined_figure,
            reads=_joined_count,
        ),
        Panel(
            name="campaigns",
            position=70,
            title=gettext_lazy("Campaigns"),
            template="admin/campaigns/member_campaigns.html",
            permissions=("campaigns.view_campaign", "campaigns.view_enrolment"),
            show=campaigns,
            reads=_campaigns,
        ),
        Source(
            kind="joined",
            title=pgettext_lazy("timeline", "Campaigns joined"),
            icon="how_to_reg",
            position=60,
            permissions=("campaigns.view_enrolment",),
            rows=lambda member_id: Enrolment.objects.filter(member=member_id),
            at="joined_at",
            details={"id": "campaign_id", "name": "campaign__name"},
            say=_joined,
        ),
        Source(
            kind="task",
            title=pgettext_lazy("timeline", "Tasks done"),
            icon="task_alt",
            position=70,
            permissions=("campaigns.view_completion",),
            rows=lambda member_id: Completion.objects.filter(enrolment__member=member_id),
            at="completed_at",
            details={
                "task": Coalesce(Subquery(_titles().values("title")[:1]), F("task_key")),
                "name": "enrolment__campaign__name",
                "day": "period",
                "id": "pk",
            },
            say=_done,
        ),
    )


def _titles() -> Any:
    """A task is called what its draft calls it now; one that was taken out of the campaign has its key only."""
    return Task.objects.filter(campaign=OuterRef("enrolment__campaign"), key=OuterRef("task_key"))


def _joined_count(_now: datetime) -> Combinable:
    joined = Enrolment.objects.filter(member=OuterRef("pk")).order_by().values("member")
    return Coalesce(Subquery(joined.annotate(count=Count("pk")).values("count")), Value(0), output_field=IntegerField())


def joined_figure(visit: Visit) -> Iterator[Figure]:
    yield Figure(_("Campaigns joined"), str(visit.facts))


def _campaigns(_now: datetime) -> Combinable:
    """Those that run, and those the member joined, the newest first."""
    member = OuterRef(OuterRef("pk"))
    enrolments = Enrolment.objects.filter(campaign=OuterRef("pk"), member=member)
    done = Completion.objects.filter(enrolment=OuterRef("pk")).order_by().values("enrolment")
    told = JSONObject(
        joined_at="joined_at",
        score="score",
        done=Subquery(done.annotate(count=Count("pk")).values("count")),
    )
    scope = Concat(Value("campaign:"), OuterRef("slug"))
    chances = Chances.objects.filter(member=member, scope=scope).values(left_=F("granted") - F("used"))
    shown = Campaign.objects.filter(Q(state__in=RUNNING) | Exists(enrolments)).order_by("-pk")
    rows = JSONObject(
        id="pk", name="name", state="state", enrolment=Subquery(enrolments.values(told=told)), chances=Subquery(chances)
    )
    return ArraySubquery(shown.values(told=rows)[:SHOWN_CAMPAIGNS])


def campaigns(visit: Visit) -> Mapping[str, Any]:
    return {"campaigns": [_campaign(told, visit.member.pk) for told in visit.facts]}


def _campaign(told: Mapping[str, Any], member_id: int) -> dict[str, Any]:
    enrolment = told["enrolment"]
    return {
        "name": told["name"],
        "state": Campaign.State(told["state"]),
        "enrolment": enrolment and enrolment | {"joined_at": parse_datetime(enrolment["joined_at"])},
        "chances": told["chances"] or 0,
        "link": reverse("admin:campaigns_campaign_change", args=[told["id"]]),
        "why": reverse("admin:campaigns_campaign_why", args=[told["id"], member_id]),
    }


def _joined(told: Mapping[str, Any]) -> Said:
    words = _("Joined %(campaign)s") % {"campaign": told["name"]}
    return Said(words, link=reverse("admin:campaigns_campaign_change", args=[told["id"]]))


def _done(told: Mapping[str, Any]) -> Said:
    words = _("Did the task “%(task)s”") % {"task": told["task"]}
    day = "" if told["day"] == "once" else told["day"]
    detail = " · ".join(filter(None, [told["name"], day]))
    return Said(words, detail, reverse("admin:campaigns_completion_change", args=[told["id"]]))
