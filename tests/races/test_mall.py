"""Orders of the mall by many at once, on PostgreSQL, each in a connection of its own."""

from collections import Counter

import pytest

from rewards import mall_orders
from rewards.mall_orders import CancelRefusal, NotCancelled, OrderRefused, Placed
from rewards.models import Award, CouponCode, Entry, MallItem, MallOrder, Quota
from tests.races.together import Crowd
from tests.rewards import build
from tests.rewards.build import books_are_right
from tests.rewards.mall_shop import NOW, item, place, points_of, rich

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes(results) -> Counter:
    return Counter(each.code if isinstance(each, OrderRefused) else type(each).__name__ for each in results)


def test_forty_members_on_a_stock_of_ten_have_ten_in_each_of_ten_rounds():
    people = rich(40)
    item(price=10)
    with Crowd(40) as crowd:
        for number in range(10):
            MallItem.objects.update(stock=10 * (number + 1))
            results = crowd.each(lambda member, key=f"round-{number}": place(member, key=key), people)
            assert outcomes(results) == {"Placed": 10, "sold_out": 30}
    assert Quota.objects.get(member=None).used == MallOrder.objects.count() == Award.objects.count() == 100
    assert sum(points_of(member) for member in people) == 40 * 1_000 - 100 * 10
    assert books_are_right()


def test_twenty_orders_of_a_member_with_points_for_seven_are_seven():
    (member,) = rich(1, points=799)
    item(price=100)
    with Crowd(20) as crowd:
        for number in range(5):
            results = crowd.each(lambda each, number=number: place(member, key=f"{number}-{each}"), range(20))
            expected = {"Placed": 7, "points_short": 13} if number == 0 else {"points_short": 20}
            assert outcomes(results) == expected
    assert (points_of(member), MallOrder.objects.count()) == (99, 7)
    assert books_are_right()


def test_thirty_repeats_of_one_request_are_one_order():
    (member,) = rich(1)
    item(stock=5)
    with Crowd(30) as crowd:
        for number in range(5):
            results = crowd.each(lambda _each, key=f"tap-{number}": place(member, key=key), range(30))
            assert len({each.order_id for each in results}) == 1
            assert sorted(each.repeated for each in results) == [False] + [True] * 29
    assert (points_of(member), MallOrder.objects.count(), Entry.objects.count()) == (500, 5, 6)
    assert books_are_right()


def test_twenty_orders_of_a_member_who_may_have_three_are_three():
    (member,) = rich(1, points=10_000)
    item(per_member=3)
    with Crowd(20) as crowd:
        results = crowd.each(lambda each: place(member, key=str(each)), range(20))
    assert outcomes(results) == {"Placed": 3, "member_limit": 17}
    assert books_are_right()


def test_the_last_codes_go_to_as_many_orders():
    people = rich(30)
    item(gift=build.coupon("voucher", codes=8))
    with Crowd(30) as crowd:
        results = crowd.each(place, people)
    assert outcomes(results) == {"Placed": 8, "no_code": 22}
    assert not CouponCode.objects.filter(award=None).exists()
    assert books_are_right()


def test_orders_and_cancellations_of_what_is_sold_out_neither_lose_a_place_nor_make_one():
    """Twelve hold all twelve; six of them are cancelled by two operators each, while sixteen others want one."""
    people = rich(28)
    holders, others = people[:12], people[12:]
    item(stock=12, price=100)
    with Crowd(28) as crowd:
        for number in range(8):
            # From round to round more are allowed, so that each begins sold out.
            MallItem.objects.update(stock=MallOrder.objects.filter(state="placed").count() + 12)
            mine = [place(member, key=f"hold-{number}").order_id for member in holders]
            calls = [("cancel", order) for order in mine[:6]] * 2 + [("order", member) for member in others]

            def call(what, number=number):
                name, one = what
                if name == "order":
                    return place(one, key=f"want-{number}")
                return mall_orders.cancel(one, by=None, reason="r", now=NOW)

            results = crowd.each(call, calls)
            cancelled = [each for each in results[:12] if isinstance(each, MallOrder)]
            assert len(cancelled) == 6
            assert all(isinstance(each, MallOrder | NotCancelled) for each in results[:12])
            assert set(outcomes(results[12:])) <= {"Placed", "sold_out"}
            assert sum(isinstance(each, Placed) for each in results[12:]) <= 6
            assert books_are_right()
    back = Entry.objects.filter(kind="reverse").count()
    assert back == MallOrder.objects.filter(state="cancelled").count() == 48
    stand = MallOrder.objects.filter(state="placed").count()
    assert sum(points_of(member) for member in people) == 28 * 1_000 - stand * 100


def test_one_order_cancelled_by_ten_gives_its_points_back_once():
    (member,) = rich(1)
    item()
    with Crowd(10) as crowd:
        for number in range(10):
            order_id = place(member, key=str(number)).order_id
            results = crowd.each(
                lambda _each, one=order_id: mall_orders.cancel(one, by=None, reason="r", now=NOW), range(10)
            )
            assert Counter(getattr(each, "reason", None) for each in results) == {None: 1, CancelRefusal.CANCELLED: 9}
            assert points_of(member) == 1_000
    assert books_are_right()


def test_what_is_taken_off_sale_while_orders_run_is_ordered_before_or_not_at_all():
    people = rich(30)
    item(stock=1_000)
    with Crowd(31) as crowd:
        for number in range(10):
            MallItem.objects.update(state="on_sale")

            def call(who, number=number):
                if who is None:
                    MallItem.objects.update(state="off")
                    return MallOrder.objects.count()
                return place(who, key=str(number))

            results = crowd.each(call, [*people[:15], None, *people[15:]])
            assert set(outcomes(results)) <= {"Placed", "off_sale", "int"}
            # What was counted once it was off is all there ever was.
            assert results[15] == MallOrder.objects.count()
    assert books_are_right()
