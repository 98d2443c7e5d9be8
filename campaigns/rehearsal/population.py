"""The real members as bitmaps: who carries what the audiences of a campaign name, read once for all of them.

An audience is interpreted by `campaigns.admission` alone; here are the same parts, for all members at once. A property
test keeps the two the same.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import reduce
from operator import and_, or_

import numpy
from pyroaring import BitMap

from campaigns.definition import Audience
from members import touches
from members.models import Level
from segmentation import member_sets, tag_sets
from segmentation.columns import bitmap_of, read_columns
from segmentation.models import Segment, Tag
from segmentation.world import World, site_zone

# One number a member, which is half of what three take: the id, behind it the level, and whether profiling is refused.
_LEVEL_BITS = 30
_MEMBERS = """
    SELECT (id << %s) | (coalesce(level_id, 0)::bigint << 1) | (profiling_refused_at IS NOT NULL)::int AS packed
    FROM members_member WHERE erased_at IS NULL
"""
ANYBODY = Audience()


class Population:
    """All members, and who of them each audience admits.

    A statement for the members, four for all levels, tags and segments, and two for each tag that is named.
    """

    def __init__(self, audiences: Iterable[Audience], *, now: datetime) -> None:
        audiences = tuple(audiences)
        (packed,) = read_columns(("int8send(source.packed)",), _MEMBERS, [_LEVEL_BITS + 1])
        ids, levels = packed >> (_LEVEL_BITS + 1), packed >> 1 & ((1 << _LEVEL_BITS) - 1)
        self.everyone = bitmap_of(ids)
        self._refused = bitmap_of(ids[packed & 1 == 1])
        self._levels = _by_level(ids, levels)
        self._tags = _by_tag(audiences, World(self.everyone, None, now, site_zone(), (), touches.state()))
        self._segments = _by_segment(audiences)
        self._kept: dict[Audience, BitMap] = {}

    def having_level(self, level: str) -> BitMap:
        return self._levels.get(level, BitMap())

    def admitted(self, audience: Audience) -> BitMap:
        """Who is in the audience but for its range of the campaign score, which is only earned in the campaign."""
        audience = replace(audience, score_from=None, score_below=None)
        if audience not in self._kept:
            self._kept[audience] = self._admitted(audience)
        return self._kept[audience]

    def _admitted(self, audience: Audience) -> BitMap:
        found = BitMap(self.everyone)
        if audience.levels:
            found &= _any_of(self._levels, audience.levels)
        if audience.tag_groups:
            carried = [tag for tag in self._tags if tag.partition(".")[0] in audience.tag_groups]
            found &= _any_of(self._tags, carried) - self._refused
        if audience.tags_any:
            found &= _any_of(self._tags, audience.tags_any) - self._refused
        if audience.tags_all:
            found &= reduce(and_, (self._tags.get(tag, BitMap()) for tag in audience.tags_all)) - self._refused
        if audience.tags_none:
            found -= _any_of(self._tags, audience.tags_none)
        if audience.segments_in:
            found &= _any_of(self._segments, audience.segments_in) - self._refused
        if audience.segments_not_in:
            found -= _any_of(self._segments, audience.segments_not_in) - self._refused
        return found


def _any_of(sets: Mapping[str, BitMap], keys: Collection[str]) -> BitMap:
    return reduce(or_, (sets[key] for key in keys if key in sets), BitMap())


def _by_level(ids: numpy.ndarray, levels: numpy.ndarray) -> dict[str, BitMap]:
    rows = Level.objects.values_list("slug", "pk")
    return {slug: bitmap_of(ids[levels == pk]) for slug, pk in rows}


def _by_tag(audiences: Iterable[Audience], world: World) -> dict[str, BitMap]:
    """The carriers of each tag that is named, and of every tag of a group that is."""
    tags = frozenset[str]().union(*(each.tags_any | each.tags_all | each.tags_none for each in audiences))
    groups = frozenset[str]().union(*(each.tag_groups for each in audiences))
    if not tags and not groups:
        return {}
    known = {f"{tag.group.slug}.{tag.slug}": tag for tag in Tag.objects.select_related("group")}
    wanted = {key: tag for key, tag in known.items() if key in tags or tag.group.slug in groups}
    return {key: tag_sets.carriers([tag], world) for key, tag in wanted.items()}


def _by_segment(audiences: Iterable[Audience]) -> dict[str, BitMap]:
    named = frozenset[str]().union(*(each.segments_in | each.segments_not_in for each in audiences))
    if not named:
        return {}
    rows = Segment.objects.filter(slug__in=named, members__isnull=False).values_list("slug", "members_id")
    current = dict(rows)
    sets = member_sets.load_all(current.values())
    return {slug: sets[each] for slug, each in current.items()}
