"""How many members an audience admits now, from sets of members: for whoever edits one.

`campaigns.admission` decides for one member; this says the same of all at once, by the sets that segments, tags and
levels are kept as. tests/campaigns/test_audience_counts.py holds both to each other. Those who were erased are nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from pyroaring import BitMap, FrozenBitMap

from campaigns.definition import Audience
from campaigns.kept_crowds import crowds
from segmentation import evaluation, member_sets, rules, tag_sets, world
from segmentation.columns import read_ids
from segmentation.models import MemberSet, Segment, Tag
from segmentation.world import World

_REFUSED = "SELECT id FROM members_member WHERE profiling_refused_at IS NOT NULL"
_SCORED = "SELECT member_id AS id FROM campaigns_enrolment WHERE campaign_id = %s AND score >= %s"


@dataclass(frozen=True, slots=True)
class Reach:
    """`count` of the shop's `total` members are admitted. Of the `around` members of the campaign's own audience,
    `within` are; both are None where there is no audience around it."""

    count: int
    total: int
    around: int | None = None
    within: int | None = None


def reach_of(
    audience: Audience, *, around: Audience | None = None, campaign_id: int | None = None, now: datetime, clock: float
) -> Reach:
    """Count whom the audience admits at `now`. `campaign_id` is whose score it asks for: without one nobody has any.

    `clock` are seconds that only go forward, for what is kept meanwhile.
    """
    everyone = world.everyone(now=now)

    def crowd(asked: Audience) -> FrozenBitMap:
        scored = asked.score_from is not None or asked.score_below is not None
        if scored:  # a score moves without a trace in the state of the facts
            return FrozenBitMap(admitted(asked, everyone, campaign_id=campaign_id))
        name = (connection.settings_dict["NAME"], everyone.state, everyone.now, asked)
        return crowds.get(name, lambda: admitted(asked, everyone), clock=clock)

    found = crowd(audience)
    total = len(everyone.members)
    if around is None:
        return Reach(len(found), total)
    outer = crowd(around)
    return Reach(len(found), total, len(outer), found.intersection_cardinality(outer))


def admitted(audience: Audience, everyone: World, *, campaign_id: int | None = None) -> BitMap:
    """Return the members whom the audience admits; the order of its parts, which names refusals, does not matter."""
    found = BitMap(everyone.members)
    if audience.levels:
        found &= _on_levels(audience.levels, everyone)
    if audience.tag_groups:
        found &= tag_sets.carriers(Tag.objects.filter(group__slug__in=audience.tag_groups), everyone)
    if audience.tags_any:
        found &= tag_sets.carriers(_tags(audience.tags_any).values(), everyone)
    if audience.tags_all:
        found &= _carry_all(audience.tags_all, everyone)
    if audience.tags_none:
        found -= tag_sets.carriers(_tags(audience.tags_none).values(), everyone)
    if audience.segments_in:
        found &= _in_segments(audience.segments_in)
    found = _without_refusers(audience, found)
    return _by_score(audience, found, campaign_id)


def _without_refusers(audience: Audience, found: BitMap) -> BitMap:
    """Nobody who refused profiling is picked by tags or segments, and no segment shuts them out."""
    picked = audience.tag_groups or audience.tags_any or audience.tags_all or audience.segments_in
    if not picked and not audience.segments_not_in:
        return found
    refusers = read_ids(_REFUSED, ())
    if picked:
        found = found - refusers
    if audience.segments_not_in:
        found = found - (_in_segments(audience.segments_not_in) - refusers)
    return found


def _on_levels(levels: Iterable[str], everyone: World) -> BitMap:
    clause = {"field": "level", "operator": "in", "value": sorted(levels)}
    return evaluation.members_of(rules.parse({"version": 1, "combinator": "and", "rules": [clause]}), everyone)


def _tags(keys: Iterable[str]) -> dict[str, Tag]:
    """The tags of these keys ("GROUP.TAG"); a key that does not exist has none."""
    keys = set(keys)
    slugs = {key.partition(".")[2] for key in keys}
    found = Tag.objects.filter(slug__in=slugs).select_related("group")
    return {key: tag for tag in found if (key := f"{tag.group.slug}.{tag.slug}") in keys}


def _carry_all(keys: Iterable[str], everyone: World) -> BitMap:
    keys = set(keys)
    tags = _tags(keys)
    found = BitMap(everyone.members) if tags.keys() == keys else BitMap()
    for tag in tags.values():
        found &= tag_sets.carriers([tag], everyone)
    return found


def _in_segments(slugs: Iterable[str]) -> BitMap:
    """Whoever is in one of the segments, as they serve now; one that is not computed yet has nobody."""
    segments = Segment.objects.filter(slug__in=list(slugs), members__isnull=False)
    try:
        return _united(segments)
    except MemberSet.DoesNotExist:  # a new version has just replaced it: the next look finds that
        return _united(segments)


def _united(segments: QuerySet[Segment]) -> BitMap:
    found = BitMap()
    for members in member_sets.load_all(segments.values_list("members_id", flat=True)).values():
        found |= members
    return found


def _by_score(audience: Audience, found: BitMap, campaign_id: int | None) -> BitMap:
    """Who has not joined has a score of 0."""
    if (least := audience.score_from) is not None and least > 0:
        found = found & _scored(campaign_id, least)
    if (below := audience.score_below) is not None:
        found = found - _scored(campaign_id, below) if below > 0 else BitMap()
    return found


def _scored(campaign_id: int | None, least: int) -> BitMap:
    return read_ids(_SCORED, (campaign_id, least)) if campaign_id else BitMap()
