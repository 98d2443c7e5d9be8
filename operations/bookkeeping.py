"""Checking the books on a schedule, and keeping what was found where operators see it."""

import logging
from datetime import datetime

from django.db import transaction

from operations.advisory_locks import Work, is_mine
from operations.books import Count, count_violations, names
from operations.models import Book

logger = logging.getLogger(__name__)

# Books read whole tables, which grow. One rests for so many times as long as it took, so that it is read for no more
# than a hundredth of the time; `manage.py check_books` reads them all.
REST = 100


@transaction.atomic
def check_books(*, now: datetime) -> list[Count]:
    """Count the violations of every book that has rested, store and return them. None while another check runs."""
    if not is_mine(Work.BOOKKEEPING):
        return []
    Book.objects.exclude(name__in=names()).delete()
    counts = count_violations(set(names()) - _resting(now))
    for count in counts:
        _store(count, now=now)
    return counts


def _resting(now: datetime) -> set[str]:
    return {book.name for book in Book.objects.all() if now < book.checked_at + REST * book.took}


def _store(count: Count, *, now: datetime) -> None:
    if count.violations != 0:
        logger.error("book %r does not balance: %s violations %s", count.name, count.violations, count.error)
    Book.objects.update_or_create(
        name=count.name,
        defaults={"violations": count.violations, "error": count.error, "took": count.took, "checked_at": now},
    )
