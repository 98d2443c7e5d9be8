"""Everything that keeps a draft from being published, found at once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns import audience_faults, pool_faults, revision_faults, task_faults, zones
from campaigns.drafts import Draft
from campaigns.models import Campaign, ChainStep
from campaigns.models import Chain as DraftChain
from campaigns.offers import faults as offer_faults
from campaigns.revision_rules import Point
from operations.sentences import listed
from rewards import pools


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a campaign cannot be published: a code for programs, a sentence for operators.

    `against`: it takes something away from those who take part. Who may decide that publishes it with a reason.
    """

    code: str
    message: str
    against: bool = False


def faults(campaign: Campaign, *, now: datetime) -> list[Fault]:
    """All reasons against publishing, in the order in which an operator meets them; empty when there are none.

    What the next revision may not change is asked of a draft that has no other fault than that.
    """
    draft = Draft(campaign)
    return _of_draft(draft, now) or [
        Fault(point.code, _in_favour(point), against=not point.structural)
        for point in revision_faults.of_draft(draft, now=now)
    ]


def _in_favour(point: Point) -> str:
    if point.structural:
        return point.message
    message = _("While members take part, a campaign changes only in their favour. %(point)s")
    return message % {"point": point.message}


def _of_draft(draft: Draft, now: datetime) -> list[Fault]:
    campaign = draft.campaign
    return [
        *_state(campaign),
        *_window(campaign, now),
        *_tasks(draft),
        *(Fault(code, message) for code, message in task_faults.of_features(draft)),
        *_chains(draft),
        *_pools(draft, now),
        *(Fault(code, message) for code, message in offer_faults.of(draft)),
        *(Fault(code, message) for code, message in audience_faults.of(draft)),
    ]


def _state(campaign: Campaign) -> Iterator[Fault]:
    if campaign.state == Campaign.State.ENDED:
        yield Fault("ended", _("The campaign has ended."))
    if campaign.state == Campaign.State.ARCHIVED:
        yield Fault("archived", _("The campaign is archived."))


def _window(campaign: Campaign, now: datetime) -> Iterator[Fault]:
    if campaign.closes_at <= campaign.opens_at:
        yield Fault("window_reversed", _("The campaign closes before it opens."))
    if not zones.is_known(campaign.time_zone):
        yield Fault("zone_unknown", _("There is no time zone “%(zone)s”.") % {"zone": campaign.time_zone})
    if campaign.closes_at <= now and campaign.closes_at > campaign.opens_at:
        yield Fault("window_over", _("The campaign's closing time is past."))


def _tasks(draft: Draft) -> Iterator[Fault]:
    if not draft.tasks:
        yield Fault("no_tasks", _("The campaign has no tasks."))
    yield from (Fault(code, message) for code, message in task_faults.of_tasks(draft))


def _chains(draft: Draft) -> Iterator[Fault]:
    for chain in draft.chains:
        steps = draft.steps[chain.pk]
        if not steps:
            yield Fault("chain_empty", _("Chain “%(chain)s” has no steps.") % {"chain": chain})
        yield from _steps(draft, chain, steps)
    uses = Counter(step.task for chain in draft.chains for step in draft.steps[chain.pk])
    for task, count in uses.items():
        if count > 1:
            message = _("Task “%(task)s” is a step %(count)d times: a task is one step of one chain.")
            yield Fault("task_in_two_steps", message % {"task": task, "count": count})


def _steps(draft: Draft, chain: DraftChain, steps: Sequence[ChainStep]) -> Iterator[Fault]:
    numbers = [step.number for step in steps]
    missing = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
    if missing or 0 in numbers:
        message = _("Chain “%(chain)s” must be numbered from 1 without a gap; step %(steps)s is missing.")
        named = listed(missing or [1])
        yield Fault("chain_step_missing", message % {"chain": chain, "steps": named})
    if steps and all(step.skip for step in steps):
        yield Fault(
            "chain_all_skipped", _("Every step of chain “%(chain)s” may fall away; keep one.") % {"chain": chain}
        )
    for step in steps:
        if step.task.campaign_id != draft.campaign.pk:
            message = _("Step %(number)d of chain “%(chain)s” is a task of another campaign.")
            yield Fault("chain_step_foreign", message % {"number": step.number, "chain": chain})


def _pools(draft: Draft, now: datetime) -> Iterator[Fault]:
    yield from (Fault(code, message) for code, message in pool_faults.of(draft))
    for offer in draft.pools:
        for fault in pools.refusals(offer.pool, now=now):
            message = _("Prize pool “%(pool)s”: ") % {"pool": offer.pool} + fault.message
            yield Fault(f"pool_{fault.code}", message)
