"""Importing coupon codes, and who may see them."""

import pytest

from operations.models import AuditRecord
from rewards.codes import NotACoupon, import_codes, masked
from rewards.models import CouponCode
from tests.rewards.build import NOW, coupon, gift

pytestmark = pytest.mark.django_db


def bring(voucher, *lines):
    return import_codes(voucher, lines, by=None, now=NOW)


def test_each_line_is_a_code_and_empty_lines_are_passed_over():
    voucher = coupon("voucher", codes=0)
    result = bring(voucher, "A1\n", "  A2  ", "", "   ")
    assert (result.added, result.known, result.refused) == (2, 0, [])
    assert set(voucher.codes.values_list("code", flat=True)) == {"A1", "A2"}


def test_importing_again_adds_nothing():
    voucher = coupon("voucher", codes=0)
    bring(voucher, "A1", "A2")
    result = bring(voucher, "A2", "A1", "A3", "A3")
    assert (result.added, result.known) == (1, 3)
    assert voucher.codes.count() == 3


def test_two_gifts_may_have_the_same_code():
    bring(coupon("one", codes=0), "A1")
    bring(coupon("other", codes=0), "A1")
    assert CouponCode.objects.count() == 2


@pytest.mark.parametrize("bad", ["x" * 51, "A 1", "A\x001", "A\t1", "A\u200b1"])
def test_a_bad_line_is_refused_by_number_and_the_good_ones_stay(bad):
    result = bring(coupon("voucher", codes=0), "A1", bad, "A2")
    assert result.added == 2
    assert [number for number, _reason in result.refused] == [2]


def test_only_coupons_with_codes_of_their_own_have_codes():
    with pytest.raises(NotACoupon):
        bring(gift("shared", "shared_coupon"), "A1")


def test_an_import_is_recorded_without_the_codes():
    bring(coupon("voucher", codes=0), "SECRET-1", "SECRET-2")
    record = AuditRecord.objects.get(action="gift.codes_imported")
    assert record.changes == {"codes": [None, 2]}


@pytest.mark.parametrize(("code", "shown"), [("SAVE-2026-X9", "SA••••X9"), ("12345678", "12••••78"), ("SHORT", "••••")])
def test_staff_see_too_little_of_a_code_to_use_it(code, shown):
    assert masked(code) == shown
