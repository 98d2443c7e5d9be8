"""`level`: the step of the ladder that a member is on."""

from collections.abc import Hashable

from members import touches
from members.models import Level
from segmentation.rules import Leaf
from segmentation.sources.base import SqlSource, Values
from segmentation.world import World


class LevelSource(SqlSource):
    families = frozenset({touches.LEVEL})

    def names(self):
        return {"level": frozenset(Level.objects.values_list("slug", flat=True))}

    def identity(self, leaf: Leaf) -> Hashable:
        return tuple(Level.objects.order_by("slug").values_list("slug", "pk"))

    def values(self, leaf: Leaf, world: World) -> Values:
        return Values(
            "SELECT m.id AS member_id, l.slug AS value FROM members_member m JOIN members_level l ON l.id = m.level_id"
        )
