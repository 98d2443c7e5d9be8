"""An erasure while facts of the member come in."""

import pytest

from members import erasing, imports
from members.models import ErasedUid, Event, Member, Order
from tests.members.shop import NOW
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8
ROUNDS = 6


def bring_in(kind, row):
    importer = imports.importer_of(kind)
    return imports.take(importer, [(0, row)], context=importer.load_context(NOW), now=NOW).created


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_nothing_comes_in_for_a_member_who_is_erased_at_that_moment(turn):
    member = Member.objects.create(uid="u1")

    def work(index):
        if index == THREADS // 2:
            return erasing.erase(member.pk, by=None, reason="race", now=NOW).uid
        if index % 2:
            row = {"event_id": f"e{index}", "uid": "u1", "type": "view", "occurred_at": NOW.isoformat()}
            return bring_in("events", row)
        return bring_in("orders", {"order_id": f"o{index}", "uid": "u1", "paid_at": NOW.isoformat(), "amount": "1"})

    results = at_once(THREADS, work)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert list(Member.objects.values_list("pk", flat=True)) == [member.pk]
    assert Event.objects.count() == 0
    assert Order.objects.count() == sum(result for index, result in enumerate(results) if index in {0, 2, 6})
    assert ErasedUid.objects.count() == 1
