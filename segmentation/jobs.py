"""What workers run."""

from django.utils import timezone

from segmentation import recomputing, rfm, rfm_models
from segmentation.models import RfmModel, Segment
from segmentation.world import site_zone


def recompute(segment_id: int) -> None:
    recomputing.recompute_with_readers(Segment.objects.get(pk=segment_id), now=timezone.now())


def recompute_rfm(model_id: int) -> None:
    now = timezone.now()
    model = RfmModel.objects.filter(pk=model_id).first()
    if model is not None:
        rfm.recompute_with_readers(model, at=now.astimezone(site_zone()).date(), now=now)


def score_due_rfm() -> None:
    rfm_models.request_due(now=timezone.now())
