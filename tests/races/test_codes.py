"""Coupon codes claimed by many at once."""

from collections import Counter

import pytest

from rewards.awards import OutOfGifts, grant_award
from rewards.models import Award, CouponCode
from tests.races.together import Crowd
from tests.rewards.build import NOW, books_are_right, coupon, members

pytestmark = pytest.mark.django_db(transaction=True)


def test_eighty_claims_on_fifty_codes_give_fifty_different_codes():
    voucher = coupon("voucher", codes=50)
    people = members(80)

    def claim(member):
        return grant_award(voucher, member.pk, key=f"gift:{member.pk}", source="test", now=NOW).coupon_code.code

    with Crowd(80) as crowd:
        claimed = crowd.each(claim, people)
    codes = [each for each in claimed if isinstance(each, str)]
    assert len(codes) == len(set(codes)) == 50
    assert Counter(type(each) for each in claimed) == {str: 50, OutOfGifts: 30}
    assert Award.objects.count() == 50
    assert not CouponCode.objects.filter(award=None).exists()
    assert books_are_right()


def test_thirty_grants_with_one_key_take_one_code():
    voucher = coupon("voucher", codes=30)
    (member,) = members(1)

    def claim(_number):
        return grant_award(voucher, member.pk, key="welcome", source="test", now=NOW).pk

    with Crowd(30) as crowd:
        awards = crowd.each(claim, range(30))
    assert len(set(awards)) == 1
    assert CouponCode.objects.filter(award=None).count() == 29
    assert books_are_right()


def test_thirty_grants_with_one_key_all_get_the_last_code():
    voucher = coupon("voucher", codes=1)
    (member,) = members(1)

    def claim(_number):
        return grant_award(voucher, member.pk, key="welcome", source="test", now=NOW).pk

    with Crowd(30) as crowd:
        awards = crowd.each(claim, range(30))
    assert awards == [Award.objects.get().pk] * 30
