"""What workers run."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from operations import jobs
from segmentation import (
    daily_models,
    exports,
    following,
    freshness,
    lifecycle,
    recomputing,
    rfm,
    rfm_models,
    run_board,
    scheduling,
    tag_batches,
    tag_sets,
    tagging,
    tagging_by_rule,
    uid_lists,
    value,
)
from segmentation.facts import refreshing
from segmentation.models import LifecycleModel, RfmModel, Segment, Tag, ValueModel
from segmentation.world import site_zone


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


def recompute_rfm(model_id: int) -> None:
    now = timezone.now()
    model = RfmModel.objects.filter(pk=model_id).first()
    if model is not None:
        rfm.recompute_with_readers(model, at=now.astimezone(site_zone()).date(), now=now)


def score_due_rfm() -> None:
    rfm_models.request_due(now=timezone.now())


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


def follow_tag(tag_id: int) -> None:
    for tag in Tag.objects.filter(pk=tag_id):
        tagging_by_rule.follow(tag, now=timezone.now())


def recompute_all_tags_by_rule() -> None:
    tagging_by_rule.request_all(now=timezone.now())


def clear_expired_tags() -> None:
    """Clear one slice, and have the next follow while there is one."""
    now = timezone.now()
    if tagging.clear_expired(now=now) >= tagging.EXPIRED_AT_ONCE:
        jobs.enqueue("segmentation.jobs.clear_expired_tags", key=f"clear-expired-tags:{now.isoformat()}")


def refresh_tag_sets() -> None:
    tag_sets.refresh(now=timezone.now())


def refresh_facts() -> None:
    refreshing.refresh_in_worker()


def work_off_tag_batch(batch_id: int, last_id: int) -> None:
    tag_batches.work(batch_id, last_id=last_id, now=timezone.now())


def write_export(export_id: int, last_id: int) -> None:
    exports.work(export_id, last_id=last_id, now=timezone.now())


def note_lost_slices() -> None:
    now = timezone.now()
    tag_batches.note_lost(now=now)
    exports.note_lost(now=now)


def forget_old_files() -> None:
    now = timezone.now()
    exports.forget_old(now=now)
    uid_lists.forget_rejects(before=now - timedelta(days=settings.IMPORT_KEEP_DAYS))
