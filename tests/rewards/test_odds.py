"""Odds and rolls, without a database."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.drawing import SCALE, Odds, prize_for_roll
from rewards.odds import as_millionths, as_percent, percent_text, ranges

GOLD, SILVER = "gold", "silver"


@pytest.mark.parametrize(("roll", "won"), [(0, GOLD), (9, GOLD), (10, SILVER), (SCALE - 1, SILVER)])
def test_each_roll_belongs_to_one_prize(roll, won):
    assert prize_for_roll([Odds(GOLD, 10), Odds(SILVER, SCALE - 10)], roll) == won


@pytest.mark.parametrize("roll", [-1, SCALE])
def test_a_roll_outside_the_scale_is_refused(roll):
    with pytest.raises(ValueError, match="outside"):
        prize_for_roll([Odds(GOLD, SCALE)], roll)


def test_a_roll_that_nobody_owns_is_refused():
    with pytest.raises(ValueError, match="odds total 10"):
        prize_for_roll([Odds(GOLD, 10)], 10)


def test_a_prize_without_odds_owns_no_roll():
    assert prize_for_roll([Odds(GOLD, 0), Odds(SILVER, SCALE)], 0) == SILVER


@given(st.lists(st.integers(0, SCALE), min_size=1, max_size=6), st.integers(0, SCALE - 1))
def test_ranges_and_prize_for_roll_agree(cuts, roll):
    bounds = [0, *sorted(cuts), SCALE]
    odds = [Odds(str(i), high - low) for i, (low, high) in enumerate(pairwise(bounds))]
    owners = [prize for prize, floor, ceiling in ranges(odds) if floor <= roll < ceiling]
    assert owners == [prize_for_roll(odds, roll)]


@given(st.integers(0, SCALE))
def test_percent_and_millionths_are_exact_both_ways(millionths):
    assert as_millionths(as_percent(millionths)) == millionths


@pytest.mark.parametrize(
    ("millionths", "text"),
    [(0, "0"), (1, "0.0001"), (125, "0.0125"), (300_000, "30"), (149_900, "14.99"), (SCALE, "100")],
)
def test_percent_is_written_short_and_exact(millionths, text):
    assert percent_text(millionths) == text


def test_a_fifth_decimal_of_percent_is_refused():
    with pytest.raises(ValueError, match="four decimals"):
        as_millionths(Decimal("0.00001"))
