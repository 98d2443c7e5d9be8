"""Messages that several workers write at once, and a member who is erased meanwhile."""

from threading import Barrier

import pytest
from django.db import connection, transaction

from members import erasing, inbox, inbox_kinds
from members.models import InboxMessage, Member
from tests.members.shop import NOW
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8
ROUNDS = 6


def tell(member_id):
    message = inbox.Message(member_id, inbox_kinds.TEXT, "hello", {"title": "Hello"})
    with transaction.atomic():
        return inbox.put([message], now=NOW)


def test_what_eight_workers_tell_at_once_is_one_message():
    member = Member.objects.create(uid="u1")
    assert sum(at_once(THREADS, lambda _index: tell(member.pk))) == 1
    assert InboxMessage.objects.count() == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_nothing_is_told_to_who_is_erased_at_that_moment(turn):
    member = Member.objects.create(uid="u1")

    def work(index):
        if index == THREADS // 2:
            erasing.erase(member.pk, by=None, reason="race", now=NOW)
            return 0
        return tell(member.pk)

    results = at_once(THREADS, work)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert InboxMessage.objects.count() == 0


def test_who_tells_does_not_wait_for_an_erasure_that_may_wait_for_what_they_hold():
    member = Member.objects.create(uid="u1")
    erasing_now, told = Barrier(2), Barrier(2)

    def work(index):
        with transaction.atomic():
            if index == 0:
                Member.objects.select_for_update().get(pk=member.pk)
                erasing_now.wait(timeout=10)
                told.wait(timeout=10)
                return 0
            erasing_now.wait(timeout=10)
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '1s'")
                return tell(member.pk)
            finally:
                told.wait(timeout=10)

    assert at_once(2, work) == [0, 0]
