"""Whether offers may be picked for a member by tags and segments: the member's own choice, and always on record."""

from datetime import datetime

from django.db import transaction

from members.models import Member
from operations import audit


def refuse(member: Member, *, by: audit.Actor, now: datetime) -> Member:
    """Treat the member as everyone from now on. One who has refused already refused then."""
    return _set(member, now, "member.profiling_refused", by=by, now=now)


def allow(member: Member, *, by: audit.Actor, now: datetime) -> Member:
    """Let offers be picked for the member again."""
    return _set(member, None, "member.profiling_allowed", by=by, now=now)


@transaction.atomic
def _set(member: Member, since: datetime | None, action: str, *, by: audit.Actor, now: datetime) -> Member:
    locked = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    before = locked.profiling_refused_at
    if (before is None) == (since is None):
        return locked
    locked.profiling_refused_at = since
    locked.save(update_fields=["profiling_refused_at"])
    # Without an actor it was the member, on their own page.
    audit.record(action, locked, by=by, now=now, changes={"profiling_refused_at": [before, since]})
    return locked
