"""What the other tests rest on: a database that is fresh again, and groups that stay together."""

import threading
import time

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, connections, transaction
from django.utils import timezone

from config.role_table import ROLES
from members.models import Member
from rewards.models import Gift
from tests import emptying
from tests.workers import wait_until

needs_rows_committed = pytest.mark.django_db(transaction=True)
GROUP = "a group"


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE NOT granted AND datname = current_database())"
        )
        return bool(cursor.fetchone()[0])


@needs_rows_committed
def test_what_a_test_committed_is_gone_and_what_migrations_made_is_there():
    Member.objects.create(uid="ann")
    Group.objects.all().delete()
    emptying.empty()
    assert not Member.objects.exists()
    assert Group.objects.count() == len(ROLES)


@needs_rows_committed
def test_a_late_writer_who_takes_tables_the_other_way_round_stops_nothing():
    """A deadlock, in which PostgreSQL ends whoever has waited longest: the one who empties."""
    begun = threading.Event()

    def empty() -> None:
        begun.wait(10)
        try:
            emptying.empty()
        finally:
            connections.close_all()

    thread = threading.Thread(target=empty)
    thread.start()
    with transaction.atomic():
        Gift.objects.create(slug="late", name="Late", kind=Gift.Kind.THANKS)
        begun.set()
        wait_until(somebody_waits, seconds=5)
        time.sleep(0.2)
        User.objects.create(username="late", date_joined=timezone.now())
    thread.join(30)
    assert not thread.is_alive()
    assert not Gift.objects.exists()
    assert not User.objects.exists()


@pytest.mark.xdist_group(GROUP)
def test_a_group_of_tests_stays_in_one_process(request):
    """pytest-xdist writes the group behind the name of each test; where it does not, nothing keeps them together."""
    if request.config.getoption("loadgroup", default=False):
        assert request.node.nodeid.endswith(f"@{GROUP}")
