"""Models that are computed anew each day, at an hour of the site's time zone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from operations import schedules
from segmentation import lifecycle, value
from segmentation.models import LifecycleModel, ValueModel


@dataclass(frozen=True)
class Daily:
    """A kind of model with `daily_at` and `next_run_at`; `request` asks a worker for one, under a key of its own."""

    name: str
    model: type[Any]
    request: Callable[..., None]


KINDS = (
    Daily("lifecycle", LifecycleModel, lifecycle.request_recompute_lifecycle),
    Daily("value", ValueModel, value.request_recompute_value),
)


@transaction.atomic
def score_due(*, now: datetime) -> int:
    """Ask a worker for every model whose hour has come; return how many.

    The key names the intended time, so that one time is one job, whoever asks and however often. Hours that passed
    while nobody asked are made up for once.
    """
    asked = 0
    for kind in KINDS:
        wanted = Q(daily_at__isnull=False, next_run_at__isnull=True) | Q(next_run_at__lte=now)
        for model in kind.model.objects.select_for_update(skip_locked=True).filter(wanted).order_by("pk"):
            if model.daily_at is not None and model.next_run_at is not None:
                kind.request(model, now=now, key=f"{kind.name}:{model.pk}:daily:{model.next_run_at.isoformat()}")
                asked += 1
            plan(model, now=now)
            model.save(update_fields=["next_run_at"])
    return asked


def plan(model: Any, *, now: datetime) -> None:
    """Set the next run after `now`; none where the model has no hour."""
    model.next_run_at = schedules.next_at(model.daily_at, now=now) if model.daily_at else None
