"""The ledger: entries add up, never change, and never take a balance below zero."""

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from rewards import ledger
from rewards.keys import KeyReused
from rewards.ledger import Holding
from rewards.models import Account, Entry, Unit
from tests.rewards.build import NOW, books_are_right, members


def post(member, amount, key, unit="points"):
    return ledger.post_entry(member.pk, unit, amount=amount, key=key, reason="test", now=NOW)


@pytest.fixture
def member(db):
    return members(1)[0]


def test_points_and_growth_value_exist_from_the_start(db):
    assert set(Unit.objects.values_list("slug", flat=True)) == {"points", "growth"}


def test_an_entry_moves_the_balance_and_says_so(member):
    entry = post(member, 30, "a")
    assert (entry.amount, entry.balance_after, entry.posted_at) == (30, 30, NOW)
    assert ledger.holdings(member.pk) == {"points": Holding(30, 30), "growth": Holding()}


def test_a_balance_can_be_spent_to_zero_but_not_below(member):
    post(member, 30, "a")
    assert post(member, -30, "b").balance_after == 0
    with pytest.raises(ledger.InsufficientBalance):
        post(member, -1, "c")
    assert ledger.balances(member.pk)["points"] == 0


def test_a_refused_spend_leaves_the_caller_s_transaction_usable(member):
    with transaction.atomic():
        with pytest.raises(ledger.InsufficientBalance):
            post(member, -1, "a")
        post(member, 5, "b")
    assert ledger.balances(member.pk)["points"] == 5


def test_a_key_posts_once_and_the_first_entry_stands(member):
    assert post(member, 30, "a") == post(member, 99, "a")
    assert ledger.balances(member.pk)["points"] == 30


def test_a_spend_repeated_after_the_balance_is_gone_returns_the_first(member):
    post(member, 10, "earned")
    assert post(member, -10, "spent") == post(member, -10, "spent")


@pytest.mark.parametrize("unit", ["points", "growth"])
def test_a_key_of_another_account_is_refused(db, unit):
    one, other = members(2)
    post(one, 5, "a")
    with pytest.raises(KeyReused):
        post(other if unit == "points" else one, 5, "a", unit)


def test_an_entry_of_zero_is_refused(member):
    with pytest.raises(ValueError, match="moves nothing"):
        post(member, 0, "a")


def test_an_unknown_unit_is_refused(member):
    with pytest.raises(ledger.UnknownUnit):
        post(member, 5, "a", "stars")


def test_what_was_earned_stays_when_it_is_spent(member):
    post(member, 30, "a", "growth")
    post(member, -20, "b", "growth")
    assert ledger.holdings(member.pk)["growth"] == Holding(10, 30)


@pytest.mark.parametrize("statement", ["UPDATE rewards_entry SET amount = 1", "DELETE FROM rewards_entry"])
def test_the_database_refuses_to_change_an_entry(member, statement):
    post(member, 30, "a")
    with pytest.raises(IntegrityError, match="never change"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.get().amount == 30


def test_the_database_refuses_a_balance_below_zero(member):
    post(member, 30, "a")
    with pytest.raises(IntegrityError, match="account_balance_not_negative"), transaction.atomic():
        Account.objects.update(balance=-1)


class AnySequence(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.tuples(st.sampled_from(["points", "growth"]), st.integers(-60, 60).filter(bool), st.integers(0, 12)),
            max_size=25,
        )
    )
    def test_balance_is_the_sum_of_entries_and_earned_of_the_positive_ones(self, postings):
        (member,) = members(1)
        expected: dict[str, tuple[str, int]] = {}
        for unit, amount, number in postings:
            key, held = f"{unit}-{number}", sum(a for u, a in expected.values() if u == unit)
            try:
                entry = post(member, amount, key, unit)
            except ledger.InsufficientBalance:
                assert key not in expected
                assert held + amount < 0
                continue
            assert expected.setdefault(key, (unit, amount)) == (unit, entry.amount)
        for unit, held in ledger.holdings(member.pk).items():
            amounts = [amount for u, amount in expected.values() if u == unit]
            assert held.balance == sum(amounts)
            assert held.balance >= 0
            assert held.earned == sum(amount for amount in amounts if amount > 0)
        assert books_are_right()
