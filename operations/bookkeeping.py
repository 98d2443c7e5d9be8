"""Checking the books on a schedule, and keeping what was found where operators see it."""

import logging
from datetime import datetime

from django.db import transaction

from operations.advisory_locks import Work, is_mine
from operations.books import Count, count_violations
from operations.models import Book

logger = logging.getLogger(__name__)


@transaction.atomic
def check_books(*, now: datetime) -> list[Count]:
    """Count the violations of every book and store the counts. Returns nothing while another check runs."""
    if not is_mine(Work.BOOKKEEPING):
        return []
    counts = count_violations()
    for count in counts:
        _store(count, now=now)
    Book.objects.exclude(name__in=[count.name for count in counts]).delete()
    return counts


def _store(count: Count, *, now: datetime) -> None:
    if count.violations != 0:
        logger.error("book %r does not balance: %s violations %s", count.name, count.violations, count.error)
    Book.objects.update_or_create(
        name=count.name, defaults={"violations": count.violations, "error": count.error, "checked_at": now}
    )
