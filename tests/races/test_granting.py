"""Gifts granted while the same member draws or is erased, or the gift gets a stock: on PostgreSQL, at once."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import OperationalError, transaction

from campaigns import playing
from members import erasing
from rewards.awards import grant_award
from rewards.drawing import DrawRefused, draw
from rewards.ledger import balances
from rewards.models import Award, Budget, CouponCode, Draw, Gift, Quota
from rewards.pools import publish_pool
from tests.campaigns.scenes import NOW as OPEN
from tests.campaigns.scenes import make_member, publish, task
from tests.races.together import Crowd, at_once
from tests.rewards.build import NOW, SCOPE, books_are_right, coupon, gift, members, pool, with_chances

pytestmark = pytest.mark.django_db(transaction=True)


def errors(results):
    return [each for each in results if isinstance(each, Exception)]


def test_draws_and_gifts_of_chances_of_one_member_do_not_wait_for_each_other_in_a_circle():
    """Both lock the member's chances before the budget."""
    again, gold = gift("again", "chances", amount=1, cost=1), gift("gold", cost=1)
    draft = pool((gold, 999_998, None), (again, 1, None), consolation=(gift("thanks"), 1))
    version = publish_pool(draft, by=None, now=NOW)
    Budget.objects.create(scope=SCOPE, cents=10_000_000)
    (member,) = with_chances(1, each=100)
    with Crowd(20) as crowd:
        for turn in range(8):

            def act(who, turn=turn):
                key = f"{turn}-{who}"
                if who % 2:
                    return grant_award(again, member.pk, key=key, source="test", scope=SCOPE, now=NOW)
                roll = 999_998 if who % 4 else 0
                return draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=key, roll=roll, now=NOW)

            assert errors(crowd.each(act, range(20))) == []
    assert books_are_right()


@pytest.mark.parametrize("turn", range(4))
def test_a_gift_that_gets_a_stock_while_it_is_given_counts_every_one(turn):
    mug = gift("mug", "shared_coupon")
    people = members(20)

    def act(who):
        if who == 10:
            return Gift.objects.filter(pk=mug.pk).update(stock=12, per_member=1)
        return grant_award(mug, people[who].pk, key=str(who), source="test", now=NOW)

    assert {str(each) for each in errors(at_once(20, act))} <= {"gift_out_of_stock"}
    given = Award.objects.count()
    assert Quota.objects.get(member=None).used == given
    assert sum(Quota.objects.exclude(member=None).values_list("used", flat=True)) == given
    assert books_are_right()


def test_the_last_code_goes_to_one_who_waits_when_whoever_held_it_fails():
    voucher, people = coupon("voucher", codes=1), members(8)
    held, over = Event(), Event()

    def act(who):
        if who == 0:
            with transaction.atomic():
                grant_award(voucher, people[0].pk, key="0", source="test", now=NOW)
                held.set()
                over.wait(1)
                transaction.set_rollback(True)
            return None
        held.wait(10)
        return grant_award(voucher, people[who].pk, key=str(who), source="test", now=NOW)

    results = at_once(8, act)
    assert sorted(type(each).__name__ for each in results) == ["Award", "NoneType", *["OutOfGifts"] * 6]
    assert CouponCode.objects.get().award_id == Award.objects.get().pk
    assert books_are_right()


@pytest.mark.parametrize("turn", range(4))
def test_a_task_done_while_its_member_is_erased_is_done_before_or_not_at_all(turn):
    publish(tasks=[task("one", period="daily", reward={"points": 1})])
    ann = make_member()
    playing.submit(ann, "autumn", "one", {}, now=OPEN)

    def act(who):
        if who == 3:
            return erasing.erase(ann.pk, by=None, reason="race", now=OPEN)
        return playing.submit(ann, "autumn", "one", {}, now=OPEN + timedelta(days=who + 1))

    results = at_once(6, act)
    assert [each for each in results if isinstance(each, OperationalError)] == []
    ann.refresh_from_db()
    assert balances(ann.pk).get("points", 0) == 0
    assert books_are_right()


@pytest.mark.parametrize("turn", range(4))
def test_nobody_who_was_erased_draws(turn):
    version = publish_pool(
        pool((gift("points-5", "points", amount=5), 999_999, None), consolation=(gift("thanks"), 1)), by=None, now=NOW
    )
    (member,) = with_chances(1, each=8)

    def act(who):
        if who == 4:
            erasing.erase(member.pk, by=None, reason="race", now=NOW)
            return Draw.objects.count()
        return draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=str(who), roll=0, now=NOW)

    results = at_once(8, act)
    assert {each.code for each in results if isinstance(each, DrawRefused)} <= {"member_erased"}
    assert results[4] == Draw.objects.count()
    assert balances(member.pk).get("points", 0) == 0
    assert books_are_right()
