"""What was touched since a state is told in full, whoever wrote it, in whatever order transactions began and ended."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from members import touches
from members.models import Touch
from tests.members.shop import NOW
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
FAMILY = {"f"}


def touch(*member_ids: int) -> None:
    with transaction.atomic():
        touches.touch("f", member_ids)


def somebody_else_touches(*member_ids: int) -> None:
    assert at_once(1, lambda _number: touch(*member_ids)) == [None]


def has_a_number() -> None:
    """Have the transaction counted, as that of every job is: it holds the job's row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")


def test_what_a_transaction_touches_comes_after_a_state_that_it_took_itself():
    with transaction.atomic():
        has_a_number()
        # One that began later has ended: all the numbers before it look as if they had ended too.
        somebody_else_touches(1)
        state = touches.state()
        touches.touch("f", [2])
        assert touches.touched_since(state, FAMILY) == [2]
    assert touches.touched_since(state, FAMILY) == [2]
    somebody_else_touches(3)
    assert sorted(touches.touched_since(state, FAMILY)) == [2, 3]


def test_a_state_of_a_transaction_without_a_number_is_after_all_that_has_ended():
    touch(1)
    with transaction.atomic():
        state = touches.state()
    assert touches.touched_since(state, FAMILY) == []
    touch(2)
    assert touches.touched_since(state, FAMILY) == [2]


def test_who_was_at_work_when_the_state_was_taken_is_told_when_it_ends():
    with transaction.atomic():
        touches.touch("f", [1])
        assert at_once(1, lambda _number: touches.touched_since(touches.state(), FAMILY)) == [[]]
        (state,) = at_once(1, lambda _number: touches.state())
        somebody_else_touches(2)
    assert sorted(touches.touched_since(state, FAMILY)) == [1, 2]


@transaction.atomic
def touch_and_fail(member_id: int) -> None:
    touches.touch("f", [member_id])
    raise ZeroDivisionError


def test_a_savepoint_that_is_taken_back_touches_nobody():
    with transaction.atomic():
        state = touches.state()
        with pytest.raises(ZeroDivisionError):
            touch_and_fail(1)
        with transaction.atomic():
            touches.touch("f", [2])
    assert touches.touched_since(state, FAMILY) == [2]


def test_a_state_older_than_what_is_kept_is_not_known_any_more():
    old, young = NOW - touches.KEEP - timedelta(minutes=1), NOW - timedelta(hours=1)
    before = touches.state()
    touch(1)
    between = touches.state()
    Touch.objects.update(created_at=old)
    touch(2)
    Touch.objects.filter(member_ids=[2]).update(created_at=young)
    assert touches.forget(now=NOW) == 1
    assert touches.touched_since(before, FAMILY) is None
    # Not known either where a transaction of anybody's, in this cluster, is older than what is forgotten.
    assert touches.touched_since(between, FAMILY) in ([2], None)
    assert touches.forget(now=NOW) == 0
