"""Telling webhooks of what is no row of a table, such as who entered a segment. Rows are told by their own triggers."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection

# What is put together in the database's memory at once.
SLICE = 100_000

_WANTED = "SELECT operations_webhook_wanted(%s, %s)"
_TELL = """
    SELECT members_webhook_tell(%(kind)s, ARRAY(
        SELECT ROW(id, %(data)s::jsonb, %(at)s::timestamptz)::operations_webhook_fact
        FROM unnest(%(members)s::bigint[]) AS id
    ))
"""


_TELL_AT_ONCE = (
    "SELECT operations_webhook_tell(%s, ARRAY[ROW(NULL, %s::jsonb, %s::timestamptz)::operations_webhook_fact])"
)


def tell_at_once(kind: str, count: int, data: Mapping[str, Any], *, at: datetime) -> int:
    """Tell of the same thing about too many members to name each: `uid` is null, and `count` says how many they are.
    Return how many events were written."""
    with connection.cursor() as cursor:
        cursor.execute(_TELL_AT_ONCE, [kind, json.dumps({"uid": None, "count": count} | dict(data)), at])
        return int(cursor.fetchone()[0])


def tell(kind: str, member_ids: Iterable[int], data: Mapping[str, Any], *, at: datetime) -> int:
    """Tell of the same thing about each of many members; return how many events were written. In the transaction of
    the fact.

    `data` is told with the uid of each. Of `segment.*` it names the "segment". Where nobody is told, the members are
    not looked at.
    """
    told = 0
    with connection.cursor() as cursor:
        cursor.execute(_WANTED, [kind, data.get("segment")])
        if not cursor.fetchone()[0]:
            return 0
        rest = iter(member_ids)
        while some := list(islice(rest, SLICE)):
            cursor.execute(_TELL, {"kind": kind, "data": json.dumps(dict(data)), "at": at, "members": some})
            told += cursor.fetchone()[0]
    return told
