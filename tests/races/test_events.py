"""Many at once: the same events, and the month that none of them has yet."""

import random
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from members import event_partitions
from members.event_rows import EventRow
from members.ingest_events import ingest_events
from members.models import Event, Member
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8
EVENTS = 300
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FAR = datetime(2050, 2, 28, 12, 0, tzinfo=UTC)


def raised(results):
    return [result for result in results if isinstance(result, Exception)]


def rows(moment):
    return [EventRow(f"e{number}", f"u{number % 20}", "view", moment) for number in range(EVENTS)]


def test_overlapping_batches_write_each_event_once():
    def bring_in(index):
        result = ingest_events(random.Random(index).sample(rows(NOW), EVENTS - 50), now=NOW)
        assert not result.rejected
        return result.created

    results = at_once(THREADS, bring_in)
    assert raised(results) == []
    assert sum(results) == Event.objects.count()
    assert Member.objects.count() == 20


def test_two_who_miss_the_same_month_make_it_once():
    def bring_in(index):
        batch = [EventRow(f"{index}-{number}", f"u{index}", "view", FAR) for number in range(20)]
        return ingest_events(batch, now=FAR).created

    try:
        assert at_once(THREADS, bring_in) == [20] * THREADS
    finally:
        drop_partition()


def drop_partition():
    Event.objects.filter(occurred_at=FAR).delete()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {event_partitions.PARTITION.format(month=event_partitions.month_of(FAR))}")
