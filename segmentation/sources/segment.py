"""`segment`: membership of other segments, in the version that serves now."""

from segmentation.models import Segment
from segmentation.rules import Leaf
from segmentation.sources.base import SetSource, SourceError


class SegmentSource(SetSource):
    def names(self):
        return {"segment": frozenset(Segment.objects.values_list("slug", flat=True))}

    def sets(self, leaf: Leaf) -> dict[str, int]:
        named = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
        found = dict(Segment.objects.filter(slug__in=named).values_list("slug", "members_id"))
        missing = [slug for slug in named if found.get(slug) is None]
        if missing:
            raise SourceError(f"{leaf.path}: segment {', '.join(missing)} has no members computed yet")
        return found
