"""Checking the books on a schedule, and keeping what was found where operators see it."""

import logging
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from operations.advisory_locks import Work, is_mine
from operations.books import Count, count, names
from operations.models import Book

logger = logging.getLogger(__name__)

# Books read whole tables, which grow. One rests for so many times as long as it took, so that it is read for no more
# than a hundredth of the time; `manage.py check_books` reads them all.
REST = 100
# A check has to be done within the workers' time limit, or nothing of it is kept: no book begins after so long, and
# none takes longer. Those that are left are the first of the next check.
ENOUGH = timedelta(seconds=20)
LONGEST = timedelta(seconds=30)


@transaction.atomic
def check_books(*, now: datetime) -> list[Count]:
    """Count the violations of the books that have rested, store and return them. None while another check runs."""
    if not is_mine(Work.BOOKKEEPING):
        return []
    Book.objects.exclude(name__in=names()).delete()
    _limit_statements()
    counts: list[Count] = []
    for name in _rested(now):
        if sum((each.took for each in counts), timedelta()) > ENOUGH:
            break
        counts.append(count(name))
        _store(counts[-1], now=now)
    return sorted(counts, key=lambda each: each.name)


def _limit_statements() -> None:
    with connection.cursor() as cursor:
        milliseconds = str(LONGEST // timedelta(milliseconds=1))
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [milliseconds])


def _rested(now: datetime) -> list[str]:
    """Return the books to check, the one that was checked longest ago first."""
    known = {book.name: book for book in Book.objects.all()}
    resting = {name for name, book in known.items() if now < book.checked_at + REST * book.took}
    never = datetime.min.replace(tzinfo=UTC)
    checked = {name: known[name].checked_at if name in known else never for name in names()}
    return sorted(checked.keys() - resting, key=lambda name: (checked[name], name))


def _store(counted: Count, *, now: datetime) -> None:
    if counted.violations != 0:
        logger.error("book %r does not balance: %s violations %s", counted.name, counted.violations, counted.error)
    Book.objects.update_or_create(
        name=counted.name,
        defaults={"violations": counted.violations, "error": counted.error, "took": counted.took, "checked_at": now},
    )
