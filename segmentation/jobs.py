"""What workers run."""

from datetime import date

from django.utils import timezone

from segmentation import daily_models, lifecycle, recomputing, rfm, value
from segmentation.models import LifecycleModel, RfmModel, Segment, ValueModel


def recompute(segment_id: int) -> None:
    recomputing.recompute_with_readers(Segment.objects.get(pk=segment_id), now=timezone.now())


def recompute_rfm(model_id: int, at: str) -> None:
    rfm.recompute_with_readers(RfmModel.objects.get(pk=model_id), at=date.fromisoformat(at), now=timezone.now())


def recompute_lifecycle(model_id: int, at: str | None) -> None:
    day = date.fromisoformat(at) if at else None
    lifecycle.recompute_with_readers(LifecycleModel.objects.get(pk=model_id), at=day, now=timezone.now())


def recompute_value(model_id: int, at: str | None) -> None:
    day = date.fromisoformat(at) if at else None
    value.recompute_with_readers(ValueModel.objects.get(pk=model_id), at=day, now=timezone.now())


def score_due_models() -> None:
    daily_models.score_due(now=timezone.now())
