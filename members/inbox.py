"""Messages to members: the one door to `InboxMessage`.

A message is written in the transaction of what it tells, so that it lives or dies with it. What is told again, such as
by a job that runs twice, is one message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet, Subquery

from members import inbox_kinds
from members.models import InboxMessage, Member
from operations import jobs

PURGED_AT_ONCE = 5_000

# Whoever is being erased at this moment is told nothing, and not waited for: the erasure may be waiting for what this
# transaction has locked already, such as an account or a parcel. Nobody else locks a member so.
_PUT = """
    INSERT INTO members_inboxmessage (member_id, kind, params, link, key, created_at)
    SELECT member.id, told.kind, told.params::jsonb, told.link, told.key, %(now)s
    FROM unnest(%(members)s::bigint[], %(kinds)s::text[], %(params)s::text[], %(links)s::text[], %(keys)s::text[])
        AS told (member_id, kind, params, link, key)
    JOIN members_member member ON member.id = told.member_id
    WHERE member.erased_at IS NULL
    ORDER BY member.id
    FOR KEY SHARE OF member SKIP LOCKED
    ON CONFLICT (member_id, key) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Message:
    """What is told to one member. `key` names it among all that the member is told."""

    member_id: int
    kind: str
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""


def put(messages: Sequence[Message], *, now: datetime) -> int:
    """Write messages, one statement for all; return how many were new. Who was erased is told nothing.

    Inside a transaction. Raises ValueError for a kind that nobody registered and for a link out of the pages.
    """
    if not messages:
        return 0
    if not connection.in_atomic_block:
        raise jobs.NotInTransaction("tell members inside the transaction of what they are told")
    for each in messages:
        if not inbox_kinds.is_known(each.kind):
            raise ValueError(f"no kind of message {each.kind!r} is registered")
        if each.link and not each.link.startswith("/h5/"):
            raise ValueError(f"{each.link!r} is none of the participants' pages")
    values: dict[str, Any] = {
        "members": [each.member_id for each in messages],
        "kinds": [each.kind for each in messages],
        "params": [orjson.dumps(each.params).decode() for each in messages],
        "links": [each.link for each in messages],
        "keys": [each.key for each in messages],
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PUT, values)
        return cursor.rowcount


def messages_of(member: Member, *, before: int | None, limit: int) -> list[InboxMessage]:
    """Return the member's messages, newest first, those older than their message `before`. One query."""
    messages = InboxMessage.objects.filter(member=member).order_by("-created_at", "-id")
    if before is not None:
        at = _time_of(member, before)
        # The bound on the time stands by itself, so that the index can be entered by it.
        older = Q(created_at__lt=at) | Q(pk__lt=before)
        messages = messages.filter(older, created_at__lte=at)
    return list(messages[:limit])


def message_of(member: Member, message_id: int) -> InboxMessage | None:
    """Return one message of the member's own, None for another's."""
    return InboxMessage.objects.filter(member=member, pk=message_id).first()


def read(member: Member, message_id: int, *, now: datetime) -> None:
    """Note that the member opened a message."""
    _mark(InboxMessage.objects.filter(member=member, pk=message_id), now)


def read_all(member: Member, *, up_to: int, now: datetime) -> int:
    """Note that the member has read everything up to this message; what came after it has not been seen."""
    return _mark(InboxMessage.objects.filter(member=member, created_at__lte=_time_of(member, up_to)), now)


def forget_old(*, now: datetime) -> int:
    """Delete a slice of what is older than `INBOX_KEEP_DAYS`; return how many."""
    old = InboxMessage.objects.filter(created_at__lt=now - timedelta(days=settings.INBOX_KEEP_DAYS))
    deleted, _per_model = InboxMessage.objects.filter(pk__in=old.values("pk")[:PURGED_AT_ONCE]).delete()
    return deleted


def _time_of(member: Member, message_id: int) -> Subquery:
    """The time of a message of the member's own; there is none of another's."""
    return Subquery(InboxMessage.objects.filter(member=member, pk=message_id).values("created_at"))


def _mark(messages: QuerySet[InboxMessage], now: datetime) -> int:
    return messages.filter(read_at=None).update(read_at=now)
