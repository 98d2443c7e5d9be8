"""Coupon codes: sealed at rest, taken in once, found as typed, shown to their owners, and on record to others."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.utils import translation

from operations.models import AuditRecord
from rewards import codes, sealed_codes
from rewards.awards import grant_award, kept_awards
from rewards.code_text import WORDS, Refusal, new_codes
from rewards.codes import NotACoupon, award_of_code, find_code, import_codes, masked
from rewards.models import Award, CouponCode
from rewards.reversing import reverse_award
from tests.rewards.build import NOW, books_are_right, coupon, gift, members

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
(GENERATED,) = new_codes(1, chance=lambda _length: bytes(range(16)))


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def ann():
    (member,) = members(1)
    return member


def bring(voucher, *lines):
    return import_codes(voucher, lines, by=None, now=NOW)


def texts(voucher):
    return {code.code for code in voucher.codes.all()}


def give(member, voucher, key="k"):
    return grant_award(voucher, member.pk, key=key, source="test", now=NOW)


def everything_stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT code::text FROM rewards_couponcode code")
        return " ".join(row for (row,) in cursor.fetchall())


def test_each_line_is_a_code_and_empty_lines_are_passed_over():
    voucher = coupon("voucher", codes=0)
    result = bring(voucher, "A1\n", "  A2  ", "", "   ")
    assert (result.added, result.known, result.refused) == (2, 0, [])
    assert texts(voucher) == {"A1", "A2"}


def test_a_code_is_nowhere_in_the_clear():
    bring(coupon("voucher", codes=0), "SECRET-2026")
    stored = everything_stored()
    assert "SECRET" not in stored
    assert b"SECRET".hex() not in stored


def test_importing_again_adds_nothing():
    voucher = coupon("voucher", codes=0)
    bring(voucher, "A1", "A2")
    result = bring(voucher, "A2", "A1", "A3", "A3")
    assert (result.added, result.known) == (1, 3)
    assert voucher.codes.count() == 3


def test_codes_that_differ_in_capitals_are_two_codes():
    voucher = coupon("voucher", codes=0)
    assert bring(voucher, "aB3x", "AB3X").added == 2
    assert [find_code(voucher, typed)[0].code for typed in ("aB3x", "AB3X")] == ["aB3x", "AB3X"]


def test_two_gifts_may_have_the_same_code():
    bring(coupon("one", codes=0), "A1")
    bring(coupon("other", codes=0), "A1")
    assert CouponCode.objects.count() == 2


def test_a_bad_line_is_refused_by_number_and_the_good_ones_stay():
    result = bring(coupon("voucher", codes=0), "A1", "x" * 51, "A2", "A 3")
    assert result.added == 2
    assert result.refused == [(2, Refusal.TOO_LONG), (4, Refusal.NO_CODE)]


@pytest.mark.parametrize("why", Refusal)
def test_every_refusal_is_said_in_words(why):
    assert str(WORDS[why])


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


@pytest.mark.parametrize("typed", ["save-10", " SAVE-10 ", "ＳＡＶＥ－１０", "SAVE-10"])
def test_a_code_is_found_however_it_is_typed(typed):
    voucher = coupon("voucher", codes=0)
    bring(voucher, "SAVE-10", "OTHER")
    assert [code.code for code in find_code(voucher, typed)] == ["SAVE-10"]
    assert find_code(coupon("empty", codes=0), typed) == []


def test_a_generated_code_is_found_without_its_hyphens_and_not_with_one_wrong_character():
    voucher = coupon("voucher", codes=0)
    bring(voucher, GENERATED)
    assert find_code(None, GENERATED.replace("-", " ").lower())[0].code == GENERATED
    wrong = ("3" if GENERATED[0] != "3" else "4") + GENERATED[1:]
    assert find_code(None, wrong) == []


def test_a_typed_code_leads_to_its_award(ann):
    award = give(ann, coupon("voucher", codes=2))
    assert award_of_code("VOUCHER-0") is None
    assert award_of_code("voucher-0") == award.pk
    assert award_of_code("voucher-1") is None
    assert award_of_code("") is None
    assert award_of_code("x" * 5_000) is None


def test_of_two_awards_with_one_code_the_one_that_can_be_used_is_meant(ann):
    awards = []
    for slug in ("one", "other"):
        voucher = coupon(slug, codes=0)
        bring(voucher, "SAME")
        awards.append(give(ann, voucher, slug))
    assert award_of_code("SAME") is None
    Award.objects.filter(pk=awards[0].pk).update(state="redeemed")
    assert award_of_code("SAME") == awards[1].pk


def test_the_owner_is_shown_the_code_and_when_is_kept_from_the_first_time(ann, django_assert_num_queries):
    award = give(ann, coupon("voucher", codes=1))
    held = kept_awards(ann.pk).select_related("coupon_code")
    assert codes.show_to_owner(held.all(), now=NOW) == {award.pk: "voucher-0"}
    with django_assert_num_queries(1):
        assert codes.show_to_owner(held.all(), now=LATER) == {award.pk: "voucher-0"}
    assert award.coupon_code.shown_at == NOW


def test_a_code_that_was_seen_never_goes_to_anybody_else(ann):
    seen, unseen = give(ann, coupon("seen", codes=1), "a"), give(ann, coupon("unseen", codes=1), "b")
    codes.show_to_owner([Award.objects.select_related("coupon_code").get(pk=seen.pk)], now=NOW)
    for award in (seen, unseen):
        reverse_award(award.pk, by=None, reason="test", now=LATER)
    free = CouponCode.objects.filter(award=None)
    assert [code.gift.slug for code in free] == ["unseen"]
    assert books_are_right()


def test_a_code_that_was_taken_back_meanwhile_is_not_shown(ann):
    award = Award.objects.select_related("coupon_code").get(pk=give(ann, coupon("voucher", codes=1)).pk)
    reverse_award(award.pk, by=None, reason="test", now=NOW)
    assert codes.show_to_owner([award], now=NOW) == {}
    assert CouponCode.objects.get().shown_at is None


def test_a_free_code_cannot_count_as_seen():
    voucher = coupon("voucher", codes=1)
    with pytest.raises(IntegrityError, match="coupon_code_shown_to_its_owner"):
        voucher.codes.update(shown_at=NOW)


def test_revealing_is_on_record_with_the_award_and_without_the_code(ann, admin_user):
    award = give(ann, coupon("voucher", codes=1))
    assert codes.reveal(award.coupon_code, by=admin_user, now=NOW) == "voucher-0"
    record = AuditRecord.objects.get(action="coupon_code.revealed")
    assert (record.actor, record.changes) == (admin_user, {"gift": [None, "voucher"], "award": [None, award.pk]})
    assert "voucher-0" not in f"{record.target_name}{record.changes}"
    assert CouponCode.objects.get().shown_at == NOW


def test_revealing_a_free_code_leaves_it_free(admin_user):
    coupon("voucher", codes=1)
    assert codes.reveal(CouponCode.objects.get(), by=admin_user, now=NOW) == "voucher-0"
    assert CouponCode.objects.get().shown_at is None


def test_a_new_key_opens_finds_and_knows_what_the_old_one_sealed(settings):
    voucher = coupon("voucher", codes=2)
    settings.PERSONAL_DATA_KEYS = ["new", settings.SECRET_KEY]
    assert find_code(voucher, "voucher-1")[0].code == "voucher-1"
    result = bring(voucher, "voucher-0", "voucher-9")
    assert (result.added, result.known) == (1, 1)


def test_resealing_moves_all_codes_to_the_first_key_and_can_be_repeated(settings, capsys, monkeypatch):
    monkeypatch.setattr("rewards.code_resealing.SLICE", 2)
    voucher = coupon("voucher", codes=5)
    settings.PERSONAL_DATA_KEYS = ["new", settings.SECRET_KEY]
    for resealed in (5, 0):
        call_command("reseal_personal_data")
        told = (
            "members 0, rejected rows 0, coupon codes 5, addresses 0, "
            "secrets of receipts 0, codes of tasks 0, callback secrets 0"
        )
        assert capsys.readouterr().out.strip() == f"{told}, resealed {resealed}, unreadable 0"
    settings.PERSONAL_DATA_KEYS = ["new"]
    assert texts(voucher) == {f"voucher-{number}" for number in range(5)}
    assert bring(voucher, "voucher-3").known == 1


def test_a_code_whose_key_is_gone_stays_as_it_is_and_is_said(settings, capsys, caplog):
    coupon("voucher", codes=1)
    settings.PERSONAL_DATA_KEYS = ["another"]
    with pytest.raises(CommandError):
        call_command("reseal_personal_data")
    assert "unreadable 1" in capsys.readouterr().out
    assert CouponCode.objects.get().code == ""
    assert "a coupon code cannot be opened" in caplog.text


def test_what_was_tampered_with_does_not_open():
    stored = bytearray(sealed_codes.sealed("A1").sealed)
    stored[20] ^= 1
    assert sealed_codes.opened(bytes(stored)) is None
