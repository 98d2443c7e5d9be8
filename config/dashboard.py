"""The first page of the admin: what is live, and what wants an operator's eye."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import held_rewards
from campaigns.models import Campaign, Proposal
from campaigns.states import RUNNING
from config.health import LATE
from operations import heartbeats, webhook_concerns
from operations.models import Book, Job
from operations.webhook_refusals import off_words
from rewards import budget_warnings, delivery_concerns, stocktaking
from rewards.budget_words import warning_words
from segmentation import freshness

SHORTCUTS = (
    ("campaigns.campaign", "campaign"),
    ("rewards.prizepool", "casino"),
    ("rewards.gift", "redeem"),
    ("segmentation.segment", "filter_alt"),
)


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that is not as it should be, and where to look at it."""

    text: str
    link: str


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return unfold's context with what this user may know."""
    may = request.user.has_perm
    return context | {
        "running": running_campaigns() if may("campaigns.view_campaign") else None,
        "concerns": [
            *campaigns_to_approve(request),
            *jobs_and_books(request),
            *webhooks_that_fail(request),
            *budgets_nearly_spent(request),
            *segments_that_failed(request),
            *red_packets_that_wait(request),
            *gifts_running_low(request),
            *rewards_to_check(request),
        ],
        "shortcuts": list(shortcuts(request)),
    }


def running_campaigns() -> QuerySet[Campaign]:
    """Return what is scheduled, live or paused, with `people` who take part and how many of them `joined` today."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    running = Campaign.objects.filter(state__in=RUNNING)
    joined = Count("enrolments", filter=Q(enrolments__joined_at__gte=midnight))
    return running.annotate(people=Count("enrolments"), joined=joined).order_by("closes_at")


def campaigns_to_approve(request: HttpRequest) -> Iterator[Concern]:
    """Yield the proposals that wait for this user: somebody else submitted them."""
    if not request.user.has_perms(["campaigns.view_campaign", "campaigns.approve_campaign"]):
        return
    waiting = Proposal.objects.filter(state=Proposal.State.IN_REVIEW).exclude(submitted_by=request.user.pk)
    for proposal in waiting.select_related("campaign", "submitted_by").order_by("pk"):
        words = {"campaign": proposal.campaign, "user": proposal.submitted_by}
        text = _("“%(campaign)s” waits for review; %(user)s submitted it.") % words
        yield Concern(text, reverse("admin:campaigns_campaign_review", args=[proposal.campaign_id]))


def jobs_and_books(request: HttpRequest) -> Iterator[Concern]:
    """Yield what is wrong in the engine room."""
    if request.user.has_perm("operations.view_job"):
        if dead := Job.objects.filter(state=Job.State.DEAD).count():
            text = ngettext("%(count)d job has died.", "%(count)d jobs have died.", dead) % {"count": dead}
            yield Concern(text, reverse("admin:operations_job_changelist") + "?state__exact=dead")
        age = heartbeats.age(heartbeats.WORKERS, now=timezone.now())
        if age is None or age > LATE:
            yield Concern(_("The workers are silent: jobs wait."), reverse("admin:operations_heartbeat_changelist"))
    if request.user.has_perm("operations.view_book"):
        for book in Book.objects.exclude(violations=0):
            link = reverse("admin:operations_book_changelist")
            yield Concern(_("The books do not balance: %(book)s.") % {"book": _(book.name)}, link)


def webhooks_that_fail(request: HttpRequest) -> Iterator[Concern]:
    """Yield the webhooks that went off by themselves, and those that have taken nothing for a while."""
    if not request.user.has_perm("operations.view_webhookendpoint"):
        return
    for endpoint in webhook_concerns.gone_off():
        words = {"webhook": endpoint.name, "why": off_words(endpoint.off_reason)}
        text = _("The webhook “%(webhook)s” was switched off. %(why)s") % words
        yield Concern(text, reverse("admin:operations_webhookendpoint_change", args=[endpoint.pk]))
    for endpoint in webhook_concerns.failing(now=timezone.now()):
        text = _("The webhook “%(webhook)s” takes nothing.") % {"webhook": endpoint.name}
        yield Concern(text, reverse("admin:operations_webhookendpoint_change", args=[endpoint.pk]))


def budgets_nearly_spent(request: HttpRequest) -> Iterator[Concern]:
    """Yield the budgets of what runs now that are half spent or more."""
    if not request.user.has_perm("rewards.view_budget"):
        return
    for standing in budget_warnings.concerning(now=timezone.now()):
        text = warning_words(standing, budget_warnings.level_of(standing))
        yield Concern(text, reverse("admin:rewards_budget_change", args=[standing.budget.pk]))


def red_packets_that_wait(request: HttpRequest) -> Iterator[Concern]:
    """Yield the payments that only an operator can move on."""
    if not request.user.has_perm("rewards.view_delivery"):
        return
    page = reverse("admin:rewards_delivery_changelist")
    for concern in delivery_concerns.concerns(now=timezone.now()):
        yield Concern(concern.text, f"{page}?{concern.query}")


def segments_that_failed(request: HttpRequest) -> Iterator[Concern]:
    """Yield the segments whose last run failed, or is late; their last good version goes on serving."""
    if not request.user.has_perm("segmentation.view_segment"):
        return
    for segment in freshness.failing():
        text = _("The last run of the segment “%(segment)s” failed.") % {"segment": segment}
        yield Concern(text, reverse("admin:segmentation_segment_change", args=[segment.pk]))
    for segment in freshness.late(now=timezone.now()):
        text = _("The segment “%(segment)s” is late: the run that was due has not begun.") % {"segment": segment}
        yield Concern(text, reverse("admin:segmentation_segment_change", args=[segment.pk]))


def gifts_running_low(request: HttpRequest) -> Iterator[Concern]:
    """Yield the gifts of which no more are left than their alert says."""
    if not request.user.has_perm("rewards.view_gift"):
        return
    for gift in stocktaking.running_low():
        if gift.remaining:
            text = _("The gift “%(gift)s” runs low: %(count)d left.") % {"gift": gift.name, "count": gift.remaining}
        else:
            text = _("The gift “%(gift)s” has run out.") % {"gift": gift.name}
        yield Concern(text, reverse("admin:rewards_gift_change", args=[gift.gift_id]))


def rewards_to_check(request: HttpRequest) -> Iterator[Concern]:
    """Yield how many rewards are held back and wait for a reviewer."""
    if not request.user.has_perm(held_rewards.RIGHT):
        return
    if count := held_rewards.waiting().count():
        words = ngettext(
            "%(count)d reward is held back until somebody has checked it.",
            "%(count)d rewards are held back until somebody has checked them.",
            count,
        )
        yield Concern(words % {"count": count}, reverse("admin:campaigns_heldcompletion_changelist"))


def shortcuts(request: HttpRequest) -> Iterator[dict[str, Any]]:
    """Yield what this user may add, by the name of the model."""
    for label, icon in SHORTCUTS:
        model = apps.get_model(label)
        app_label, name = label.split(".")
        if request.user.has_perm(f"{app_label}.add_{name}"):
            yield {"name": model._meta.verbose_name, "icon": icon, "link": reverse(f"admin:{app_label}_{name}_add")}
