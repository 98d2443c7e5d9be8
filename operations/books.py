"""The books: invariants that must hold whatever happens, each one SQL that counts its violations."""

from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction


@dataclass(frozen=True)
class Count:
    """What one book counted: `violations`, or None with the `error` that stopped it."""

    name: str
    violations: int | None
    error: str = ""


_books: dict[str, str] = {}


def register(name: str, sql: str) -> None:
    """Add a book: `sql` returns one number, the violations. Apps call this in `AppConfig.ready()`."""
    if _books.get(name, sql) != sql:
        raise ValueError(f"there is already a book {name!r}")
    _books[name] = sql


def count_violations() -> list[Count]:
    """Run every book, in the order of their names."""
    return [_count(name, _books[name]) for name in sorted(_books)]


def _count(name: str, sql: str) -> Count:
    try:
        # A savepoint, so that one broken book does not spoil the transaction for the others.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone()
    except DatabaseError as error:
        return Count(name, None, str(error))
    if row is None or row[0] is None:
        return Count(name, None, "the query returned no number")
    return Count(name, int(row[0]))
