"""Chances, awards and grants: once per key, all or nothing."""

from datetime import timedelta

import pytest

from rewards import ledger
from rewards.awards import OutOfGifts, awards_before, grant_award
from rewards.chances import chances_left, grant_chances
from rewards.granting import grant
from rewards.keys import KeyReused
from rewards.models import Award, CouponCode, Entry, Gift, Quota
from rewards.reversing import reverse_award
from tests.rewards.build import NOW, SCOPE, books_are_right, coupon, gift, members

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return members(1)[0]


def give(member, gift, key="k"):
    return grant_award(gift, member.pk, key=key, source="test", now=NOW)


def test_chances_add_up_once_per_key(member):
    for key in ("a", "b", "a"):
        grant_chances(member.pk, SCOPE, count=2, key=key, now=NOW)
    assert chances_left(member.pk, SCOPE) == 4


def test_chances_are_counted_per_scope(member):
    grant_chances(member.pk, SCOPE, count=2, key="a", now=NOW)
    assert chances_left(member.pk, "campaign:other") == 0


def test_a_key_of_other_chances_is_refused(member):
    grant_chances(member.pk, SCOPE, count=2, key="a", now=NOW)
    with pytest.raises(KeyReused):
        grant_chances(member.pk, "campaign:other", count=2, key="a", now=NOW)


@pytest.mark.parametrize("count", [0, -1])
def test_no_chances_cannot_be_granted(member, count):
    with pytest.raises(ValueError, match="cannot be granted"):
        grant_chances(member.pk, SCOPE, count=count, key="a", now=NOW)


def test_an_award_is_granted_once_per_key(member):
    thanks = gift("thanks")
    assert give(member, thanks) == give(member, thanks)
    assert Award.objects.count() == 1


def test_an_award_is_valid_for_the_days_its_gift_says(member):
    assert give(member, gift("short", valid_days=7), "a").expires_at == NOW + timedelta(days=7)
    assert give(member, gift("ever"), "b").expires_at is None


def test_a_coupon_without_codes_is_refused_and_nothing_granted(member):
    voucher = coupon("voucher", codes=1)
    first = give(member, voucher, "a")
    with pytest.raises(OutOfGifts):
        give(member, voucher, "b")
    assert give(member, voucher, "a") == first == Award.objects.get()


def test_a_key_of_another_award_is_refused(member):
    give(member, gift("one"))
    with pytest.raises(KeyReused):
        give(member, gift("other"))


def awards_of(member, now=NOW):
    return awards_before(member.pk, before=None, limit=9, now=now)


def test_the_owner_sees_awards_newest_first(member, django_assert_num_queries):
    give(member, coupon("voucher", codes=1, valid_days=7), "a")
    give(member, gift("shared", "shared_coupon", shared_code="SAVE10"), "b")
    give(member, gift("plus", "points", amount=5), "c")
    give(member, gift("thanks"), "d")
    with django_assert_num_queries(1):
        awards = awards_of(member)
    assert [(each.gift, each.amount) for each in awards] == [("Plus", 5), ("Shared", None), ("Voucher", None)]


def test_awards_read_as_expired_when_their_time_is_over(member):
    give(member, gift("shared", "shared_coupon", valid_days=1))
    assert [awards_of(member, NOW + timedelta(days=d))[0].state for d in (0, 1)] == ["granted", "expired"]


def test_a_grant_gives_everything_once(member):
    voucher = coupon("voucher", codes=2)
    for _time in range(2):
        grant(
            member.pk, points=5, growth=7, chances=2, gift="voucher", key="task:1", scope=SCOPE, reason="test", now=NOW
        )
    assert ledger.balances(member.pk) == {"points": 5, "growth": 7}
    assert chances_left(member.pk, SCOPE) == 2
    assert Award.objects.get().gift == voucher
    assert books_are_right()


def test_a_grant_that_runs_out_of_codes_gives_nothing_at_all(member):
    coupon("voucher", codes=0)
    with pytest.raises(OutOfGifts):
        grant(member.pk, points=5, chances=2, gift="voucher", key="task:1", scope=SCOPE, reason="test", now=NOW)
    assert Entry.objects.count() == chances_left(member.pk, SCOPE) == 0


def test_a_gift_of_points_adds_to_the_points_granted(member):
    gift("plus", "points", amount=50)
    grant(member.pk, points=5, gift="plus", key="task:1", scope=SCOPE, reason="test", now=NOW)
    assert ledger.balances(member.pk)["points"] == 55


def test_an_empty_grant_gives_nothing(member, django_assert_num_queries):
    grant(member.pk, key="task:1", scope=SCOPE, reason="test", now=NOW)
    assert Entry.objects.count() == CouponCode.objects.count() == 0


def test_a_stock_and_a_limit_that_come_later_count_what_was_given_before():
    mug, (ann, bob) = gift("mug", "shared_coupon"), members(2)
    back, *_ = [give(ann, mug, key=str(number)) for number in range(3)]
    reverse_award(back.pk, by=None, reason="test", now=NOW)
    Gift.objects.update(stock=3, per_member=2)
    with pytest.raises(OutOfGifts, match="member_limit"):
        give(ann, Gift.objects.get(), key="more")
    kept = give(bob, Gift.objects.get(), key="bob")
    with pytest.raises(OutOfGifts, match="gift_out_of_stock"):
        give(bob, Gift.objects.get(), key="last")
    assert books_are_right()
    reverse_award(Award.objects.get(key="1").pk, by=None, reason="test", now=NOW)
    reverse_award(kept.pk, by=None, reason="test", now=NOW)
    assert sorted(Quota.objects.values_list("used", flat=True)) == [0, 1, 1]
    assert books_are_right()


def test_a_stock_that_is_taken_away_and_comes_back_counts_what_was_given_between():
    mug, (ann,) = gift("mug", "shared_coupon", stock=5), members(1)
    give(ann, mug, key="a")
    Gift.objects.update(stock=None)
    give(ann, Gift.objects.get(), key="b")
    Gift.objects.update(stock=1)
    assert (Quota.objects.get().used, Quota.objects.get().allowed) == (2, 5)
    with pytest.raises(OutOfGifts, match="gift_out_of_stock"):
        give(ann, Gift.objects.get(), key="c")
    assert books_are_right()
