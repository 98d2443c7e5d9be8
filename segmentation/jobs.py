"""What workers run."""

from django.utils import timezone

from segmentation import recomputing, rfm
from segmentation.models import RfmModel, Segment
from segmentation.world import site_zone


def recompute(segment_id: int) -> None:
    recomputing.recompute_with_readers(Segment.objects.get(pk=segment_id), now=timezone.now())


def recompute_rfm(model_id: int) -> None:
    now = timezone.now()
    rfm.recompute_with_readers(RfmModel.objects.get(pk=model_id), at=now.astimezone(site_zone()).date(), now=now)
