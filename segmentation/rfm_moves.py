"""How members moved between the classes from one version of an RFM model to the next."""

from collections.abc import Mapping

from pyroaring import BitMap

from segmentation import member_sets
from segmentation.fields import RFM_CLASSES
from segmentation.models import RfmSet, RfmVersion

# Whoever had no order in time.
NOT_SCORED = ""
PLACES = (*RFM_CLASSES, NOT_SCORED)


def previous_of(version: RfmVersion) -> RfmVersion | None:
    """Return the version before this one, where it is still kept."""
    return version.model.versions.filter(pk__lt=version.pk).order_by("-pk").first()


def moves(before: RfmVersion, after: RfmVersion) -> dict[tuple[str, str], int]:
    """Return how many members went from one class to another or stayed, by (class before, class after)."""
    old, new = _classes(before), _classes(after)
    old_all, new_all = BitMap.union(BitMap(), *old.values()), BitMap.union(BitMap(), *new.values())
    counts = {
        (source, target): was.intersection_cardinality(became)
        for source, was in old.items()
        for target, became in new.items()
    }
    counts |= {(source, NOT_SCORED): len(was - new_all) for source, was in old.items()}
    return counts | {(NOT_SCORED, target): len(became - old_all) for target, became in new.items()}


def _classes(version: RfmVersion) -> Mapping[str, BitMap]:
    sets = RfmSet.objects.filter(version=version, dimension="class").values_list("value", "members_id")
    return {value: member_sets.load(set_id) for value, set_id in sets}
