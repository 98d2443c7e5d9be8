"""The page of the admin that says what a member may do in a campaign, and why not the rest."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from campaigns import eligibility, kinds, published, subjects
from campaigns.audience_field import AudienceChoices, audience_words, choices_of
from campaigns.definition import Audience
from campaigns.definition import Campaign as Definition
from campaigns.eligibility import CampaignDecision, TaskDecision, TaskState
from campaigns.models import Campaign
from campaigns.pool_choice import DrawChoice, in_choosing_order, kind_of
from campaigns.pool_words import KINDS, bucket_words, why_words
from campaigns.refusals import Refusal
from campaigns.wordings import wording
from members.models import Member

NEEDED = ("members.view_member", "campaigns.view_campaign")
STATES: dict[TaskState, str | Promise] = {
    TaskState.OPEN: pgettext_lazy("state of a task", "open"),
    TaskState.CLAIMABLE: pgettext_lazy("state of a task", "reward to claim"),
    TaskState.DONE: pgettext_lazy("state of a task", "done"),
    TaskState.LOCKED: pgettext_lazy("state of a task", "locked"),
    TaskState.OFFERED: pgettext_lazy("state of a task", "to be accepted"),
    TaskState.HELD: pgettext_lazy("state of a task", "being checked"),
    TaskState.SKIPPED: pgettext_lazy("state of a task", "falls away"),
    TaskState.MISSED: pgettext_lazy("state of a task", "too late"),
    TaskState.REFUSED: pgettext_lazy("state of a task", "refused"),
}


def why_page(request: HttpRequest, campaign_id: int, member_id: int, *, site: AdminSite) -> HttpResponse:
    """Show the decision that pages, API and draw would take now: for the campaign, each task and each pool."""
    if not request.user.has_perms(NEEDED):
        raise PermissionDenied
    campaign, member = get_object_or_404(Campaign, pk=campaign_id), get_object_or_404(Member, pk=member_id)
    definition = published.definition_of(campaign.slug)
    words = {"campaign": campaign, "member": member.uid}
    shown = {"campaign": campaign, "member": member, "opts": Campaign._meta}
    title = {"title": _("Why: %(member)s in “%(campaign)s”") % words}
    decided = _decided(definition, member, choices_of(request)) if definition else _not_published()
    context = site.each_context(request) | shown | decided | title
    return TemplateResponse(request, "admin/campaigns/why.html", context)


def _not_published() -> dict[str, Any]:
    return {"refusal": wording(Refusal.NOT_PUBLISHED)}


def _decided(definition: Definition, member: Member, choices: AudienceChoices) -> dict[str, Any]:
    subject = subjects.load_subject(member, definition, now=timezone.now())
    decision = eligibility.decide(definition, subject)
    return {
        "refusal": decision.refusal and wording(decision.refusal),
        "audience": _for_whom(definition.audience, choices),
        "decision": decision,
        "subject": subject,
        "groups": list(_groups(decision, choices)),
        "draw": decision.draw,
        "draw_why": why_words(decision.draw, choices),
        "draws": [_draw(each, choices) for each in decision.draws],
        "pools": list(_pools(definition, decision, choices)),
    }


def _draw(choice: DrawChoice, choices: AudienceChoices) -> dict[str, Any]:
    return {
        "bucket": bucket_words(choice.bucket),
        "chances": choice.chances,
        "pool": choice.pool,
        "why": why_words(choice, choices),
    }


def _pools(definition: Definition, decision: CampaignDecision, choices: AudienceChoices) -> Iterator[dict[str, Any]]:
    """Every pool in the order in which it is asked, with its own answer; then those that only a name leads to."""
    refusals = dict(decision.ordinary.refusals)
    named_only = [pool for pool in definition.pools if pool.named_only]
    for pool in (*in_choosing_order(definition.pools), *named_only):
        refusal = refusals.get(pool)
        yield {
            "name": pool.name,
            "kind": KINDS[kind_of(pool)],
            "audience": _for_whom(pool.audience, choices),
            "own": pool == decision.ordinary.pool,
            "refusal": refusal and wording(refusal),
        }


def _groups(decision: CampaignDecision, choices: AudienceChoices) -> Iterator[dict[str, Any]]:
    """The tasks that stand alone, then each chain, with the member's standing in each task."""
    if decision.tasks:
        yield {"title": _("Tasks"), "tasks": [_task(each, choices) for each in decision.tasks]}
    for chain in decision.chains:
        yield {
            "title": chain.chain.title,
            "audience": _for_whom(chain.chain.audience, choices),
            "refusal": chain.refusal and wording(chain.refusal),
            "tasks": [_task(each, choices) for each in chain.steps],
        }


def _task(each: TaskDecision, choices: AudienceChoices) -> dict[str, Any]:
    kind = kinds.find(each.task.kind)
    count, target = (kind.show(each.task.config, number) for number in (min(each.count, each.target), each.target))
    return {
        "title": each.task.title,
        "state": each.state,
        "words": STATES[each.state],
        "refusal": each.refusal and each.state != TaskState.DONE and wording(each.refusal),
        "progress": f"{count} / {target}",
        "audience": _for_whom(each.task.audience, choices),
    }


def _for_whom(audience: Audience, choices: AudienceChoices) -> str:
    return audience_words(audience, choices) or _("everyone")
