"""What workers run."""

from datetime import date

from django.utils import timezone

from segmentation import recomputing, rfm
from segmentation.facts import refreshing
from segmentation.models import RfmModel, Segment


def recompute(segment_id: int) -> None:
    recomputing.recompute_with_readers(Segment.objects.get(pk=segment_id), now=timezone.now())


def recompute_rfm(model_id: int, at: str) -> None:
    rfm.recompute_with_readers(RfmModel.objects.get(pk=model_id), at=date.fromisoformat(at), now=timezone.now())


def refresh_facts() -> None:
    refreshing.refresh_in_worker()
