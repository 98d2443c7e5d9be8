"""`tag.GROUP`: the tags of a group that a member carries now."""

from collections import defaultdict

from segmentation import tagging
from segmentation.models import Tag, TagGroup
from segmentation.rules import Leaf
from segmentation.sources.base import SqlSource, Values
from segmentation.world import World


class TagSource(SqlSource):
    families = frozenset({tagging.FAMILY})

    def moves_with_time(self, leaf: Leaf) -> bool:
        return True  # tags expire

    def names(self):
        groups = frozenset(TagGroup.objects.values_list("slug", flat=True))
        tags = defaultdict(set)
        for group, tag in Tag.objects.values_list("group__slug", "slug"):
            tags[f"tag.{group}"].add(tag)
        return {"tag_group": groups} | {key: frozenset(slugs) for key, slugs in tags.items()}

    def values(self, leaf: Leaf, world: World) -> Values:
        return Values(
            """
            SELECT carried.member_id, t.slug AS value
            FROM segmentation_membertag carried
            JOIN segmentation_tag t ON t.id = carried.tag_id
            JOIN segmentation_taggroup g ON g.id = t.group_id
            WHERE g.slug = %s AND (carried.expires_at IS NULL OR carried.expires_at > %s)
            """,
            (leaf.parts[0], world.now),
        )
