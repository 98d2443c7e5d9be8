"""Chances, awards and grants: once per key, all or nothing."""

from datetime import timedelta

import pytest

from operations.models import AuditRecord
from rewards import ledger
from rewards.awards import NotRedeemable, OutOfGifts, awards_of, grant_award, redeem
from rewards.chances import chances_left, grant_chances
from rewards.granting import grant
from rewards.keys import KeyReused
from rewards.models import Award, CouponCode, Entry
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


def test_awards_are_redeemed_once(member):
    award = give(member, gift("mug", "shared_coupon"))
    assert redeem(award.pk, by=None, now=NOW).state == Award.State.REDEEMED
    with pytest.raises(NotRedeemable) as refused:
        redeem(award.pk, by=None, now=NOW)
    assert refused.value.code == "redeemed"
    assert AuditRecord.objects.filter(action="award.redeemed").count() == 1


@pytest.mark.parametrize(("seconds", "redeemable"), [(-1, True), (0, False)])
def test_an_award_can_be_redeemed_until_it_expires(member, seconds, redeemable):
    award = give(member, gift("mug", "shared_coupon", valid_days=1))
    moment = award.expires_at + timedelta(seconds=seconds)
    if redeemable:
        assert redeem(award.pk, by=None, now=moment).state == Award.State.REDEEMED
    else:
        with pytest.raises(NotRedeemable) as refused:
            redeem(award.pk, by=None, now=moment)
        assert refused.value.code == "expired"


@pytest.mark.parametrize(("kind", "fields"), [("thanks", {}), ("points", {"amount": 5})])
def test_points_and_thanks_are_nothing_to_redeem(member, kind, fields):
    award = give(member, gift("given", kind, **fields))
    with pytest.raises(NotRedeemable) as refused:
        redeem(award.pk, by=None, now=NOW)
    assert refused.value.code == "nothing_to_use"


def test_the_owner_sees_awards_newest_first_with_their_codes(member, django_assert_num_queries):
    give(member, coupon("voucher", codes=1, valid_days=7), "a")
    give(member, gift("shared", "shared_coupon", shared_code="SAVE10"), "b")
    give(member, gift("plus", "points", amount=5), "c")
    give(member, gift("thanks"), "d")
    with django_assert_num_queries(1):
        awards = awards_of(member.pk)
    assert [(each.gift, each.code, each.amount) for each in awards] == [
        ("Plus", "", 5),
        ("Shared", "SAVE10", None),
        ("Voucher", "voucher-0", None),
    ]


def test_awards_read_as_expired_when_their_time_is_over(member):
    give(member, gift("shared", "shared_coupon", valid_days=1))
    assert [awards_of(member.pk, now=NOW + timedelta(days=d))[0].state for d in (0, 1)] == ["granted", "expired"]


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
