"""The books: invariants that must hold whatever happens, each one SQL that counts its violations."""

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import DatabaseError, connection, transaction


@dataclass(frozen=True)
class Count:
    """What one book counted, and how long it `took`: `violations`, or None with the `error` that stopped it."""

    name: str
    violations: int | None
    error: str = ""
    took: timedelta = timedelta()


_books: dict[str, str] = {}


def register(name: str, sql: str) -> None:
    """Add a book: `sql` returns one number, the violations. Apps call this in `AppConfig.ready()`."""
    if _books.get(name, sql) != sql:
        raise ValueError(f"there is already a book {name!r}")
    _books[name] = sql


def names() -> list[str]:
    return sorted(_books)


def count_violations(of: Collection[str] | None = None) -> list[Count]:
    """Run every book, or those of these names, in the order of their names."""
    return [_timed(name, _books[name]) for name in names() if of is None or name in of]


def _timed(name: str, sql: str) -> Count:
    started = time.monotonic()
    count = _count(name, sql)
    return replace(count, took=timedelta(seconds=time.monotonic() - started))


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
