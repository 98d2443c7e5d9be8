"""The state of what a form of the builder shows, as a short text: what was saved meanwhile has another.

Of the rows themselves and not of a counter: whoever writes a draft, by whatever way, changes it.
"""

import hashlib
import json
from typing import Any

from campaigns.building.steps import Step
from campaigns.models import Campaign, ChainStep, Task

# What of a task the list of tasks shows and saves; the rest has a page of its own.
LISTED = ("pk", "position", "title", "key")


def of_step(campaign: Campaign, step: Step) -> str:
    rows: list[Any] = [Campaign.objects.filter(pk=campaign.pk).values_list(*step.fields)] if step.fields else []
    if "tasks" in step.inlines:
        rows.append(campaign.tasks.values_list(*LISTED))
    if "chains" in step.inlines:
        rows.append(campaign.chains.order_by("pk").values_list())
        steps = ChainStep.objects.filter(chain__campaign=campaign).order_by("chain", "number")
        rows.append(steps.values_list("chain", "task"))
    if "pools" in step.inlines:
        rows.append(campaign.pools.order_by("pk").values_list())
    return _digest(rows)


def of_task(task: Task) -> str:
    """Its place in the list is changed there, and is nothing that this form would overwrite unseen."""
    names = [field.attname for field in Task._meta.concrete_fields if field.name != "position"]
    return _digest([Task.objects.filter(pk=task.pk).values_list(*names)])


def of_new_task() -> str:
    """Nobody else is at work on what is not there yet."""
    return "new"


def _digest(rows: list[Any]) -> str:
    text = json.dumps([list(each) for each in rows], default=str)
    return hashlib.sha256(text.encode()).hexdigest()
