"""The rows of the builder's lists: tasks in their order, chains as paths, pools as they are asked."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Max
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse

from campaigns import kinds, pool_words, revision_words, told_settings
from campaigns.audience_field import AudienceChoices
from campaigns.building import copies
from campaigns.building.chain_path import audience_words, paths_of
from campaigns.building.sheets import Filled
from campaigns.drafts import Draft, reward_of
from campaigns.models import Task
from campaigns.revision_words import Words
from operations.return_address import with_back
from operations.row_numbers import row_number
from rewards.models import PrizePool

BUILD_TASK = "admin:campaigns_campaign_build_task"
STEP = "admin:campaigns_campaign_build_step"
# Of the address that the form of a new pool leads back to: the newest pool there was before.
MADE_SINCE = "made_since"


def of_tasks(draft: Draft, filled: Filled | None, words: Words) -> Mapping[str, Any]:
    formsets = filled.formsets if filled else {}
    paths = {path.chain.pk: path for path in paths_of(draft, words)}
    here = reverse(STEP, args=[draft.campaign.pk, "tasks"])
    # The draft's rows know their gifts, tags and pools already.
    known = {task.pk: task for task in draft.tasks}
    chained = {step.task_id: chain.title for chain in draft.chains for step in draft.steps[chain.pk]}
    return {
        "task_formset": formsets.get("tasks"),
        "task_rows": [
            {
                "form": form,
                "task": form.instance,
                "url": reverse(BUILD_TASK, args=[draft.campaign.pk, form.instance.pk]),
                "copy_url": copies.address(draft.campaign.pk, form.instance),
                "icon": f"h5/icons/{form.instance.kind}.svg",
                "kind": revision_words.kind(form.instance.kind),
                "asks": _asks(form.instance, words),
                "gives": words.reward(reward_of(known.get(form.instance.pk, form.instance))),
                "only_for": audience_words(form.instance.audience, words),
                "chain": chained.get(form.instance.pk, ""),
            }
            for form in _there(formsets.get("tasks"))
        ],
        "chain_formset": formsets.get("chains"),
        "chain_rows": [
            {
                "form": form,
                "path": paths.get(form.instance.pk),
                "skips": [
                    (step, with_back(reverse("admin:campaigns_chainstep_change", args=[step.pk]), here))
                    for step in draft.steps.get(form.instance.pk, [])
                ],
            }
            for form in _there(formsets.get("chains"))
        ],
        "new_chains": formsets["chains"].extra_forms if "chains" in formsets else [],
    }


def _asks(task: Task, words: Words) -> str:
    """What the task asks for, in a line; what is longer, such as the questions of a quiz, its own page shows."""
    if task.kind not in kinds.names() or (kind := kinds.find(task.kind)).faults(task.config):
        return ""
    lines = [line for line in told_settings.told(kind.Form, task.config, words) if "\n" not in line]
    return revision_words.text(" · ".join(lines)) if lines else ""


def of_pools(draft: Draft, filled: Filled | None, choices: AudienceChoices) -> Mapping[str, Any]:
    formset = filled.formsets.get("pools") if filled else None
    here = reverse(STEP, args=[draft.campaign.pk, "pools"])
    return {
        "pool_formset": formset,
        "pool_rows": [
            {
                "form": form,
                "pool": form.instance.pool,
                "url": with_back(reverse("admin:rewards_prizepool_change", args=[form.instance.pool_id]), here),
            }
            for form in _there(formset)
        ],
        "new_pools": formset.extra_forms if formset is not None else [],
        "new_pool_url": with_back(reverse("admin:rewards_prizepool_add"), f"{here}?{MADE_SINCE}={_newest_pool()}"),
        "gifts_url": with_back(reverse("admin:rewards_gift_add"), here),
        "pool_panel": pool_words.panel(draft, choices),
        "gives_chances": [row for row in (*draft.tasks, *draft.chains) if row.chances],
    }


def propose_pool(request: HttpRequest, filled: Filled | None) -> None:
    """Choose in the empty row the pool from whose form somebody has just come back."""
    since = row_number(request.GET.get(MADE_SINCE, ""))
    formset = filled.formsets.get("pools") if filled else None
    if since is None or formset is None or formset.is_bound or not formset.extra_forms:
        return
    made = PrizePool.objects.filter(pk__gt=since).order_by("-pk").first()
    if made is not None and all(form.instance.pool_id != made.pk for form in formset.initial_forms):
        formset.extra_forms[0].initial["pool"] = made.pk


def _newest_pool() -> int:
    return PrizePool.objects.aggregate(newest=Max("pk"))["newest"] or 0


def warnings(draft: Draft, choices: AudienceChoices) -> tuple[str, ...]:
    """What does not stop publishing and may still be a slip."""
    panel = pool_words.panel(draft, choices)
    return panel.warnings if panel else ()


def _there(formset: BaseInlineFormSet | None) -> list[Any]:
    return [form for form in formset.initial_forms if form.instance.pk] if formset is not None else []
