"""The one write path of members' tags. Each change leaves a line of history and touches its members.

Whatever the number of members and tags, a call takes a constant number of statements, in one transaction:
1. groups are held, so that none changes between exclusive and not, then members, each in order of id: two tags set at
   once queue up;
2. what has expired goes, and in exclusive groups what is replaced;
3. what is wanted is written where it differs. Should a writer forget the locks, the unique constraint on
   (member, exclusive group) refuses the second tag.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from members import touches
from segmentation.models import MemberTag, Tag, TagChange

# Its name among the families of facts (`members.touches`).
FAMILY = "tag"

# Expired tags that one job clears away.
EXPIRED_AT_ONCE = 5_000

Action = TagChange.Action

_HOLD_GROUPS = """
    SELECT pg_advisory_xact_lock_shared(hashtext('segmentation.tag_group'), (id & 2147483647)::int)
    FROM (SELECT DISTINCT group_id AS id FROM segmentation_tag WHERE id = ANY(%s) ORDER BY 1) AS groups
"""
_LOCK = "SELECT id FROM members_member WHERE id = ANY(%s) AND erased_at IS NULL ORDER BY id FOR NO KEY UPDATE"

# The rows to be deleted are those of `chosen`; each leaves a line of history.
_DELETE = """
    WITH chosen AS ({chosen}), gone AS (
        DELETE FROM segmentation_membertag carried USING chosen WHERE carried.id = chosen.id
        RETURNING carried.member_id, carried.tag_id, carried.source, carried.set_by, carried.expires_at
    ), told AS (
        INSERT INTO segmentation_tagchange (member_id, tag_id, action, source, set_by, at, expires_at)
        SELECT member_id, tag_id, {line} FROM gone ORDER BY member_id, tag_id
    )
    SELECT member_id FROM gone
"""
_BY_NAME = "%(action)s, %(source)s, %(set_by)s, %(now)s, expires_at"
_EXPIRED_LINE = f"'{Action.EXPIRED}', source, set_by, expires_at, expires_at"
_WANTED = """
    SELECT * FROM unnest(%(members)s::bigint[], %(tags)s::bigint[], %(expiries)s::timestamptz[])
        AS wanted(member_id, tag_id, expires_at)
"""
# Of the members' groups, so that a tag that has expired is not called replaced.
_EXPIRED = _DELETE.format(
    chosen=f"""
        SELECT carried.id FROM segmentation_membertag carried
        WHERE carried.expires_at <= %(now)s AND carried.member_id = ANY(%(members)s::bigint[])
            AND carried.tag_id IN (
                SELECT beside.id FROM segmentation_tag beside
                JOIN segmentation_tag own ON own.group_id = beside.group_id
                WHERE own.id IN (SELECT tag_id FROM ({_WANTED}) AS named)
            )
    """,  # noqa: S608
    line=_EXPIRED_LINE,
)
_REPLACED = _DELETE.format(
    chosen=f"""
        SELECT carried.id FROM ({_WANTED}) AS wanted
        JOIN segmentation_tag own ON own.id = wanted.tag_id
        JOIN segmentation_taggroup held ON held.id = own.group_id AND held.exclusive
        JOIN segmentation_tag beside ON beside.group_id = own.group_id AND beside.id <> own.id
        JOIN segmentation_membertag carried
            ON carried.member_id = wanted.member_id AND carried.tag_id = beside.id
    """,  # noqa: S608
    line=_BY_NAME,
)
_REMOVED = _DELETE.format(
    chosen=f"""
        SELECT carried.id FROM ({_WANTED}) AS wanted
        JOIN segmentation_membertag carried USING (member_id, tag_id)
    """,  # noqa: S608
    line=_BY_NAME,
)
_OVER = _DELETE.format(
    chosen="""
        SELECT id FROM segmentation_membertag
        WHERE expires_at <= %(now)s AND member_id = ANY(%(members)s::bigint[])
    """,
    line=_EXPIRED_LINE,
)
# A member who already carries the tag until the same time keeps the row as it is.
_SET = f"""
    WITH wanted AS ({_WANTED}), written AS (
        INSERT INTO segmentation_membertag AS carried (member_id, tag_id, source, set_by, set_at, expires_at)
        SELECT member_id, tag_id, %(source)s, %(set_by)s, %(now)s, expires_at FROM wanted ORDER BY member_id, tag_id
        ON CONFLICT (member_id, tag_id) DO UPDATE
        SET source = EXCLUDED.source, set_by = EXCLUDED.set_by, set_at = EXCLUDED.set_at,
            expires_at = EXCLUDED.expires_at
        WHERE carried.expires_at IS DISTINCT FROM EXCLUDED.expires_at
        RETURNING member_id, tag_id, expires_at, xmax = 0 AS inserted
    ), told AS (
        INSERT INTO segmentation_tagchange (member_id, tag_id, action, source, set_by, at, expires_at)
        SELECT member_id, tag_id, CASE WHEN inserted THEN '{Action.SET}' ELSE '{Action.CHANGED}' END,
            %(source)s, %(set_by)s, %(now)s, expires_at
        FROM written ORDER BY member_id, tag_id
    )
    SELECT member_id, inserted FROM written
"""  # noqa: S608


class TagRefused(ValueError):
    """The tag cannot be set or taken away so; says why in words."""


@dataclass(frozen=True, slots=True)
class Setter:
    """Who changes tags: a source, and who or what of it: a user's name, an API client, a file, a campaign's key."""

    source: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A member shall carry a tag, until a time or for good."""

    member_id: int
    tag: Tag
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tagged:
    """How many members came to carry the tag, how many carry it otherwise than before, and how many as before."""

    created: int
    updated: int
    unchanged: int


def until(tag: Tag, *, now: datetime, expires_at: datetime | None = None) -> datetime | None:
    """Return the time named, or else the one that follows from how long the tag is valid."""
    return now + timedelta(days=tag.valid_days) if expires_at is None and tag.valid_days else expires_at


def set_tag(  # noqa: PLR0913 whom, what, who and until when
    member_ids: Iterable[int],
    tag: Tag,
    *,
    source: str,
    now: datetime,
    expires_at: datetime | None = None,
    set_by: str = "",
) -> Tagged:
    """Let the members carry `tag`. In an exclusive group it takes the place of the tag that they carried.

    Where no time is named, the tag is valid for its own number of days from `now`. Ids of no member are passed over.
    """
    expires_at = until(tag, now=now, expires_at=expires_at)
    return set_each([Wanted(each, tag, expires_at) for each in member_ids], by=Setter(source, set_by), now=now)


@transaction.atomic
def set_each(wanted: Iterable[Wanted], *, by: Setter, now: datetime) -> Tagged:
    """Let each member carry the tag that is wanted; of two that exclude each other the later one holds.

    Raises TagRefused for a tag that follows a rule, unless the rule itself sets it.
    """
    chosen = list(_last_of_each(wanted).values())
    given, locked = _begin(chosen, by, now)
    touched = _ids(_EXPIRED, given)
    replaced = _ids(_REPLACED, given | {"action": Action.REPLACED})
    with connection.cursor() as cursor:
        cursor.execute(_SET, given)
        written = cursor.fetchall()
    touches.touch(FAMILY, [*touched, *replaced, *(member_id for member_id, _inserted in written)])
    instead = set(replaced)
    created = sum(1 for member_id, inserted in written if inserted and member_id not in instead)
    return Tagged(created, len(written) - created, locked - len(written))


def remove_tag(member_ids: Iterable[int], tag: Tag, *, source: str, now: datetime, set_by: str = "") -> int:
    """Take `tag` from the members; returns how many carried it."""
    return remove_each([Wanted(each, tag) for each in member_ids], by=Setter(source, set_by), now=now)


@transaction.atomic
def remove_each(unwanted: Iterable[Wanted], *, by: Setter, now: datetime) -> int:
    """Take from each member the tag named; returns how many were carried. Raises TagRefused as `set_each` does."""
    given, _locked = _begin(list({(each.member_id, each.tag.pk): each for each in unwanted}.values()), by, now)
    expired = _ids(_EXPIRED, given)
    removed = _ids(_REMOVED, given | {"action": Action.REMOVED})
    touches.touch(FAMILY, [*expired, *removed])
    return len(removed)


@transaction.atomic
def clear_expired(*, now: datetime) -> int:
    """Take away tags whose time is over, those of EXPIRED_AT_ONCE rows at most; returns how many.

    Rules have ignored them since that moment. A tag that is set again meanwhile stays: it is looked at behind the lock.
    """
    over = MemberTag.objects.filter(expires_at__lte=now).order_by("expires_at")
    locked = _lock(set(over.values_list("member_id", flat=True)[:EXPIRED_AT_ONCE]))
    gone = _ids(_OVER, {"now": now, "members": locked})
    touches.touch(FAMILY, gone)
    return len(gone)


def tags_of(member_id: int, *, now: datetime) -> list[MemberTag]:
    """Return the tags that the member carries now."""
    carried = MemberTag.objects.filter(member=member_id).exclude(expires_at__lte=now)
    return list(carried.select_related("tag__group").order_by("tag__group__slug", "tag__slug"))


def place_of(tag: Tag) -> int:
    """Return what a member has one of: the tag, or its exclusive group, as a negative number."""
    return -tag.group_id if tag.group.exclusive else tag.pk


def hold(tag_ids: Collection[int], member_ids: Collection[int]) -> list[int]:
    """Lock the tags' groups, then the members; returns those that are there. Inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_GROUPS, [list(tag_ids)])
    return _lock(member_ids)


def hold_group(group_id: int) -> None:
    """Let nobody set tags of the group until the transaction ends: what it allows is about to change."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('segmentation.tag_group'), %s)", [group_id % 2**31])


def _last_of_each(wanted: Iterable[Wanted]) -> dict[tuple[int, int], Wanted]:
    """Return what is wanted by (member, place): a tag, or an exclusive group, in which a member has one place."""
    last: dict[tuple[int, int], Wanted] = {}
    for each in wanted:
        last[each.member_id, place_of(each.tag)] = each
    return last


def _begin(chosen: Sequence[Wanted], by: Setter, now: datetime) -> tuple[dict[str, Any], int]:
    """Take the locks. Returns the parameters of the statements, and how many (member, tag) they are about."""
    refuse_ruled({each.tag for each in chosen}, by)
    locked = set(hold({each.tag.pk for each in chosen}, {each.member_id for each in chosen}))
    kept = [each for each in chosen if each.member_id in locked]
    return {
        "members": [each.member_id for each in kept],
        "tags": [each.tag.pk for each in kept],
        "expiries": [each.expires_at for each in kept],
        "source": by.source,
        "set_by": by.name[:150],
        "now": now,
    }, len(kept)


def refuse_ruled(tags: Iterable[Tag], by: Setter) -> None:
    """Raise TagRefused if hands, files or calls would change a tag that follows a rule."""
    ruled = [str(tag) for tag in tags if tag.rule is not None]
    if ruled and by.source != MemberTag.Source.RULE:
        raise TagRefused(_("%(tag)s follows its rule and is not set otherwise.") % {"tag": ", ".join(sorted(ruled))})


def _lock(member_ids: Iterable[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(member_ids)])
        return [member_id for (member_id,) in cursor.fetchall()]


def _ids(statement: str, given: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return [member_id for (member_id,) in cursor.fetchall()]
