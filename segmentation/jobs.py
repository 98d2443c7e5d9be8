"""What workers run."""

from datetime import date

from django.utils import timezone

from segmentation import following, freshness, recomputing, rfm, run_board, scheduling
from segmentation.models import RfmModel, Segment


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
