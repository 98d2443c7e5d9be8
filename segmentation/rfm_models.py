"""RFM models as operators keep them: one is the default, some are scored each day, all can go but the default."""

from datetime import datetime

from django.db import transaction

from operations import jobs
from operations.schedules import next_at
from segmentation.locking import take_turn
from segmentation.models import MemberSet, RfmModel, RfmSet


class IsDefault(Exception):
    """The default model stays, until another is chosen in its place."""


@transaction.atomic
def make_default(model: RfmModel) -> None:
    """Make this the default in the place of the one that is; there is never none, nor are there two."""
    take_turn("rfm-default", 0)
    RfmModel.objects.filter(is_default=True).exclude(pk=model.pk).update(is_default=False)
    RfmModel.objects.filter(pk=model.pk).update(is_default=True)
    model.is_default = True


@transaction.atomic
def delete(model: RfmModel) -> None:
    """Delete the model with its versions and their sets. Raises IsDefault."""
    take_turn("rfm-default", 0)
    take_turn("rfm", model.pk)
    model.refresh_from_db()
    if model.is_default:
        raise IsDefault(model.slug)
    RfmModel.objects.filter(pk=model.pk).update(current=None)
    sets = list(RfmSet.objects.filter(version__model=model).values_list("members_id", flat=True))
    model.delete()
    MemberSet.objects.filter(pk__in=sets).delete()


def plan(model: RfmModel, *, now: datetime) -> None:
    """Set when the model is scored next by the clock: never, where it has no hour."""
    model.next_run_at = next_at(model.daily_at, now=now) if model.daily_at else None
    RfmModel.objects.filter(pk=model.pk).update(next_run_at=model.next_run_at)


@transaction.atomic
def request_due(*, now: datetime) -> int:
    """Ask a worker for each model whose hour has come, once; return how many. Hours that passed unseen count as one."""
    due = RfmModel.objects.select_for_update(skip_locked=True, of=("self",)).filter(next_run_at__lte=now)
    found = list(due.order_by("pk"))
    for model in found:
        intended = model.next_run_at.isoformat() if model.next_run_at else ""
        key = f"rfm:{model.pk}:due:{intended}"
        jobs.enqueue("segmentation.jobs.recompute_rfm", key=key, arguments={"model_id": model.pk})
        plan(model, now=now)
    return len(found)
