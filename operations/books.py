"""The books: invariants that must hold whatever happens, each one SQL that counts its violations."""

import time
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import DatabaseError, connection, transaction

# As its count is kept.
LONGEST_NAME = 100


@dataclass(frozen=True)
class Count:
    """What one book counted, and how long it `took`: `violations`, or None with the `error` that stopped it."""

    name: str
    violations: int | None
    error: str = ""
    took: timedelta = timedelta()


_books: dict[str, str] = {}


def register(name: str, sql: str) -> None:
    """Add a book: `sql` returns one number, the violations. Apps call this in `AppConfig.ready()`.

    Raises ValueError for a name that is too long to be kept, or that another book has.
    """
    if len(name) > LONGEST_NAME:
        raise ValueError(f"the name of a book has at most {LONGEST_NAME} characters: {name!r}")
    if _books.get(name, sql) != sql:
        raise ValueError(f"there is already a book {name!r}")
    _books[name] = sql


def names() -> list[str]:
    return sorted(_books)


def count_violations() -> list[Count]:
    """Run every book, in the order of their names."""
    return [count(name) for name in names()]


def count(name: str) -> Count:
    """Run one book."""
    started = time.monotonic()
    counted = _count(name, _books[name])
    return replace(counted, took=timedelta(seconds=time.monotonic() - started))


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
