"""Entries posted and chances granted by many at once."""

from collections import Counter

import pytest
from django.db import transaction

from rewards import ledger
from rewards.chances import chances_left, grant_chances
from rewards.granting import grant
from rewards.models import Account, Entry
from tests.races.together import Crowd
from tests.rewards.build import NOW, SCOPE, books_are_right, members

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_spends_of_a_balance_that_covers_seven_are_seven():
    (member,) = members(1)
    ledger.post_entry(member.pk, "points", amount=75, key="earned", reason="test", now=NOW)

    def spend(number):
        return ledger.post_entry(member.pk, "points", amount=-10, key=f"spend-{number}", reason="test", now=NOW)

    with Crowd(20) as crowd:
        spent = crowd.each(spend, range(20))
    assert Counter(type(each) for each in spent) == {Entry: 7, ledger.InsufficientBalance: 13}
    assert ledger.balances(member.pk)["points"] == 5
    assert books_are_right()


def test_twenty_first_entries_open_one_account():
    (member,) = members(1)

    def earn(number):
        return ledger.post_entry(member.pk, "growth", amount=1, key=f"earn-{number}", reason="test", now=NOW)

    with Crowd(20) as crowd:
        assert all(isinstance(each, Entry) for each in crowd.each(earn, range(20)))
    assert Account.objects.get().balance == 20
    assert books_are_right()


def test_thirty_posts_of_one_key_are_one_entry():
    (member,) = members(1)

    def earn(_number):
        return ledger.post_entry(member.pk, "points", amount=10, key="order:1", reason="test", now=NOW).pk

    with Crowd(30) as crowd:
        assert len(set(crowd.each(earn, range(30)))) == 1
    assert ledger.balances(member.pk)["points"] == 10
    assert books_are_right()


def test_thirty_grants_of_one_key_are_one_grant():
    (member,) = members(1)

    def give(_number):
        return grant(member.pk, points=5, growth=7, chances=2, key="task:1", scope=SCOPE, reason="test", now=NOW)

    with Crowd(30) as crowd:
        assert crowd.each(give, range(30)) == [None] * 30
    assert ledger.balances(member.pk) == {"points": 5, "growth": 7}
    assert chances_left(member.pk, SCOPE) == 2
    assert books_are_right()


def test_transfers_in_opposite_directions_wait_for_each_other_in_turn():
    one, other = members(2)
    for member in (one, other):
        ledger.post_entry(member.pk, "points", amount=100, key=f"start:{member.pk}", reason="test", now=NOW)

    def transfer(number):
        giver, taker = (one, other) if number % 2 else (other, one)
        with transaction.atomic():
            ledger.lock_accounts([giver.pk, taker.pk], [ledger.POINTS])
            for member, amount in ((giver, -1), (taker, 1)):
                key = f"transfer-{number}:{member.pk}"
                ledger.post_entry(member.pk, "points", amount=amount, key=key, reason="test", now=NOW)

    with Crowd(20) as crowd:
        assert crowd.each(transfer, range(20)) == [None] * 20
    assert Entry.objects.count() == 2 + 2 * 20
    assert books_are_right()


def test_thirty_grants_of_chances_with_their_own_keys_all_count():
    (member,) = members(1)

    def give(number):
        return grant_chances(member.pk, SCOPE, count=1, key=f"task:{number}", now=NOW)

    with Crowd(30) as crowd:
        assert crowd.each(give, range(30)) == [None] * 30
    assert chances_left(member.pk, SCOPE) == 30
    assert books_are_right()
