"""The insert that makes a job's key unique under concurrency."""

import json

from django.db import connection

from operations.models import Job

# DO NOTHING waits until a concurrent insert of the same key commits or rolls back: one caller creates the row.
INSERT = """
INSERT INTO operations_job (key, function, arguments, state, run_after, attempts, max_attempts, error, created_at)
VALUES (%s, %s, %s, %s, %s, 0, %s, '', clock_timestamp())
ON CONFLICT (key) DO NOTHING RETURNING id
"""


def insert_or_find(job: Job) -> tuple[Job, bool]:
    """Return the stored job of `job.key`, and whether this call stored it."""
    arguments = json.dumps(job.arguments, allow_nan=False)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [job.key, job.function, arguments, job.state, job.run_after, job.max_attempts])
        created = cursor.fetchone() is not None
    return Job.objects.get(key=job.key), created
