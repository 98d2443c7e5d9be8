"""What workers run."""

from datetime import date, datetime

from django.utils import timezone

from operations import jobs
from segmentation import (
    daily_models,
    following,
    freshness,
    lifecycle,
    recomputing,
    rfm,
    run_board,
    scheduling,
    tag_sets,
    tagging,
    tagging_by_rule,
    value,
)
from segmentation.models import LifecycleModel, RfmModel, Segment, Tag, ValueModel


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


def recompute_tags_by_rule(tag_id: int, asked_at: str, part: int) -> None:
    """Bring one slice in line, and have the next follow while there is one."""
    tag = Tag.objects.select_related("group").filter(pk=tag_id).first()
    if tag is not None and tagging_by_rule.recompute(tag, now=timezone.now()).waiting:
        tagging_by_rule.request_recompute(tag, now=datetime.fromisoformat(asked_at), part=part + 1)


def recompute_all_tags_by_rule() -> None:
    tagging_by_rule.request_all(now=timezone.now())


def clear_expired_tags() -> None:
    """Clear one slice, and have the next follow while there is one."""
    now = timezone.now()
    if tagging.clear_expired(now=now) >= tagging.EXPIRED_AT_ONCE:
        jobs.enqueue("segmentation.jobs.clear_expired_tags", key=f"clear-expired-tags:{now.isoformat()}")


def refresh_tag_sets() -> None:
    tag_sets.refresh(now=timezone.now())
