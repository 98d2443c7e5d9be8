"""What versions of lifecycle and value models share: their moments, the moves between them, old ones gone."""

from datetime import date, datetime, timedelta
from typing import Any

from pyroaring import BitMap

from segmentation import world
from segmentation.facts import clock
from segmentation.models import LifecycleModel, LifecycleVersion, MemberSet, ValueModel, ValueVersion

KEPT = 3
# The set of those with facts that are younger than the version's moment: they are asked of the facts.
LATER = "later"


def end_of(at: date | None, now: datetime) -> datetime:
    """Return `now`, or the last moment of the day `at` where that is another day than today."""
    zone = world.site_zone()
    if at is None or at == now.astimezone(zone).date():
        return now
    return clock.midnight(at + timedelta(days=1), zone) - timedelta(microseconds=1)


def moves_between(old: dict[str, BitMap], new: dict[str, BitMap]) -> list[list[Any]]:
    """Return [from, to, members] of all who changed place, the largest groups first."""
    found = [[was, now, len(old[was] & new[now])] for was in old for now in old if was != now]
    return sorted((each for each in found if each[2]), key=lambda each: -each[2])


def publish(model: LifecycleModel | ValueModel, version: LifecycleVersion | ValueVersion) -> None:
    """Move the model's pointer to the version, and delete what is older than the last few."""
    model.current = version  # type: ignore[assignment]  # each model has versions of its own
    model.save(update_fields=["current"])
    for old in model.versions.order_by("-id")[KEPT:]:
        gone = list(old.sets.values_list("members_id", flat=True))
        old.delete()
        MemberSet.objects.filter(pk__in=gone).delete()
