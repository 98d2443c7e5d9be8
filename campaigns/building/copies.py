"""A new task that begins as a copy of another of its campaign: with all that it has but for its key."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from campaigns.building import another_kind
from campaigns.building.sheets import Filled
from campaigns.models import Campaign, Task
from operations.row_numbers import row_number

NEW_TASK = "admin:campaigns_campaign_build_new_task"
# Of the address of a new task: the number of the task that it is a copy of.
LIKE = "like"


def address(campaign_id: int, task: Task) -> str:
    """Where a copy of the task is begun."""
    asked = urlencode({"campaign": str(campaign_id), "kind": task.kind, LIKE: str(task.pk)})
    return f"{reverse(NEW_TASK, args=[campaign_id])}?{asked}"


def asked_number(request: HttpRequest) -> int | None:
    return row_number(request.GET.get(LIKE, ""))


def copied(request: HttpRequest, campaign: Campaign) -> Task | None:
    """The task that the new one is a copy of, where the address names one of its kind."""
    number = asked_number(request)
    if number is None:
        return None
    return Task.objects.filter(pk=number, campaign=campaign, kind=request.GET["kind"]).first()


def begin(new: Filled, old: Filled, untouched: Filled) -> None:
    """Fill in the new form what stands in that of the old task."""
    found = another_kind.carried(old, untouched, new)
    new.form.initial.update({name: value for name, value in found.values.items() if name != "key"})
