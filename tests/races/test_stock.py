"""The stock of a prize is set while members draw it, on PostgreSQL, each in a connection of its own."""

import pytest
from django.db.models import Sum

from rewards.drawing import draw
from rewards.models import Award, PrizeStock
from rewards.prize_stocks import StockBelowIssued, set_stock
from tests.races.together import Crowd
from tests.rewards.build import NOW, SCOPE, books_are_right, gift, published, with_chances

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS, DRAWERS = 30, 10


def totals():
    found = PrizeStock.objects.aggregate(stock=Sum("stock"), issued=Sum("issued"))
    return found["stock"], found["issued"]


def test_a_stock_lowered_and_sliced_anew_while_draws_run_is_never_below_what_was_issued_nor_oversold():
    gold = gift("gold")
    people = with_chances(DRAWERS, each=ROUNDS)
    version = published((gold, 999_999, 10), consolation=(gift("thanks"), 1))
    refused = 0
    with Crowd(DRAWERS + 2) as crowd:
        for number in range(ROUNDS):
            stock, issued = totals()
            targets = [issued + number % 4, issued + 5]

            def act(who, number=number, targets=targets):
                if who < 2:
                    return set_stock(version.pool, "gold", stock=targets[who], slices=1 + (number + who) % 4)
                key = f"round-{number}"
                return draw(people[who - 2].pk, scope=SCOPE, version_id=version.pk, request_key=key, roll=0, now=NOW)

            done = crowd.each(act, range(DRAWERS + 2))
            failed = [each for each in done if isinstance(each, Exception)]
            assert [each for each in failed if not isinstance(each, StockBelowIssued)] == []
            refused += len(failed)
            taken = {target for target, each in zip(targets, done[:2], strict=True) if each is None} or {stock}
            after, given = totals()
            assert after in taken
            assert given == Award.objects.filter(gift=gold).count() <= after
    assert refused > 0, "no round was a race"
    assert books_are_right()
