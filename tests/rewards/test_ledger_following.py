"""What follows an entry: pending ones mature, lots expire first-in first-out, and a reversal takes exactly its own."""

from datetime import UTC, datetime, timedelta

import pytest

from rewards import ledger
from rewards.keys import KeyReused
from rewards.ledger import Holding
from rewards.models import Entry, Lot, LotUse, Unit
from tests.rewards.build import NOW, books_are_right, members

DAY = timedelta(days=1)
# In Shanghai it is the evening of 21 November; what is earned then expires two days later at midnight.
EXPIRES = datetime(2026, 11, 23, 16, tzinfo=UTC)


@pytest.fixture
def member(db):
    Unit.objects.create(slug="stars", name="stars", expiry="days", expires_after=2, time_zone="Asia/Shanghai")
    return members(2)[0]


@pytest.fixture(autouse=True)
def _books_hold(request, db):
    yield
    assert books_are_right()


def post(member, amount, key, *, unit="points", now=NOW, **more):
    return ledger.post_entry(member.pk, unit, amount=amount, key=key, reason="test", now=now, **more)


def reverse(entry, key, amount=None, now=NOW):
    return ledger.reverse_entry(entry.pk, amount=amount, key=key, reason="refund", now=now)


def held(member, unit="points"):
    return ledger.holdings(member.pk)[unit]


def effects(entry):
    return entry.to_balance, entry.to_pending, entry.to_debt, entry.to_earned


def test_what_is_pending_can_be_spent_once_it_has_matured(member):
    post(member, 30, "a", matures_at=NOW + DAY, reference="order:1")
    assert held(member) == Holding(pending=30)
    with pytest.raises(ledger.InsufficientBalance):
        post(member, -1, "b")
    assert ledger.mature_due(now=NOW + DAY - timedelta(seconds=1), limit=10) == 0
    assert [ledger.mature_due(now=NOW + DAY, limit=10) for _ in range(2)] == [1, 0]
    assert held(member) == Holding(30, 30)
    assert Entry.objects.get(kind="mature").reference == "order:1"


def test_maturing_goes_on_where_its_slice_ended(member):
    for number in range(5):
        post(member, 10, f"a{number}", matures_at=NOW)
    assert [ledger.mature_due(now=NOW, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert held(member) == Holding(50, 50)


def test_lots_are_spent_in_the_order_in_which_they_expire(member):
    late = post(member, 10, "late", unit="stars", now=NOW + DAY)
    early = post(member, 10, "early", unit="stars")
    post(member, -15, "spent", unit="stars", now=NOW + DAY)
    assert dict(Lot.objects.values_list("entry", "remaining")) == {early.pk: 0, late.pk: 5}
    assert held(member, "stars").expiring == (5, EXPIRES + DAY)


def test_what_is_due_expires_once_and_as_one_entry(member):
    post(member, 10, "a", unit="stars")
    post(member, 20, "b", unit="stars")
    post(member, 5, "c", unit="stars", now=NOW + DAY)
    assert ledger.expire_due(now=EXPIRES - timedelta(seconds=1), limit=10) == 0
    assert [ledger.expire_due(now=EXPIRES, limit=10) for _ in range(2)] == [1, 0]
    assert effects(Entry.objects.get(kind="expire")) == (-30, 0, 0, 0)
    assert held(member, "stars") == Holding(5, 35, expiring=(5, EXPIRES + DAY))


def test_expiring_goes_on_where_its_slice_ended(member):
    for each in members_of_lots(3):
        post(each, 10, f"a{each.pk}", unit="stars")
    assert [ledger.expire_due(now=EXPIRES, limit=2) for _ in range(3)] == [2, 1, 0]


def members_of_lots(count):
    from members.models import Member

    return Member.objects.bulk_create(Member(uid=f"lots{number}") for number in range(count))


def test_what_has_expired_cannot_be_spent_however_late_the_job_is(member):
    post(member, 10, "a", unit="stars")
    with pytest.raises(ledger.InsufficientBalance):
        post(member, -10, "b", unit="stars", now=EXPIRES)
    assert held(member, "stars") == Holding(0, 10)


def test_what_came_in_while_the_unit_did_not_expire_never_does_and_is_spent_last(member):
    post(member, 10, "a")
    Unit.objects.filter(slug="points").update(expiry="days", expires_after=2, time_zone="Asia/Shanghai")
    post(member, 10, "b")
    post(member, -15, "c")
    assert held(member) == Holding(5, 20)
    assert ledger.expire_due(now=EXPIRES, limit=10) == 0


def test_a_reversal_takes_its_own_lot_first_then_the_others_and_leaves_the_rest_as_debt(member):
    mine = post(member, 50, "mine", unit="stars")
    other = post(member, 20, "other", unit="stars", now=NOW + DAY)
    post(member, -40, "spent", unit="stars", now=NOW + DAY)
    reversal = reverse(mine, "refund", now=NOW + DAY)
    assert (reversal.amount, reversal.original_id) == (-50, mine.pk)
    assert effects(reversal) == (-30, 0, 20, -50)
    assert dict(LotUse.objects.filter(entry=reversal).values_list("lot", "amount")) == {mine.pk: 10, other.pk: 20}
    assert held(member, "stars") == Holding(0, 20, debt=20)


def test_what_comes_in_settles_the_debt_first(member):
    earned = post(member, 30, "a")
    post(member, -30, "b")
    reverse(earned, "refund")
    assert held(member) == Holding(0, 0, debt=30)
    assert effects(post(member, 20, "c")) == (0, 0, -20, 20)
    assert effects(post(member, 20, "d")) == (10, 0, -10, 20)
    assert held(member) == Holding(10, 40)


def test_reversals_of_one_entry_never_exceed_it(member):
    earned = post(member, 30, "a")
    assert [reverse(earned, f"r{n}", amount=20) and n for n in range(3)] == [0, 1, None]
    assert Entry.objects.filter(kind="reverse").values_list("amount", flat=True).order_by("id")[1] == -10
    assert held(member) == Holding(0, 0)


def test_a_reversal_repeated_is_the_first_one(member):
    earned, other = post(member, 30, "a"), post(member, 30, "b")
    assert reverse(earned, "r", amount=10) == reverse(earned, "r")
    with pytest.raises(KeyReused):
        reverse(other, "r")
    with pytest.raises(KeyReused):
        reverse(earned, "a")
    assert held(member) == Holding(50, 50)


def test_what_has_expired_of_an_entry_is_not_taken_again(member):
    earned = post(member, 30, "a", unit="stars")
    post(member, -10, "b", unit="stars")
    ledger.expire_due(now=EXPIRES, limit=10)
    post(member, 100, "c", unit="stars", now=EXPIRES)
    assert effects(reverse(earned, "r1", amount=15, now=EXPIRES)) == (0, 0, 0, -15)
    assert effects(reverse(earned, "r2", now=EXPIRES)) == (-10, 0, 0, -15)
    assert held(member, "stars").balance == 90


def test_a_pending_entry_is_reversed_before_it_matures_and_after(member):
    entry = post(member, 30, "a", matures_at=NOW + DAY)
    assert effects(reverse(entry, "r1", amount=10)) == (0, -10, 0, 0)
    ledger.mature_due(now=NOW + DAY, limit=10)
    matured = Entry.objects.get(kind="mature")
    assert matured.amount == 20
    assert effects(reverse(entry, "r2", amount=5, now=NOW + DAY)) == (-5, 0, 0, -5)
    assert effects(reverse(matured, "r3", now=NOW + DAY)) == (-15, 0, 0, -15)
    assert reverse(entry, "r4") is None
    assert held(member) == Holding(0, 0)


def test_a_spend_is_given_back_into_its_lots_last_used_first_after_the_debt(member):
    early = post(member, 10, "early", unit="stars")
    late = post(member, 10, "late", unit="stars", now=NOW + DAY)
    other = post(member, 8, "other", now=NOW)
    spent = post(member, -15, "spent", unit="stars", now=NOW + DAY)
    reverse(late, "refund", now=NOW + DAY)
    assert held(member, "stars") == Holding(0, 10, debt=5)
    assert effects(reverse(spent, "r1", amount=8, now=NOW + DAY)) == (3, 0, -5, 0)
    assert dict(Lot.objects.values_list("entry", "remaining")) == {early.pk: 3, late.pk: 0}
    assert effects(reverse(spent, "r2", now=NOW + DAY)) == (7, 0, 0, 0)
    assert Lot.objects.get(pk=early.pk).remaining == 10
    assert other.balance_after == 8


def test_what_is_given_back_to_a_lot_that_has_expired_expires_again(member):
    post(member, 10, "a", unit="stars")
    spent = post(member, -10, "b", unit="stars")
    assert effects(reverse(spent, "r", now=EXPIRES)) == (10, 0, 0, 0)
    assert held(member, "stars") == Holding(0, 10)


def test_an_adjustment_counts_as_earned_above_zero_only(member):
    up = ledger.adjust(member.pk, "points", amount=30, key="up", reason="missed", now=NOW)
    ledger.adjust(member.pk, "points", amount=-10, key="down", reason="twice", now=NOW)
    assert (up.kind, held(member)) == ("adjust", Holding(20, 30))
    with pytest.raises(ledger.InsufficientBalance):
        ledger.adjust(member.pk, "points", amount=-21, key="more", reason="too much", now=NOW)


def test_what_is_sent_keeps_its_expiry_and_settles_the_taker_s_debt_first(member):
    taker = members_of_lots(1)[0]
    post(member, 10, "early", unit="stars")
    post(member, 10, "late", unit="stars", now=NOW + DAY)
    gone = post(taker, 4, "gone", unit="stars")
    post(taker, -4, "spent", unit="stars")
    reverse(gone, "refund")
    now = NOW + DAY
    sent, received = ledger.transfer(member.pk, taker.pk, "stars", amount=15, key="t", reason="gift", now=now)
    assert (sent.amount, [each.amount for each in received]) == (-15, [10, 5])
    assert [effects(each) for each in received] == [(6, 0, -4, 0), (5, 0, 0, 0)]
    assert held(taker, "stars") == Holding(11, 0, expiring=(6, EXPIRES))
    assert held(member, "stars") == Holding(5, 20, expiring=(5, EXPIRES + DAY))
    again = ledger.transfer(member.pk, taker.pk, "stars", amount=15, key="t", reason="gift", now=now)
    assert again == (sent, received)


def test_a_transfer_that_cannot_be_covered_moves_nothing(member):
    taker = members_of_lots(1)[0]
    post(member, 10, "a")
    with pytest.raises(ledger.InsufficientBalance):
        ledger.transfer(member.pk, taker.pk, "points", amount=11, key="t", reason="gift", now=NOW)
    with pytest.raises(ledger.UnknownUnit):
        ledger.transfer(member.pk, taker.pk, "moons", amount=1, key="t", reason="gift", now=NOW)
    with pytest.raises(ValueError, match="cannot be moved"):
        ledger.transfer(member.pk, member.pk, "points", amount=1, key="t", reason="gift", now=NOW)
    assert held(member) == Holding(10, 10)


@pytest.mark.parametrize("turned", [False, True])
def test_a_transfer_s_key_that_stands_for_something_else_is_refused(member, turned):
    taker = members_of_lots(1)[0]
    post(taker, 10, "a")
    post(member, 10, "b")
    if turned:
        ledger.transfer(taker.pk, member.pk, "points", amount=1, key="t", reason="gift", now=NOW)
    with pytest.raises(KeyReused):
        ledger.transfer(member.pk, taker.pk, "points", amount=1, key="t" if turned else "a", reason="gift", now=NOW)


@pytest.mark.parametrize("kind", ["send", "receive", "expire", "reverse", "forfeit"])
def test_only_what_was_earned_spent_or_adjusted_can_be_reversed(member, kind):
    taker = members_of_lots(1)[0]
    reverse(post(member, 10, "a"), "r", amount=5)
    ledger.transfer(member.pk, taker.pk, "points", amount=5, key="t", reason="gift", now=NOW)
    post(member, 10, "b", unit="stars")
    ledger.expire_due(now=EXPIRES, limit=10)
    ledger.forfeit(taker.pk, key="f", reason="erased", now=NOW)
    entry = Entry.objects.get(kind=kind)
    from django.db import transaction

    with pytest.raises(ledger.NotReversible), transaction.atomic():
        reverse(entry, "x")


def test_all_is_forfeited_once_and_owes_nothing_afterwards(member):
    earned = post(member, 10, "a")
    post(member, -4, "b")
    pended = post(member, 7, "c", matures_at=NOW + DAY)
    post(member, 5, "d", unit="stars")
    entries = ledger.forfeit(member.pk, key="erased", reason="erased", now=NOW)
    assert [effects(each) for each in entries] == [(-6, -7, 0, 0), (-5, 0, 0, 0)]
    assert ledger.forfeit(member.pk, key="erased", reason="erased", now=NOW) == []
    assert effects(reverse(earned, "r1")) == (0, 0, 0, -10)
    assert effects(reverse(pended, "r2")) == (0, 0, 0, 0)
    assert ledger.mature_due(now=NOW + DAY, limit=10) == 0
    assert held(member) == Holding()
