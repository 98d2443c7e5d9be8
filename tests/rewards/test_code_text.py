"""What a generated code looks like, what its check character catches, and how it may be typed."""

import random
from collections import Counter
from itertools import combinations
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.code_text import ALPHABET, BASE, CHANCE_BYTES, DRAWN, Refusal, is_generated, new_codes, refusal, rewritten

LOOK_ALIKES = ["0OQ", "1IL", "2Z", "5S", "8B", "UV"]
chances = st.binary(min_size=CHANCE_BYTES, max_size=CHANCE_BYTES)


def made_of(chance: bytes) -> str:
    (code,) = new_codes(1, chance=lambda _length: chance)
    return code


def changed(code: str, **places: str) -> str:
    characters = list(code.replace("-", ""))
    for place, character in places.items():
        characters[int(place[1:])] = character
    return "".join(characters)


def test_a_code_has_eighty_random_bits_and_more():
    assert DRAWN * log2(BASE) >= 80
    assert DRAWN * log2(BASE) + 40 <= CHANCE_BYTES * 8


def test_no_character_looks_like_another():
    assert len(set(ALPHABET)) == BASE
    assert [len(set(group) & set(ALPHABET)) for group in LOOK_ALIKES] == [0, 0, 0, 0, 0, 1]


@given(chances)
def test_a_code_is_four_groups_of_five(chance):
    groups = made_of(chance).split("-")
    assert [len(group) for group in groups] == [5, 5, 5, 5]
    assert set("".join(groups)) <= set(ALPHABET)


@given(chances)
def test_every_single_wrong_character_is_caught(chance):
    code = made_of(chance)
    assert is_generated(code)
    right = code.replace("-", "")
    for place, character in enumerate(right):
        for wrong in set(ALPHABET) - {character}:
            assert rewritten(changed(code, **{f"p{place}": wrong})) is None


@given(chances)
def test_every_two_characters_that_change_places_are_caught(chance):
    code = made_of(chance)
    right = code.replace("-", "")
    for one, other in combinations(range(len(right)), 2):
        if right[one] != right[other]:
            assert rewritten(changed(code, **{f"p{one}": right[other], f"p{other}": right[one]})) is None


@given(chances)
def test_small_letters_spaces_and_full_width_are_forgiven(chance):
    code = made_of(chance)
    full_width = "".join(chr(ord(each) + 0xFEE0) for each in code)
    for typed in (code.lower(), code.replace("-", ""), code.replace("-", " "), f"  {code} ", full_width, f"_{code}."):
        assert rewritten(typed) == code


@pytest.mark.parametrize("typed", ["", "-", "SAVE-10", "0OIL1-0OIL1-0OIL1-0OIL1", "AAAAA-AAAAA-AAAAA-AAAAAA"])
def test_what_no_generator_made_is_none_of_its_codes(typed):
    assert rewritten(typed) is None


def test_the_same_chance_makes_the_same_codes_and_each_place_is_evenly_drawn():
    codes = list(new_codes(23_000, chance=random.Random(5).randbytes))
    assert codes == list(new_codes(23_000, chance=random.Random(5).randbytes))
    assert len(set(codes)) == len(codes)
    for place in range(20):
        counts = Counter(code.replace("-", "")[place] for code in codes)
        # Chi-square with 22 degrees of freedom: 48.3 leaves one in a thousand.
        assert sum((counts[each] - 1_000) ** 2 / 1_000 for each in ALPHABET) < 60


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A1", None),
        ("x" * 50, None),
        ("x" * 51, Refusal.TOO_LONG),
        ("A 1", Refusal.NO_CODE),
        ("优惠券码", Refusal.NO_CODE),
        ("A\x001", Refusal.NO_CODE),
        ("A\t1", Refusal.NO_CODE),
        ("A\u200b1", Refusal.NO_CODE),
        ("Ａ１", Refusal.NO_CODE),
    ],
)
def test_a_code_from_elsewhere_is_of_characters_that_anybody_can_type(text, why):
    assert refusal(text) == why
