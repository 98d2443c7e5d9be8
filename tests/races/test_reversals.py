"""Awards taken back while others are taken back, drawn and granted, on PostgreSQL, each in a connection of its own."""

from collections import Counter

import pytest

from rewards import ledger
from rewards.awards import grant_award
from rewards.drawing import draw
from rewards.models import Award, Budget, Quota
from rewards.reversing import NotReversible, reverse_award
from tests.races.together import Crowd, at_once
from tests.rewards.build import NOW, SCOPE, books_are_right, gift, members, published, with_chances

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("kind", ["shared_coupon", "points", "chances"])
def test_twenty_reversals_of_one_award_give_back_once(kind):
    amount = {"amount": 5} if kind != "shared_coupon" else {}
    thing = gift("thing", kind, cost=3, stock=100, per_member=100, **amount)
    Budget.objects.create(scope=SCOPE, cents=10_000)
    (member,) = members(1)
    grant_award(thing, member.pk, key="kept", source="test", scope=SCOPE, now=NOW)
    award = grant_award(thing, member.pk, key="back", source="test", scope=SCOPE, now=NOW)
    results = at_once(20, lambda _number: reverse_award(award.pk, by=None, reason="test", now=NOW))
    assert Counter(type(each) for each in results) == {Award: 1, NotReversible: 19}
    assert set(Quota.objects.values_list("used", flat=True)) == {1}
    assert ledger.balances(member.pk).get("points", 0) == (5 if kind == "points" else 0)
    assert books_are_right()


def test_draws_and_reversals_of_a_prize_whose_gift_has_a_stock_too_do_not_wait_for_each_other_in_a_circle():
    """Each gives back in the order in which a draw takes: the stock of the prize before that of the gift."""
    version = published((gift("gold", stock=10_000), 999_999, 10_000), consolation=(gift("thanks"), 1))
    people = with_chances(10, each=15)
    with Crowd(20) as crowd:
        for turn in range(15):
            won = list(Award.objects.exclude(state="reversed").values_list("pk", flat=True)[:10])

            def act(who, turn=turn, won=won):
                if who < 10:
                    values = {"scope": SCOPE, "version_id": version.pk, "request_key": str(turn), "roll": 0}
                    return draw(people[who].pk, now=NOW, **values)
                return reverse_award(won[who - 10], by=None, reason="test", now=NOW) if who - 10 < len(won) else None

            results = crowd.each(act, range(20))
            assert [each for each in results if isinstance(each, Exception)] == []
    assert books_are_right()
