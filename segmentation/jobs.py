"""What workers run."""

from datetime import date

from django.utils import timezone

from segmentation import daily_models, following, freshness, lifecycle, recomputing, rfm, run_board, scheduling, value
from segmentation.models import LifecycleModel, RfmModel, Segment, ValueModel


def recompute(segment_id: int) -> None:
    # One that was deleted meanwhile needs no members.
    for segment in Segment.objects.filter(pk=segment_id, kind=Segment.Kind.RULE):
        recomputing.recompute_or_raise(segment, now=timezone.now())


def follow() -> None:
    following.follow(now=timezone.now())


def scan_schedules() -> None:
    scheduling.scan(now=timezone.now())


def end_lost_runs() -> None:
    run_board.sweep(now=timezone.now())


def forget_runs() -> None:
    freshness.forget_runs()


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
