"""The monthly partitions of the events: made ahead, and detached once they are older than the policy keeps them.

A partition holds one month of UTC: the months of the site's time zone would move where that setting moves. It is made
beside the table and then attached, since only that leaves those who read and write the table undisturbed.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime

from django.conf import settings
from django.db import connection, transaction

from operations.advisory_locks import Work, wait_for

AHEAD = 3
# Events come in up to 90 days late: the month of one and the three before it.
BEHIND = 3
PARTITION = "members_event_{month:%Y_%m}"
ARCHIVE = "members_event_archive_{month:%Y_%m}"
_NAME = re.compile(r"members_event_(archive_)?(\d{4})_(\d{2})")

_TABLES = "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relispartition AND pg_table_is_visible(oid)"
_PARTITIONS = """
    SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
    WHERE inhparent = to_regclass('members_event') ORDER BY child.relname
"""
_ARCHIVES = r"""
    SELECT relname FROM pg_class
    WHERE relname LIKE 'members\_event\_archive\_%%' AND relkind = 'r' AND pg_table_is_visible(oid) ORDER BY relname
"""
_CREATE = """
    CREATE TABLE {name} (LIKE members_event INCLUDING ALL);
    ALTER TABLE members_event ATTACH PARTITION {name} FOR VALUES FROM ('{first} 00:00+00') TO ('{after} 00:00+00');
"""
# An archive stands apart: it holds no member back and has no say in how the live table changes.
_DETACH = """
    ALTER TABLE members_event DETACH PARTITION {name};
    ALTER TABLE {name} DROP CONSTRAINT members_event_member_fk;
    ALTER TABLE {name} RENAME TO {archive};
"""


def month_of(moment: datetime) -> date:
    """Return the first day of the moment's month in UTC."""
    return moment.astimezone(UTC).date().replace(day=1)


def months_of(moments: Iterable[datetime]) -> set[date]:
    """Return the first days of the months of many moments in UTC."""
    return {date(year, month, 1) for year, month in {(moment.year, moment.month) for moment in moments}}


def months_from(month: date, count: int) -> date:
    """Return the first day of the month `count` months after (before, if negative) that of `month`."""
    months = month.year * 12 + month.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def ensure(months: Collection[date]) -> None:
    """Make the partitions of these months (first days) that are missing, in the caller's transaction.

    Attaching locks the members against writers until the transaction ends, for the foreign key, so a caller who
    will write members calls this first.
    """
    if _missing(months):
        # Two who both miss a month would both create it: the second one waits, and then finds it.
        wait_for(Work.EVENT_PARTITIONS)
        for month in sorted(_missing(months)):
            _run(_CREATE, name=PARTITION.format(month=month), first=month, after=months_from(month, 1))


def ensure_around(*, now: datetime) -> None:
    """Make the partitions for all that may come in from now until the next months."""
    month = month_of(now)
    ensure([months_from(month, step) for step in range(-BEHIND, AHEAD + 1)])


def detach_old(*, now: datetime) -> list[str]:
    """Detach what is older than EVENT_MONTHS_KEPT months before this one. Return the archives' names.

    The months into which events may still come stay, whatever the setting says.
    """
    oldest = months_from(month_of(now), -max(settings.EVENT_MONTHS_KEPT, BEHIND))
    archives = []
    for month, name in _named(_PARTITIONS):
        if month < oldest:
            archive = ARCHIVE.format(month=month)
            _run(_DETACH, name=name, archive=archive)
            archives.append(archive)
    return archives


@transaction.atomic
def keep(*, now: datetime) -> None:
    """What the daily job does: months ahead are made, old ones detached."""
    with connection.cursor() as cursor:
        # Whoever waits for a table makes all who come after wait behind it: rather fail, and try again later.
        cursor.execute("SET LOCAL lock_timeout = '5s'")
    wait_for(Work.EVENT_PARTITIONS)
    ensure_around(now=now)
    detach_old(now=now)


def exists() -> bool:
    """Whether the table of events is there: not yet, while only a part of the migrations has run."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('members_event') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def archives() -> list[str]:
    """Return the names of the tables that were detached and are still in the database."""
    return [name for _month, name in _named(_ARCHIVES)]


def _named(query: str) -> Iterator[tuple[date, str]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [])
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        if found := _NAME.fullmatch(name):
            yield date(int(found[2]), int(found[3]), 1), name


def _missing(months: Collection[date]) -> set[date]:
    names = {PARTITION.format(month=month): month for month in months}
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [list(names)])
        return set(names.values()) - {names[name] for (name,) in cursor.fetchall()}


def _run(statements: str, **names: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements.format(**names))
