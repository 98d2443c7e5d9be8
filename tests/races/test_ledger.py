"""Entries posted and chances granted by many at once."""

from collections import Counter
from datetime import timedelta
from itertools import count

import pytest

from rewards import ledger
from rewards.chances import chances_left, grant_chances
from rewards.granting import grant
from rewards.models import Account, Entry, Unit
from tests.races.together import Crowd
from tests.rewards.build import NOW, SCOPE, books_are_right, members

LATER = NOW + timedelta(days=3)
pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_spends_of_a_balance_that_covers_seven_are_seven_in_each_of_thirty_rounds():
    people = members(30)
    with Crowd(20) as crowd:
        for member in people:
            ledger.post_entry(member.pk, "points", amount=75, key=f"earned:{member.pk}", reason="test", now=NOW)

            def spend(number, member=member):
                key = f"spend:{member.pk}:{number}"
                return ledger.post_entry(member.pk, "points", amount=-10, key=key, reason="test", now=NOW)

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


def test_thirty_posts_of_one_key_are_one_entry_in_each_of_twenty_rounds():
    (member,) = members(1)
    with Crowd(30) as crowd:
        for order in range(20):

            def earn(_number, key=f"order:{order}"):
                return ledger.post_entry(member.pk, "points", amount=10, key=key, reason="test", now=NOW).pk

            assert len(set(crowd.each(earn, range(30)))) == 1
    assert ledger.balances(member.pk)["points"] == 200
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

    numbers = count()

    def transfer(number):
        giver, taker = (one, other) if number % 2 else (other, one)
        ledger.transfer(giver.pk, taker.pk, "points", amount=1, key=f"transfer-{next(numbers)}", reason="test", now=NOW)

    with Crowd(20) as crowd:
        for _round in range(5):
            assert crowd.each(transfer, range(20)) == [None] * 20
    assert Entry.objects.count() == 2 + 2 * 100
    assert books_are_right()


@pytest.fixture
def _lots():
    Unit.objects.filter(slug="points").update(expiry="days", expires_after=1, time_zone="Asia/Shanghai")


def rounds(number, *, earned, pending=False):
    """Members who each earned so much of what expires in five lots, or have it pending in one entry."""
    for member in members(number):
        more = {"matures_at": NOW} if pending else {}
        entries = [
            ledger.post_entry(
                member.pk, "points", amount=amount, key=f"earned:{member.pk}:{n}", reason="test", now=NOW, **more
            )
            for n, amount in enumerate([earned] if pending else [earned // 5] * 5)
        ]
        yield member, entries


@pytest.mark.usefixtures("_lots")
def test_spends_and_expiries_share_the_lots_between_them_in_each_of_thirty_rounds():
    with Crowd(20) as crowd:
        for member, _entries in rounds(30, earned=75):

            def spend_or_expire(number, member=member):
                if number % 4 == 0:
                    return ledger.expire_due(now=LATER, limit=100)
                key = f"spend:{member.pk}:{number}"
                return ledger.post_entry(member.pk, "points", amount=-10, key=key, reason="test", now=NOW)

            outcomes = crowd.each(spend_or_expire, range(20))
            assert {type(each) for each in outcomes} <= {int, Entry, ledger.InsufficientBalance}
            assert ledger.balances(member.pk)["points"] == 0
    assert books_are_right()


@pytest.mark.usefixtures("_lots")
def test_refunds_take_back_all_that_was_earned_whoever_spends_meanwhile_in_each_of_twenty_rounds():
    with Crowd(20) as crowd:
        for member, entries in rounds(20, earned=50):

            def spend_or_refund(number, member=member, entries=entries):
                key = f"{member.pk}:{number}"
                if number % 2:
                    return ledger.post_entry(member.pk, "points", amount=-10, key=key, reason="test", now=NOW)
                entry = entries[number // 4]
                return ledger.reverse_entry(entry.pk, amount=8, key=key, reason="test", now=NOW)

            outcomes = crowd.each(spend_or_refund, range(20))
            assert {type(each) for each in outcomes} <= {Entry, ledger.InsufficientBalance}
            spent = 10 * sum(isinstance(each, Entry) and each.kind == "spend" for each in outcomes)
            held = ledger.holdings(member.pk)["points"]
            assert (held.earned, held.balance, held.debt) == (0, 0, spent)
    assert books_are_right()


@pytest.mark.usefixtures("_lots")
def test_a_pending_entry_matures_or_is_reversed_but_not_both_in_each_of_thirty_rounds():
    with Crowd(12) as crowd:
        for member, (entry,) in rounds(30, earned=50, pending=True):

            def mature_or_reverse(number, member=member, entry=entry):
                if number % 2:
                    return ledger.mature_due(now=NOW, limit=100)
                key = f"{member.pk}:{number}"
                return ledger.reverse_entry(entry.pk, amount=10, key=key, reason="test", now=NOW)

            outcomes = crowd.each(mature_or_reverse, range(12))
            assert sum(each for each in outcomes if isinstance(each, int)) <= 1
            assert [type(each) for each in outcomes].count(Entry) == 5
            assert ledger.holdings(member.pk)["points"] == ledger.Holding()
    assert books_are_right()


def test_thirty_grants_of_chances_with_their_own_keys_all_count():
    (member,) = members(1)

    def give(number):
        return grant_chances(member.pk, SCOPE, count=1, key=f"task:{number}", now=NOW)

    with Crowd(30) as crowd:
        assert crowd.each(give, range(30)) == [None] * 30
    assert chances_left(member.pk, SCOPE) == 30
    assert books_are_right()
