"""An erasure while facts of the member come in."""

import pytest

from members import erasing, imports
from members.models import ErasedUid, Event, Member, Order
from rewards import ledger
from rewards.drawing import draw
from tests.members.shop import NOW
from tests.races.together import at_once
from tests.rewards.build import SCOPE, books_are_right, gift, published, with_chances

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


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_draws_of_points_and_an_erasure_do_not_wait_for_each_other_in_a_circle(turn):
    version = published((gift("points-5", "points", amount=5), 999_999, None), consolation=(gift("thanks"), 1))
    (member,) = with_chances(1, each=THREADS)
    ledger.post_entry(member.pk, "points", amount=1, key="before", reason="test", now=NOW)

    def work(index):
        if index == THREADS // 2:
            return erasing.erase(member.pk, by=None, reason="race", now=NOW)
        return draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=f"tap-{index}", roll=0, now=NOW)

    refused = {str(result) for result in at_once(THREADS, work) if isinstance(result, Exception)}
    # Who was erased first draws nothing any more.
    assert refused <= {"member_erased"}
    assert books_are_right()
