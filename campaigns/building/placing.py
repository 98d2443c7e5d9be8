"""On which step of the builder a fault is mended, and how far a draft is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from campaigns import faults as all_faults
from campaigns import told_changes
from campaigns.building.standing import Facts, Standing, standings
from campaigns.building.steps import AUDIENCE, CHECK, POOLS, STEPS, TASKS
from campaigns.drafts import Draft
from campaigns.faults import Fault
from campaigns.models import Campaign
from campaigns.revision_words import Words

OF_AUDIENCE = {"window_reversed", "zone_unknown", "window_over", "slug_changed", "opens_moved", "closes_earlier"}
OF_AUDIENCE |= {"time_zone_changed"}
OF_POOLS = {"no_pool"}
OF_TASKS = {"no_tasks", "config_invalid", "kind_unknown", "kind_changed", "period_changed", "period_unfit", "less_time"}
OF_TASKS |= {"times_missing", "times_unused", "times_lowered", "time_unused", "target_raised", "reward_unknown"}
OF_TASKS |= {"reward_lowered", "chances_moved", "steps_changed", "pool_not_offered", "counts_less"}
TASK_PREFIXES = ("task_", "chain_", "quota_")
# Their sentences name the part whose audience it is.
OF_SOME_AUDIENCE = {"audience_invalid", "audience_unreachable", "level_unknown", "tag_group_unknown", "tag_unknown"}
OF_SOME_AUDIENCE |= {"segment_unknown", "segment_not_computed"}


@dataclass(frozen=True, slots=True)
class Progress:
    """`faults_of`: step → its faults; all of them in their order are `faults`."""

    faults: list[Fault]
    faults_of: dict[str, list[Fault]]
    standing_of: dict[str, Standing]

    @property
    def stopping(self) -> list[Fault]:
        """What nobody may publish, whatever right they have."""
        return [fault for fault in self.faults if not fault.against]


def progress_of(draft: Draft, *, now: datetime) -> Progress:
    found = all_faults.faults(draft.campaign, now=now)
    placed: dict[str, list[Fault]] = {step.key: [] for step in STEPS}
    for fault in found:
        placed[step_of(fault, draft)].append(fault)
    return Progress(found, placed, standings(_facts(draft), placed))


def step_of(fault: Fault, draft: Draft) -> str:
    """The key of the step on which the fault is mended."""
    code = fault.code
    if code in OF_AUDIENCE:
        return AUDIENCE.key
    if code in OF_TASKS or code.startswith(TASK_PREFIXES):
        return TASKS.key
    if code in OF_SOME_AUDIENCE:
        return _of_audience(fault.message, draft)
    if code in OF_POOLS or code.startswith("pool_"):
        return POOLS.key
    return CHECK.key


def _of_audience(message: str, draft: Draft) -> str:
    if _names(message, (_("prize pool “%(name)s”") % {"name": row} for row in draft.pools)):
        return POOLS.key
    tasks = (_("task “%(name)s”") % {"name": row} for row in draft.tasks)
    chains = (_("chain “%(name)s”") % {"name": row} for row in draft.chains)
    if _names(message, tasks) or _names(message, chains):
        return TASKS.key
    return AUDIENCE.key if _("the campaign") in message else CHECK.key


def _names(message: str, parts: Iterable[str]) -> bool:
    return any(part in message for part in parts)


def _facts(draft: Draft) -> Facts:
    campaign = draft.campaign
    untouched_colour = Campaign._meta.get_field("colour").default
    return Facts(
        tasks=len(draft.tasks),
        chains=len(draft.chains),
        pools=len(draft.pools),
        has_look=bool(campaign.tagline or campaign.rules or campaign.banner or campaign.colour != untouched_colour),
        published=campaign.current_id is not None,
        submitted=campaign.state == Campaign.State.IN_REVIEW,
        gives_chances=any(row.chances for row in (*draft.tasks, *draft.chains)),
    )


def changes_of(draft: Draft, progress: Progress, words: Words) -> list[Any]:
    """What publishing would change, in words; of a draft with faults nothing can be said."""
    return [] if progress.stopping else told_changes.of_draft(draft.campaign, words)
