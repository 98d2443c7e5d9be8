"""What the answer of a rule depends on: families of facts, other segments, and the time."""

from members import touches
from segmentation import rules
from segmentation.models import Segment
from segmentation.rules import Rule
from segmentation.sources import source_of


def family_of(segment_id: int) -> str:
    """Return the family (`members.touches`) of those who entered or left the segment."""
    return f"segment.{segment_id}"


def families_of(rule: Rule) -> list[str]:
    """Return the families whose touched members have to be looked at again.

    The profile is always one of them: a new member may hold any rule, an erased one holds none.
    """
    found = {touches.PROFILE}.union(*(source_of(leaf).families for leaf in rules.leaves(rule)))
    read = Segment.objects.filter(slug__in=rules.references(rule)).values_list("pk", flat=True)
    return sorted(found.union(map(family_of, read)))


def moves_with_time(rule: Rule) -> bool:
    """Tell whether the answer may change although no fact does."""
    return any(source_of(leaf).moves_with_time(leaf) for leaf in rules.leaves(rule))
