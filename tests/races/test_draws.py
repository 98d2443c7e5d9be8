"""Draws by many members at once, on PostgreSQL, each in a connection of its own."""

from collections import Counter

import pytest

from rewards.drawing import draw
from rewards.models import Award, Chances, CouponCode, Draw, PrizePool, PrizeStock
from rewards.pools import publish_pool
from tests.races.together import Crowd
from tests.rewards.build import NOW, SCOPE, books_are_right, coupon, gift, pool, published, with_chances

pytestmark = pytest.mark.django_db(transaction=True)


def test_forty_draws_on_a_stock_of_ten_give_ten_in_each_of_fifty_rounds():
    gold, thanks = gift("gold"), gift("thanks")
    people = with_chances(40, each=50)
    version = published((gold, 999_999, 10), consolation=(thanks, 1))
    with Crowd(40) as crowd:
        for number in range(50):
            PrizeStock.objects.update(stock=10 * (number + 1))

            def once(member, key=f"round-{number}"):
                return draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=key, roll=0, now=NOW)

            drawn = crowd.each(once, people)
            assert Counter(each.prize for each in drawn) == {"gold": 10, "thanks": 30}
            assert Award.objects.filter(gift=gold).count() == 10 * (number + 1)
    assert Draw.objects.filter(fallback="out_of_stock", prize="thanks", rolled="gold").count() == 50 * 30
    assert PrizeStock.objects.get().issued == 500
    assert books_are_right()


def test_thirty_repeats_of_one_request_are_one_draw():
    prize, thanks = gift("points-5", "points", amount=5), gift("thanks")
    (member,) = with_chances(1, each=3)
    version = published((prize, 500_000, 100), consolation=(thanks, 500_000))

    def once(roll):
        return draw(member.pk, scope=SCOPE, version_id=version.pk, request_key="tap", roll=roll, now=NOW)

    with Crowd(30) as crowd:
        drawn = crowd.each(once, [0, 999_999] * 15)
    assert len({(each.draw_id, each.prize, each.award_id) for each in drawn}) == 1
    assert sorted(each.repeated for each in drawn) == [False] + [True] * 29
    assert Chances.objects.get().used == 1
    assert Draw.objects.count() == Award.objects.count() == 1
    assert books_are_right()


def test_draws_of_one_member_whom_growth_value_may_lift_do_not_wait_for_each_other_in_a_ring():
    growth, points, thanks = gift("growth-5", "growth", amount=5), gift("points-5", "points", amount=5), gift("thanks")
    (member,) = with_chances(1, each=100)
    wheel = pool((growth, 400_000, None), (points, 300_000, None), consolation=(thanks, 300_000))
    PrizePool.objects.filter(pk=wheel.pk).update(draws_per_day=100)
    wheel.refresh_from_db()
    version = publish_pool(wheel, by=None, now=NOW)

    with Crowd(6) as crowd:
        for number in range(15):

            def once(roll, key=f"round-{number}"):
                return draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=key, roll=roll, now=NOW)

            drawn = crowd.each(once, [0, 500_000, 999_999] * 2)
            assert [type(each).__name__ for each in drawn] == ["Drawn"] * 6
            assert len({each.draw_id for each in drawn}) == 1
    assert Draw.objects.count() == Chances.objects.get().used == 15
    assert books_are_right()


def test_one_chance_taps_of_thirty_different_requests_are_one_draw():
    thanks = gift("thanks")
    (member,) = with_chances(1)
    version = published(consolation=(thanks, 1_000_000))

    def once(number):
        key = f"tap-{number}"
        return draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=key, roll=0, now=NOW)

    with Crowd(30) as crowd:
        drawn = crowd.each(once, range(30))
    assert Counter(type(each).__name__ for each in drawn) == {"Drawn": 1, "DrawRefused": 29}
    assert books_are_right()


def test_draws_past_the_last_code_fall_to_the_consolation_prize_and_name_the_reason():
    voucher, thanks = coupon("voucher", codes=12), gift("thanks")
    people = with_chances(40)
    version = published((voucher, 999_999, 12), consolation=(thanks, 1))
    CouponCode.objects.filter(pk__in=CouponCode.objects.values("pk")[:2]).delete()

    def once(member):
        return draw(member.pk, scope=SCOPE, version_id=version.pk, request_key="tap", roll=0, now=NOW)

    with Crowd(40) as crowd:
        drawn = crowd.each(once, people)
    assert Counter(each.prize for each in drawn) == {"voucher": 10, "thanks": 30}
    assert not CouponCode.objects.filter(award=None).exists()
    assert PrizeStock.objects.get().issued == 10
    assert set(Draw.objects.exclude(fallback="").values_list("fallback", flat=True)) <= {"no_code", "out_of_stock"}
    assert books_are_right()
