"""The insert that makes a job's key unique under concurrency."""

import json
from datetime import datetime
from typing import Any

from django.db import connection

from operations.models import Job

# DO NOTHING waits for a concurrent insert of the same key to commit or roll back, so one of the callers creates the row.
INSERT = """
INSERT INTO operations_job (key, function, arguments, state, run_after, attempts, max_attempts, error, created_at)
VALUES (%s, %s, %s, 'queued', %s, 0, %s, '', %s)
ON CONFLICT (key) DO NOTHING RETURNING id
"""


def insert_or_find(
    function: str, *, key: str, arguments: dict[str, Any], run_after: datetime, max_attempts: int, now: datetime
) -> tuple[Job, bool]:
    """Return the job of `key`, and whether this call created it."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [key, function, json.dumps(arguments, allow_nan=False), run_after, max_attempts, now])
        created = cursor.fetchone() is not None
    return Job.objects.get(key=key), created
