"""The limits of a pool while many draw at once, on PostgreSQL, each in a connection of its own."""

from collections import Counter

import pytest

from rewards import chances, draw_gates, ledger
from rewards.drawing import DrawRefused, draw
from rewards.models import Award, Chances, Draw, PrizePool, Quota, Streak
from rewards.pools import publish_pool
from tests.races.together import Crowd, at_once
from tests.rewards.build import NOW, SCOPE, books_are_right, gift, members, pool, with_chances

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 40
BUCKETS = ("", "task:wheel")
GOLD, THANKS = 0, 999_999


def version_of(prize=None, **rules):
    """Publish gold (nearly always) and thanks; `prize` are limits of gold, the rest rules of the pool."""
    pool((gift("gold"), 999_999, None), consolation=(gift("thanks"), 1)).prizes.filter(key="gold").update(**prize or {})
    PrizePool.objects.update(**rules)
    return publish_pool(PrizePool.objects.get(), by=None, now=NOW)


def of_two_buckets(each):
    """A member with so many chances of two kinds, whose draws do not wait for each other at the chances."""
    (member,) = members(1)
    for bucket in BUCKETS:
        chances.grant_chances(member.pk, SCOPE, count=each, key=f"start:{bucket}", bucket=bucket, now=NOW)
    return member


def tap(member, version, number, roll=GOLD, **more):
    values = {"scope": SCOPE, "version_id": version.pk, "request_key": f"tap-{number}", "roll": roll, "now": NOW}
    return draw(member.pk, **values | more)


def outcomes(results):
    return Counter(each.code if isinstance(each, DrawRefused) else getattr(each, "prize", each) for each in results)


@pytest.mark.parametrize("limit", ["per_day", "per_hour"])
def test_what_a_day_or_an_hour_releases_is_won_so_often_by_forty_at_once(limit):
    version, people = version_of({limit: 7}), with_chances(CLIENTS)
    results = at_once(CLIENTS, lambda number: tap(people[number], version, number))
    assert outcomes(results) == {"gold": 7, "thanks": CLIENTS - 7}
    assert Quota.objects.get().used == 7
    assert books_are_right()


@pytest.mark.parametrize(
    ("prize", "rules"), [({"per_member": 3}, {}), ({}, {"wins_per_member": 3})], ids=["of_a_prize", "of_all"]
)
def test_a_member_wins_no_more_than_one_may_with_chances_of_two_kinds_at_once(prize, rules):
    version, member = version_of(prize, **rules), of_two_buckets(10)
    results = at_once(20, lambda number: tap(member, version, number, bucket=BUCKETS[number % 2]))
    assert outcomes(results) == {"gold": 3, "thanks": 17}
    assert books_are_right()


def test_a_member_draws_no_more_than_one_may_a_day_and_keeps_the_other_chances():
    version, member = version_of(draws_per_day=7), of_two_buckets(10)
    results = at_once(20, lambda number: tap(member, version, number, bucket=BUCKETS[number % 2]))
    assert outcomes(results) == {"gold": 7, "draws_per_day": 13}
    assert sum(Chances.objects.values_list("used", flat=True)) == Draw.objects.count() == 7
    assert books_are_right()


def buyer(points):
    (member,) = members(1)
    ledger.post_entry(member.pk, "points", amount=points, key="start", reason="test", now=NOW)
    return member


def test_a_member_buys_no_more_draws_than_one_may_a_day_and_pays_for_these():
    version, member = version_of(price=10, bought_per_day=7), buyer(1_000)
    results = at_once(20, lambda number: tap(member, version, number, pay=True))
    assert outcomes(results) == {"gold": 7, "bought_per_day": 13}
    assert ledger.balances(member.pk)["points"] == 930
    assert books_are_right()


def test_twenty_draws_for_points_with_points_for_seven_are_seven():
    version, member = version_of(price=10), buyer(79)
    results = at_once(20, lambda number: tap(member, version, number, pay=True))
    assert outcomes(results) == {"gold": 7, "points_short": 13}
    assert ledger.balances(member.pk)["points"] == 9
    assert Draw.objects.count() == Chances.objects.get().used == 7
    assert books_are_right()


def test_thirty_repeats_of_a_draw_for_points_are_paid_once():
    version, member = version_of(price=10), buyer(79)
    results = at_once(30, lambda _number: tap(member, version, 1, pay=True))
    assert Counter(each.repeated for each in results) == {False: 1, True: 29}
    assert ledger.balances(member.pk)["points"] == 69
    assert books_are_right()


def test_the_guaranteed_win_comes_at_each_fifth_draw_of_two_buckets_at_once():
    version, member = version_of(guarantee_after=5, guarantee_prize="gold"), of_two_buckets(10)
    results = at_once(20, lambda number: tap(member, version, number, THANKS, bucket=BUCKETS[number % 2]))
    assert outcomes(results) == {"gold": 4, "thanks": 16}
    assert Counter(Draw.objects.values_list("misses", "prize")) == Counter(
        {(misses, "thanks"): 4 for misses in range(4)} | {(4, "gold"): 4}
    )
    assert Streak.objects.get().misses == 0
    assert books_are_right()


def test_a_draw_is_wholly_before_the_gate_is_shut_or_refused():
    version, people = version_of(), with_chances(CLIENTS, each=10)
    with Crowd(CLIENTS + 1) as crowd:
        for turn in range(10):

            def act(who, turn=turn):
                if who == CLIENTS // 2:
                    draw_gates.set_open(SCOPE, is_open=False)
                    return Draw.objects.count()
                return tap(people[who - (who > CLIENTS // 2)], version, turn)

            results = crowd.each(act, range(CLIENTS + 1))
            # What was counted once the gate was shut is all there ever was.
            assert results.pop(CLIENTS // 2) == Draw.objects.count()
            assert set(outcomes(results)) <= {"gold", "paused"}
            draw_gates.set_open(SCOPE, is_open=True)
    assert Draw.objects.count() == Award.objects.count()
    assert books_are_right()
