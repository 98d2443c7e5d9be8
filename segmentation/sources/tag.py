"""`tag.GROUP`: the tags of a group that a member carries now."""

from collections import defaultdict

from pyroaring import BitMap

from segmentation import tag_sets, tagging
from segmentation.fields import COMPLEMENT_OF
from segmentation.models import Tag, TagGroup
from segmentation.rules import Leaf
from segmentation.sources.base import SqlSource, Values
from segmentation.world import World


class TagSource(SqlSource):
    families = frozenset({tagging.FAMILY})

    def moves_with_time(self, leaf: Leaf) -> bool:
        return True  # tags expire

    def members_of(self, leaf: Leaf, world: World) -> BitMap:
        """Of everyone from the tags' sets, of a few from the rows."""
        if world.only is not None:
            return super().members_of(leaf, world)
        operator = COMPLEMENT_OF.get(leaf.operator, leaf.operator)
        tags = Tag.objects.filter(group__slug=leaf.parts[0])
        if operator != "is_not_null":
            tags = tags.filter(slug__in=leaf.value if isinstance(leaf.value, tuple) else [leaf.value])
        found = tag_sets.carriers(tags, world)
        return world.members - found if operator != leaf.operator else found

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
