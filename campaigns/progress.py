"""Writing how far a member is with a task: one row for each of its periods."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from campaigns.kinds.face import Moved, Turn

# Places in quotas are noted once, and kept.
SAVE = """
    INSERT INTO campaigns_progress AS kept
        (enrolment_id, task_key, period, count, data, finish_until, places, updated_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (enrolment_id, task_key, period) DO UPDATE SET
        count = excluded.count, data = excluded.data, finish_until = excluded.finish_until,
        places = kept.places || excluded.places, updated_at = excluded.updated_at
"""
Places = Sequence[tuple[str, str]]


def save(turn: Turn, moved: Moved, *, finish_until: datetime | None, places: Places = ()) -> None:
    """Write the new standing, behind the enrolment's lock."""
    with connection.cursor() as cursor:
        cursor.execute(SAVE, values_of(turn, moved, finish_until=finish_until, places=places))


def values_of(turn: Turn, moved: Moved, *, finish_until: datetime | None, places: Places) -> list[Any]:
    """The parameters of `SAVE`."""
    key = [turn.enrolment_id, turn.task.key, turn.period]
    return [*key, moved.count, Jsonb(dict(moved.data)), finish_until, Jsonb([list(each) for each in places]), turn.now]
