"""What a test has committed is taken out again, as `flush` does, in a fraction of the time.

`flush` truncates every table there is and lets `migrate`'s handlers fill some in again: half a second, and more where
the disk is slow. Here the rows of a fresh database are copied once, into a schema of their own; afterwards only the
tables with rows are emptied, and those that held some at first get them back, under the same ids.
"""

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import OperationalError, connections, transaction
from django.test import TransactionTestCase
from psycopg.errors import DeadlockDetected

COPIES = "fresh_rows"
TRIES = 5
_flush = TransactionTestCase._fixture_teardown


def begin(alias: str = "default") -> None:
    """Copy the rows of the fresh database, and from now on end each test that commits by `restore`.

    Leaves it to `flush` where the user of the database may not do without triggers.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            return
        cursor.execute(f"CREATE SCHEMA {COPIES}")
        for table in _with_rows(alias, _tables(alias)):
            cursor.execute(f'CREATE TABLE {COPIES}."{table}" AS TABLE public."{table}"')
    TransactionTestCase._fixture_teardown = lambda _case: restore(alias)


def end() -> None:
    TransactionTestCase._fixture_teardown = _flush


def empty() -> None:
    """Take out what was committed beside the tests' own transactions."""
    if TransactionTestCase._fixture_teardown is _flush:
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
    else:
        restore()


def restore(alias: str = "default") -> None:
    """Bring every table back to the rows of the fresh database. Waits for whoever still writes, as `flush` would."""
    for tries_left in reversed(range(TRIES)):
        try:
            _restore(alias)
            return
        except OperationalError as error:
            # A late request of a browser takes tables in another order, and one of the two had to give way.
            if not (tries_left and isinstance(error.__cause__, DeadlockDetected)):
                raise


def _restore(alias: str) -> None:
    tables = _tables(alias)
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(map(_named, tables))} IN EXCLUSIVE MODE")
        # Without triggers: neither foreign keys nor the guards of the books have a say in which row goes first.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in _with_rows(alias, tables):
            cursor.execute(f"DELETE FROM {_named(table)}")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [COPIES])
        for (table,) in cursor.fetchall():
            cursor.execute(f'INSERT INTO {_named(table)} SELECT * FROM {COPIES}."{table}"')
    # Their ids are those of the fresh database again, whatever somebody has flushed meanwhile.
    ContentType.objects.clear_cache()


def _tables(alias: str) -> list[str]:
    """All tables of the house, whose partitions are theirs; that migrations ran stays noted."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            " AND NOT relispartition AND relname <> 'django_migrations' ORDER BY relname"
        )
        return [name for (name,) in cursor.fetchall()]


def _with_rows(alias: str, tables: Iterable[str]) -> list[str]:
    each = [f"SELECT '{table}' WHERE EXISTS (SELECT FROM {_named(table)})" for table in tables]
    with connections[alias].cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return [name for (name,) in cursor.fetchall()]


def _named(table: str) -> str:
    return f'public."{table}"'
