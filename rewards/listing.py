"""White and black lists of prize pools: the only writer of PoolListing. Each member listed or taken off is on record.

Nobody wins because of a list: the law forbids winners chosen beforehand. Who is on a black list does not win; where
there is a white list, only who is on it may. The consolation prize is for everyone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from members import locking
from members.models import Member
from operations import audit
from rewards.models import PoolListing, PrizePool

MOST_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Listed:
    """How many were added, how many were on the list before, and the uids that no member has."""

    added: int
    already: int
    unknown: tuple[str, ...]


@transaction.atomic
def list_members(  # noqa: PLR0913 a list entry is what it records
    pool: PrizePool, uids: Sequence[str], *, kind: str, prize: str, reason: str, by: User | None, now: datetime
) -> Listed:
    """Put members on a list of the pool, or of its prize with that key. Raises ValueError without a reason."""
    _give_reason(reason)
    # All of them before the first row, which takes the catalogue's edition: whoever erases one of them comes to that
    # with the member in hand.
    held = locking.hold_by_uid(uids)
    members = {member.uid: member for member in Member.objects.filter(pk__in=held.values())}
    added = 0
    for uid in dict.fromkeys(uids):
        if uid not in members:
            continue
        values = {"reason": reason, "listed_by": by, "listed_at": now}
        place = {"pool": pool, "prize": prize, "kind": kind, "member": members[uid]}
        listing, created = PoolListing.objects.get_or_create(**place, defaults=values)
        if created:
            _record("added", listing, pool, members[uid], by=by, reason=reason, now=now)
            added += 1
    unknown = tuple(uid for uid in dict.fromkeys(uids) if uid not in members)
    return Listed(added, len(members) - added, unknown)


@transaction.atomic
def unlist(listings: Iterable[PoolListing], *, reason: str, by: User | None, now: datetime) -> int:
    """Take members off their lists; return how many. Raises ValueError without a reason."""
    _give_reason(reason)
    ids = [listing.pk for listing in listings]
    rows = list(PoolListing.objects.select_for_update(of=("self",)).select_related("pool", "member").filter(pk__in=ids))
    for listing in rows:
        _record("removed", listing, listing.pool, listing.member, by=by, reason=reason, now=now)
    PoolListing.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _give_reason(reason: str) -> None:
    if not reason.strip():
        raise ValueError("a list of members needs a reason")


def _record(  # noqa: PLR0913 a record is what happened
    what: str, listing: PoolListing, pool: PrizePool, member: Member, *, by: User | None, reason: str, now: datetime
) -> None:
    old_and_new = [None, member.audit_name] if what == "added" else [member.audit_name, None]
    changes = {
        "member": old_and_new,
        "list": [None, f"{pool.slug} {listing.prize} {listing.kind}".replace("  ", " ")],
    }
    audit.record(f"pool_listing.{what}", listing, by=by, now=now, changes=changes, reason=reason)
