"""Voucher numbers: what a slip of the hand, a forger and a changed key get."""

import itertools
import random

import pytest

from rewards.awards import grant_award
from rewards.vouchers import ALPHABET, GROUP, NoSuchAward, Refusal, award_of, award_typed, id_in, voucher_of
from tests.rewards.build import NOW, coupon, gift, members


def refusal(text):
    with pytest.raises(NoSuchAward) as refused:
        id_in(text)
    return refused.value.reason


@pytest.mark.parametrize("award_id", [1, 2, 31, 32, 2**30 - 1, 2**30, 2**45, 2**63 - 1])
def test_a_number_names_its_award_however_it_is_typed(award_id):
    number = voucher_of(award_id)
    wide = "".join(chr(ord(symbol) + 0xFEE0) if symbol != "-" else symbol for symbol in number)
    for typed in (number, number.lower(), number.replace("-", " "), f"  {number} ", number.replace("-", ""), wide):
        assert id_in(typed) == award_id


def test_numbers_of_a_billion_awards_are_sixteen_symbols_that_nobody_mixes_up():
    for award_id in (1, 1_000_000_000):
        groups = voucher_of(award_id).split("-")
        assert [len(group) for group in groups] == [GROUP] * 4
        assert set("".join(groups)) <= set(ALPHABET)
    assert not set("01IO") & set(ALPHABET)


def test_neighbours_do_not_look_like_neighbours():
    one, two = (voucher_of(award_id).replace("-", "") for award_id in (1000, 1001))
    assert sum(a == b for a, b in zip(one, two, strict=True)) < 8


def test_every_wrong_symbol_and_every_two_that_changed_places_are_noticed():
    number = voucher_of(1234).replace("-", "")
    for place, symbol in itertools.product(range(len(number)), ALPHABET):
        if symbol != number[place]:
            assert refusal(number[:place] + symbol + number[place + 1 :]) is Refusal.MISTYPED
    for first, second in itertools.combinations(range(len(number)), 2):
        swapped = list(number)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        if "".join(swapped) != number:
            assert refusal("".join(swapped)) is Refusal.MISTYPED


@pytest.mark.parametrize("text", ["", "K7QM", "0" * 16, "I" * 16, "\x00" * 16, "七" * 16, "2" * 24, "A" * 10_000])
def test_what_is_no_number_at_all_is_mistyped(text):
    assert refusal(text) is Refusal.MISTYPED


def test_a_guess_with_a_right_check_symbol_is_a_forgery():
    guesses = random.Random(1)
    forged = 0
    while forged < 200:
        text = "".join(guesses.choices(ALPHABET, k=16))
        with pytest.raises(NoSuchAward) as refused:
            id_in(text)
        forged += refused.value.reason is Refusal.FORGED


def test_numbers_of_another_house_are_forgeries(settings):
    number = voucher_of(7)
    settings.SECRET_KEY = "another"
    assert refusal(number) is Refusal.FORGED


def test_printed_numbers_outlive_a_change_of_the_key(settings):
    number = voucher_of(7)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert id_in(number) == 7
    assert voucher_of(7) != number


@pytest.mark.django_db
def test_a_number_of_no_award_is_unknown():
    with pytest.raises(NoSuchAward) as refused:
        award_of(voucher_of(987_654_321))
    assert refused.value.reason is Refusal.UNKNOWN


@pytest.mark.django_db
def test_what_is_typed_is_a_voucher_number_or_a_coupon_code():
    (member,) = members(1)
    own = grant_award(coupon("milk", 1), member.pk, key="a", source="test", now=NOW)
    grant_award(gift("tea", "shared_coupon", shared_code="TEA10"), member.pk, key="b", source="test", now=NOW)
    assert award_typed("milk-0") == award_typed(voucher_of(own.pk)) == own
    for text, reason in [("TEA10", Refusal.SHARED_CODE), ("milk-1", Refusal.UNKNOWN_CODE), ("x", Refusal.UNKNOWN_CODE)]:
        with pytest.raises(NoSuchAward) as refused:
            award_typed(text)
        assert refused.value.reason is reason
