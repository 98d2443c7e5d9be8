"""Statements that a connection parses and plans once, for the few that every request of a hot path sends.

Django's own cursors write the parameters into the text, so that PostgreSQL plans each call anew: for the query of a
member's facts that is twice the time of running it. A pooler between here and PostgreSQL must know prepared
statements (PgBouncer 1.21 or newer with max_prepared_statements); PREPARED_STATEMENTS=off does without.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper

BoundOnServer: Any = base.ServerBindingCursor


@contextmanager
def prepared_cursor() -> Iterator[CursorWrapper]:
    """A cursor like `connection.cursor()` that binds on the server, and prepares what it executes."""
    database: Any = connection
    database.ensure_connection()
    with database.wrap_database_errors, database._prepare_cursor(BoundOnServer(database.connection)) as cursor:
        yield cursor
