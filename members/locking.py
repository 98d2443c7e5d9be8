"""The lock under which a member's facts are written.

Whoever writes facts of members holds their rows first, taken in the order of their ids. Everything that hangs on
those members (orders, items, metrics, daily totals) then has one writer at a time, and none waits in a circle:
missing members are inserted in the order of their uids before any existing one is locked, so a transaction that
still inserts holds nothing that another, already locking, could wait for.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from members import erasing, touches
from members.models import Member

# Whoever is new stands on the level that needs no growth value, if there is one.
_INSERT_MISSING = """
    INSERT INTO members_member (uid, name, gender, region, level_id, created_at)
    SELECT uid, '', '', '',
           (SELECT id FROM members_level WHERE kind = 'growth' AND growth_needed = 0 ORDER BY rank DESC LIMIT 1),
           %s
    FROM unnest(%s::text[]) AS given (uid)
    WHERE NOT EXISTS (SELECT FROM members_member known WHERE known.uid = given.uid)
    ON CONFLICT (uid) DO NOTHING
    RETURNING uid, id
"""

# Advisory locks are numbered; this one is taken before any member is locked.
_WAITING_REFUNDS = "SELECT pg_advisory_xact_lock{how}(hashtext('members.waiting_refunds'), 0)"


# The lock is taken in the order of the subquery; nothing of it is sent.
_LOCK_UIDS = """
    SELECT count(*) FROM (
        SELECT id FROM members_member WHERE uid = ANY((SELECT string_to_array(%s, E'\\n'))::text[])
        ORDER BY id FOR NO KEY UPDATE
    ) AS locked
"""

# As the result of a query, the list is not weighed uid by uid against the column's statistics: of 5,000 uids that
# took longer than finding them.
_HOLD = """
    SELECT uid, id FROM members_member
    WHERE uid = ANY((SELECT string_to_array(%s, E'\\n'))::text[]) AND erased_at IS NULL
    ORDER BY id FOR KEY SHARE
"""
_HOLD_ONE = "SELECT FROM members_member WHERE id = %s AND erased_at IS NULL FOR KEY SHARE"


class UidsErased(Exception):
    """Facts came in for `uids` of members who were erased: nobody is made of them anew."""

    def __init__(self, uids: Collection[str]) -> None:
        super().__init__(f"{len(uids)} members were erased")
        self.uids = frozenset(uids)


def create_missing(uids: Collection[str], *, now: datetime) -> set[str]:
    """Create a bare member for each uid that has none. Return the uids created. Raises UidsErased.

    Whether a uid was erased is asked after it is inserted: whoever could insert it sees all of its erasure by then.
    """
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_MISSING, [now, sorted(set(uids))])
        created = dict(cursor.fetchall())
    if erased := erasing.erased_among(created):
        raise UidsErased(erased)
    touches.touch(touches.PROFILE, created.values())
    return set(created)


def hold_by_uid(uids: Collection[str]) -> dict[str, int]:
    """Return the ids of the members with these uids, who keep their uids until the transaction ends.

    Those who write rows that a key of their own guards need no more than this. It waits for nobody but an erasure.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, ["\n".join(set(uids))])
        return dict(cursor.fetchall())


def hold_by_id(member_id: int) -> bool:
    """Keep the member from being erased until the transaction ends; False for one who was."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_ONE, [member_id])
        return cursor.fetchone() is not None


def lock_by_uid(uids: Collection[str]) -> list[Member]:
    """Lock the members with these uids, all of whom are there, in the order of their ids. Raises UidsErased."""
    wanted = set(uids)
    those = Member.objects.filter(uid__in=wanted, erased_at=None)
    locked = list(those.select_for_update(no_key=True).order_by("id"))
    if len(locked) < len(wanted):
        # They were there a statement ago: the lock was waited for while they were erased.
        raise UidsErased(wanted - {member.uid for member in locked})
    return locked


def lock_uids(uids: Collection[str]) -> None:
    """Lock the members with these uids, all of whom are there, in the order of their ids, without reading them.

    Raises UidsErased.
    """
    wanted = set(uids)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_UIDS, ["\n".join(wanted)])
        (locked,) = cursor.fetchone()
    if locked < len(wanted):
        # They were there a statement ago: the lock was waited for while they were erased.
        raise UidsErased(wanted - set(Member.objects.filter(uid__in=wanted).values_list("uid", flat=True)))


def lock_by_id(member_ids: Collection[int]) -> None:
    """Lock the members with these ids, in their order."""
    locked = Member.objects.select_for_update(no_key=True).filter(id__in=set(member_ids)).order_by("id")
    list(locked.values_list("id"))


def let_orders_in() -> None:
    """Keep out who records refunds of unknown orders, until the transaction ends: their orders may be coming in now.

    A refund of an unknown order hangs on no member whose lock it could hold. Batches of orders do not wait for each
    other here.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WAITING_REFUNDS.format(how="_shared"))


def keep_orders_out() -> None:
    """Wait until no batch of orders is under way, and let none begin before the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING_REFUNDS.format(how=""))
