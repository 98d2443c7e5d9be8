"""The one way in for behaviour events.

Each call is one transaction and a constant number of statements, whatever the number of rows: which ids are known is
asked first, then the new events are copied straight into the table. Where another batch wrote one of them between the
two, the unique key refuses the copy, and it begins anew with one id more that is known. (Copied into a temporary table
and inserted from there with ON CONFLICT DO NOTHING, a row cost half as much again.)

Events never change, so nothing that is read here has to stay as it is: the unique key alone decides which of two
batches wrote an event. The members are locked against one thing, becoming somebody else (FOR KEY SHARE, which the
foreign key takes in any case), so that no event comes in for a member who is being erased. Orders of the same members
and other batches of events do not wait.

The check that an id has one time sees what is committed. Of two batches that bring one id with different times at the
same moment both may be kept: nothing of value hangs on it, since an event earns once by its id.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from psycopg.errors import UniqueViolation

from members import activity, event_partitions, locking, touches
from members.event_rows import AHEAD_ALLOWED, LATE_ALLOWED, EventRow
from members.faults import Fault, RowError
from members.folding import IngestResult, Rejections

# A file is read against the time at which its import began, which may be hours from when another's did.
_BETWEEN_CALLS = timedelta(days=1)

# As the result of a query, the list is not weighed id by id against the statistics of each partition.
_KNOWN = """
    SELECT DISTINCT event_id FROM members_event
    WHERE event_id = ANY((SELECT string_to_array(%s, E'\\n'))::text[]) AND occurred_at BETWEEN %s AND %s
"""
_COPY = "COPY members_event (event_id, member_id, type, occurred_at, item, category, keyword, properties) FROM STDIN"
# A connection keeps its table, empty between transactions: making it anew each time would write the catalogue.
# A release that changes its columns gives it another name, since a pooler may keep the connection.
_STAGE = """
    CREATE TEMPORARY TABLE IF NOT EXISTS members_event_stage (
        event_id text, member_id bigint, type text, occurred_at timestamptz, item text, category text, keyword text,
        properties jsonb, number integer
    ) ON COMMIT DELETE ROWS;
    DELETE FROM members_event_stage;
"""
_COPY_TO_STAGE = "COPY members_event_stage FROM STDIN"
_ALIKE = """
    SELECT number FROM members_event_stage stage JOIN members_event known USING (event_id, occurred_at)
    WHERE known.occurred_at BETWEEN %s AND %s
        AND (known.member_id, known.type, known.item, known.category, known.keyword, known.properties)
            = (stage.member_id, stage.type, stage.item, stage.category, stage.keyword, stage.properties)
"""


@touches.together()
def ingest_events(rows: Sequence[EventRow], *, now: datetime) -> IngestResult:
    """Keep the events that are new. An unknown uid becomes a member of whom nothing else is known.

    An event that is known is unchanged; one whose id is known with another time or content is refused. Of rows with
    one id the first counts, the later ones are compared with it.
    """
    if not rows:
        return IngestResult()
    event_partitions.ensure(event_partitions.months_of(row.occurred_at for row in rows))
    new, members = _write_unknown(rows, now)
    touches.touch(touches.EVENTS, {members[row.uid] for row in new.values()})
    activity.tell_of_events((row.event_id, row.type, row.occurred_at) for row in new.values())
    if len(new) == len(rows):
        return IngestResult(created=len(new))
    return _compared(rows, new, members, now)


@transaction.atomic
def write_history(rows: Sequence[EventRow], *, members: Mapping[str, int]) -> None:
    """Write new events of any time, for a shop that is made up: nobody is told of what never happened, nor is anybody
    touched (`members.touches`). What was computed before has to be computed anew in full.

    `members` gives the id of each uid. An id that is known raises psycopg's UniqueViolation.
    """
    event_partitions.ensure(event_partitions.months_of(row.occurred_at for row in rows))
    _copy(_COPY, [f"{_fields(row, members)}\n" for row in rows])


def _write_unknown(rows: Sequence[EventRow], now: datetime) -> tuple[dict[int, EventRow], dict[str, int]]:
    """Write the rows whose ids are not known; return them by index, and the ids of all members by uid."""
    while True:
        fresh = _unknown(rows, now)
        members = _members_of(rows, fresh, now)
        if _copied(fresh, members):
            return fresh, members


def _unknown(rows: Sequence[EventRow], now: datetime) -> dict[int, EventRow]:
    """Return, by index, the first row of each id that is not known."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, ["\n".join([row.event_id for row in rows]), *_bounds(now)])
        seen = {event_id for (event_id,) in cursor.fetchall()}
    fresh = {}
    for index, row in enumerate(rows):
        if row.event_id not in seen:
            seen.add(row.event_id)
            fresh[index] = row
    return fresh


def _members_of(rows: Sequence[EventRow], fresh: Mapping[int, EventRow], now: datetime) -> dict[str, int]:
    """Return the ids of the rows' members, held; those that fresh rows name are created. Raises UidsErased."""
    members = locking.hold_by_uid({row.uid for row in rows})
    if missing := {row.uid for row in fresh.values()} - members.keys():
        locking.create_missing(missing, now=now)
        members |= locking.hold_by_uid(missing)
        if erased := missing - members.keys():
            raise locking.UidsErased(erased)
    return members


def _copied(fresh: Mapping[int, EventRow], members: Mapping[str, int]) -> bool:
    """Copy the rows into the table, all or, where another batch has written one of them meanwhile, none."""
    # In the order of the ids, so that two batches with the same new events wait for each other in one direction.
    lines = sorted(f"{_fields(row, members)}\n" for row in fresh.values())
    try:
        with transaction.atomic():
            _copy(_COPY, lines)
    except UniqueViolation:
        return False
    return True


def _compared(
    rows: Sequence[EventRow], new: Collection[int], members: Mapping[str, int], now: datetime
) -> IngestResult:
    """Part the rows that are not `new` into those that say what is known and those that say something else."""
    others = {index: row for index, row in enumerate(rows) if index not in new}
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        _copy(_COPY_TO_STAGE, [f"{_fields(row, members)}\t{index}\n" for index, row in others.items()])
        cursor.execute(_ALIKE, _bounds(now))
        alike = {number for (number,) in cursor.fetchall()}
    rejected: Rejections = [
        (index, RowError(Fault.EVENT_DIFFERS, "event_id", value=row.event_id))
        for index, row in others.items()
        if index not in alike
    ]
    return IngestResult(created=len(new), unchanged=len(alike), rejected=rejected)


def _fields(row: EventRow, members: Mapping[str, int]) -> str:
    """Return the row as COPY reads it. The id 0 stands for a uid without a member, in a row that is only compared."""
    event_id, uid, kind, occurred_at, item, category, keyword, properties = row
    return f"{event_id}\t{members.get(uid, 0)}\t{kind}\t{occurred_at}\t{item}\t{category}\t{keyword}\t{properties}"


def _copy(statement: str, lines: list[str]) -> None:
    # No text of a row has a tab or the end of a line in it: all that wants escaping is the backslash.
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write("".join(lines).replace("\\", "\\\\"))


def _bounds(now: datetime) -> list[datetime]:
    """Return between which times a known event may be that a row of now could repeat; other months are not read."""
    return [now - LATE_ALLOWED - _BETWEEN_CALLS, now + AHEAD_ALLOWED + _BETWEEN_CALLS]
