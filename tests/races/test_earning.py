"""Orders settled and adjustments decided on by many at once."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.contrib.auth.models import Permission, User
from django.db import transaction

from members import locking
from members.models import Order
from rewards import adjusting, earning, ledger
from rewards.models import Adjustment, Earning, Entry, Unit
from tests.races.together import Crowd
from tests.rewards import earned
from tests.rewards.build import NOW, books_are_right, members

pytestmark = pytest.mark.django_db(transaction=True)


def person(name):
    user = User.objects.create(username=name, is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="approve_adjustment"))
    return user


def test_an_order_settled_by_twenty_earns_once_in_each_of_ten_rounds():
    (member,) = members(1)
    earned.rule()
    with Crowd(20) as crowd:
        for number in range(10):
            order = earned.put_order(member, f"A{number}", "10.00")
            assert crowd.each(lambda _number, order=order: earned.settle(order), range(20)) == [None] * 20
    assert Entry.objects.count() == Earning.objects.count() == 10
    assert ledger.balances(member.pk)["points"] == 100
    assert books_are_right()


def test_twenty_orders_of_one_day_stop_at_the_cap_in_each_of_ten_rounds():
    people = members(10)
    earned.rule(cap_per_day=75)
    with Crowd(20) as crowd:
        for member in people:
            orders = [earned.put_order(member, f"{member.uid}-{number}", "10.00") for number in range(20)]
            assert crowd.each(earned.settle, orders) == [None] * 20
            assert ledger.balances(member.pk)["points"] == 75
    assert books_are_right()


def test_refunds_and_settling_at_once_leave_what_the_last_refund_leaves():
    people = members(10)
    earned.rule()
    with Crowd(20) as crowd:
        for member in people:
            order = earned.put_order(member, f"A-{member.uid}", "200.00")

            def refund(number, order=order):
                with transaction.atomic():
                    locking.lock_by_id([order.member_id])
                    known = Order.objects.get(pk=order.pk)
                    Order.objects.filter(pk=order.pk).update(refunded_amount=known.refunded_amount + Decimal(number))
                earned.settle(order)

            assert crowd.each(refund, range(20)) == [None] * 20
            assert ledger.balances(member.pk)["points"] == 200 - sum(range(20))
    assert books_are_right()


def test_twenty_batches_over_the_same_orders_in_any_order_wait_in_turn():
    people = members(20)
    earned.rule()
    earned.rule("growth-for-orders", unit="growth")
    orders = [earned.put_order(member, f"A-{member.uid}", "10.00") for member in people]

    def settle(number):
        shifted = orders[number:] + orders[:number]
        earning.settle_slice([order.pk for order in shifted], now=NOW)

    with Crowd(20) as crowd:
        assert crowd.each(settle, range(20)) == [None] * 20
    assert Entry.objects.count() == 40
    assert books_are_right()


def test_settling_and_transfers_of_the_same_members_wait_in_turn():
    people = members(20)
    earned.rule()
    for member in people:
        ledger.post_entry(member.pk, "points", amount=1_000, key=f"start:{member.pk}", reason="test", now=NOW)

    with Crowd(10) as crowd:
        for wave in range(2):
            # The last member paid first.
            orders = [
                earned.put_order(
                    each, f"{wave}-{each.uid}", "10.00", paid_at=earned.PAID_AT - timedelta(minutes=number)
                )
                for number, each in enumerate(people)
            ]

            def settle_or_transfer(number, orders=orders, wave=wave):
                if number == 0:
                    return earned.settle(*orders)
                for giver, taker in pairwise(people[number:] + people[:number]):
                    key = f"{wave}-{number}:{giver.pk}"
                    ledger.transfer(giver.pk, taker.pk, "points", amount=1, key=key, reason="test", now=NOW)
                return None

            assert crowd.each(settle_or_transfer, range(10)) == [None] * 10
    assert set(earned.kept().values()) == {10}
    assert books_are_right()


def test_ten_small_adjustments_of_one_person_stop_at_the_limit_in_each_of_ten_rounds():
    people, points = members(10), Unit.objects.get(slug="points")
    lin = person("lin")
    with Crowd(10) as crowd:
        for member in people:

            def ask(_number, member=member):
                return adjusting.request(member, points, amount=200, reason="goodwill", by=lin, now=NOW).state

            assert Counter(crowd.each(ask, range(10))) == {"posted": 5, "waiting": 5}
            assert ledger.balances(member.pk)["points"] == points.adjustment_limit == 1_000
    assert books_are_right()


def decide_at_once(decisions):
    """Let ten decide on each of ten adjustments at once; return the outcomes of each."""
    people, points = members(10), Unit.objects.get(slug="points")
    lin, chiefs = person("lin"), [person(f"chief-{number}") for number in range(10)]
    with Crowd(10) as crowd:
        for member in people:
            waiting = adjusting.request(member, points, amount=5_000, reason="goodwill", by=lin, now=NOW)

            def decide(number, waiting=waiting):
                own = Adjustment.objects.get(pk=waiting.pk)
                return decisions[number % len(decisions)](own, by=chiefs[number], now=NOW).state

            outcomes = crowd.each(decide, range(10))
            yield member, Adjustment.objects.get(pk=waiting.pk), Counter(map(str, outcomes))


def test_of_ten_who_approve_one_does():
    refused = str(adjusting.NotAdjusted(adjusting.Refusal.NOT_WAITING))
    for member, adjustment, outcomes in decide_at_once([adjusting.approve]):
        assert outcomes == {"posted": 1, refused: 9}
        assert adjustment.entry.amount == ledger.balances(member.pk)["points"] == 5_000
    assert books_are_right()


def test_approved_and_refused_at_once_is_one_of_the_two():
    refused = str(adjusting.NotAdjusted(adjusting.Refusal.NOT_WAITING))
    for member, adjustment, outcomes in decide_at_once([adjusting.approve, adjusting.refuse]):
        assert outcomes == {adjustment.state: 1, refused: 9}
        given = 5_000 if adjustment.state == Adjustment.State.POSTED else 0
        assert ledger.balances(member.pk).get("points", 0) == given
    assert books_are_right()
