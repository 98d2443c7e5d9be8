"""The members of each tag as a stored set, so that rules over everyone do not read millions of rows.

A set holds whoever had a row of the tag at a state of the facts (`members.touches`), expired or not. An answer takes
the set, looks at the rows of those touched since, and leaves out whose row has expired by the moment asked about: the
same as the rows themselves say.
"""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from django.db import connection, transaction
from django.db.models import ProtectedError
from pyroaring import BitMap

from members import touches
from segmentation import member_sets
from segmentation.columns import read_ids
from segmentation.locking import take_turn
from segmentation.models import MemberSet, Tag
from segmentation.sources.base import SourceError, patched
from segmentation.tagging import FAMILY
from segmentation.world import World

# The same member twice is once in a bitmap, and to tell them apart takes the database three times as long.
_CARRIED = """
    SELECT member_id AS id FROM segmentation_membertag
    WHERE tag_id = ANY(%s) AND (expires_at IS NULL OR expires_at > %s)
"""
_OVER = "SELECT DISTINCT member_id AS id FROM segmentation_membertag WHERE tag_id = %s AND expires_at <= %s"
_ROWS = "SELECT member_id AS id FROM segmentation_membertag WHERE tag_id = %s"
_OF_TOUCHED = """
    SELECT tag_id, array_agg(member_id) FROM segmentation_membertag
    WHERE tag_id = ANY(%s) AND member_id = ANY(%s) GROUP BY tag_id
"""


def carriers(tags: Iterable[Tag], world: World) -> BitMap:
    """Return the members of `world` who carry one of the tags at its moment."""
    tags = list(tags)
    if world.only is not None:
        return from_rows([tag.pk for tag in tags], world)
    found = BitMap()
    for tag in tags:
        found |= _from_set(tag, world)
    return found & world.members


def from_rows(tag_ids: list[int], world: World) -> BitMap:
    """The same from the rows alone."""
    sql, params = _CARRIED, [tag_ids, world.now]
    if world.only is not None:
        sql, params = f"{sql} AND member_id = ANY(%s)", [*params, world.only]
    return read_ids(sql, params) & world.members


def _from_set(tag: Tag, world: World) -> BitMap:
    """From the tag's set; from its rows where there is none, it is too old, or a newer one has just replaced it."""
    if tag.members_id is None:
        return from_rows([tag.pk], world)
    try:
        stored = member_sets.load(tag.members_id)
        families = frozenset({FAMILY})
        now = patched(stored, tag.members_as_of, families, lambda few: from_rows([tag.pk], few), world)
    except (SourceError, MemberSet.DoesNotExist):
        return from_rows([tag.pk], world)
    return now - read_ids(_OVER, [tag.pk, world.now])


@transaction.atomic
def refresh(*, now: datetime) -> int:
    """Store the sets of all tags anew where they differ; returns how many did."""
    take_turn("tag_sets", 0)
    state = touches.state()
    by_state = defaultdict(list)
    for tag in Tag.objects.order_by("pk"):
        by_state[tag.members_as_of if tag.members_id else ""].append(tag)
    return sum(_refresh_each(tags, as_of, state, now) for as_of, tags in by_state.items())


def _refresh_each(tags: list[Tag], as_of: str, state: str, now: datetime) -> int:
    """Refresh tags whose sets are of one state; "" stands for none yet."""
    touched = touches.touched_since(as_of, {FAMILY}) if as_of else None
    if touched is not None and not touched:
        return 0
    rows = _rows_of(tags, touched) if touched is not None else {}
    stored = 0
    for tag in tags:
        if touched is None or tag.members_id is None:
            members = read_ids(_ROWS, [tag.pk])
        else:
            members = member_sets.load(tag.members_id) - BitMap(touched) | rows.get(tag.pk, BitMap())
        stored += _publish(tag, members, state, now)
    return stored


def _rows_of(tags: list[Tag], touched: list[int]) -> dict[int, BitMap]:
    with connection.cursor() as cursor:
        cursor.execute(_OF_TOUCHED, [[tag.pk for tag in tags], touched])
        return {tag_id: BitMap(member_ids) for tag_id, member_ids in cursor.fetchall()}


def _publish(tag: Tag, members: BitMap, state: str, now: datetime) -> bool:
    """Move the tag's pointer to the set, if it differs from the one before, which then goes."""
    before = tag.members_id
    differs = before is None or member_sets.load(before) != members
    if differs:
        tag.members = member_sets.store(members)
    tag.members_as_of, tag.refreshed_at = state, now
    tag.save(update_fields=["members", "members_as_of", "refreshed_at"])
    if differs and before is not None:
        with suppress(ProtectedError), transaction.atomic():
            MemberSet.objects.filter(pk=before).delete()
    return differs
