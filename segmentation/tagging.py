"""The one write path of members' tags."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from segmentation.models import MemberTag, Tag

# Its name among the families of facts (`members.touches`).
FAMILY = "tag"

# A member of a set that already carries the tag until the same time keeps the row as it is.
SET_TAG = """
    INSERT INTO segmentation_membertag AS carried (member_id, tag_id, source, set_at, expires_at)
    SELECT wanted.member_id, %(tag)s, %(source)s, %(now)s, %(expires_at)s
    FROM unnest(%(member_ids)s::bigint[]) AS wanted(member_id) ORDER BY wanted.member_id
    ON CONFLICT (member_id, tag_id) DO UPDATE
    SET source = EXCLUDED.source, set_at = EXCLUDED.set_at, expires_at = EXCLUDED.expires_at
    WHERE carried.expires_at IS DISTINCT FROM EXCLUDED.expires_at
    RETURNING member_id, xmax = 0
"""


@dataclass(frozen=True, slots=True)
class Tagged:
    """How many members came to carry the tag, how many carry it otherwise than before, and how many as before."""

    created: int
    updated: int
    unchanged: int


@transaction.atomic
def set_tag(
    member_ids: Iterable[int], tag: Tag, *, source: str, now: datetime, expires_at: datetime | None = None
) -> Tagged:
    """Let the members carry `tag`. In an exclusive group it takes the place of the tag that they carried.

    Members are locked first, in order of id, so that two tags set at once queue up. Should a writer forget that, the
    unique constraint on (member, exclusive group) refuses the second tag. Ids of no member are passed over.
    """
    locked = _lock(member_ids)
    replaced: set[int] = set()
    if tag.group.exclusive:
        others = MemberTag.objects.filter(member__in=locked, tag__group=tag.group).exclude(tag=tag)
        replaced = set(others.values_list("member_id", flat=True))
        others.delete()
    with connection.cursor() as cursor:
        cursor.execute(
            SET_TAG,
            {"tag": tag.pk, "source": source, "now": now, "expires_at": expires_at, "member_ids": locked},
        )
        written = cursor.fetchall()
    created = sum(1 for member_id, inserted in written if inserted and member_id not in replaced)
    return Tagged(created, len(written) - created, len(locked) - len(written))


@transaction.atomic
def remove_tag(member_ids: Iterable[int], tag: Tag) -> int:
    """Take `tag` from the members; returns how many carried it."""
    locked = _lock(member_ids)
    removed, _ = MemberTag.objects.filter(member__in=locked, tag=tag).delete()
    return removed


def tags_of(member_id: int, *, now: datetime) -> list[MemberTag]:
    """Return the tags that the member carries now."""
    carried = MemberTag.objects.filter(member=member_id).exclude(expires_at__lte=now)
    return list(carried.select_related("tag__group").order_by("tag__group__slug", "tag__slug"))


def _lock(member_ids: Iterable[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM members_member WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(member_ids)]
        )
        return [member_id for (member_id,) in cursor.fetchall()]
