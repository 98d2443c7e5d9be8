"""The chi-square test, against the critical values of printed tables and against closed forms."""

import math

import pytest

from rewards.fairness import chi_square_survival, compare_shares
from rewards.odds import SCALE, Odds

HALVES = [Odds("gold", SCALE // 2), Odds("thanks", SCALE // 2)]


@pytest.mark.parametrize(
    ("value", "degrees", "survival"),
    [
        (3.841458820694124, 1, 0.05),
        (5.991464547107979, 2, 0.05),
        (6.6348966010212145, 1, 0.01),
        (18.307038053275146, 10, 0.05),
        (124.34211340400407, 100, 0.05),
        (9.341817765618, 10, 0.5),
    ],
)
def test_survival_agrees_with_the_tables(value, degrees, survival):
    assert chi_square_survival(value, degrees) == pytest.approx(survival, abs=1e-9)


@pytest.mark.parametrize("value", [0.001, 0.5, 1, 2, 7.5, 40, 700])
def test_survival_has_closed_forms_for_one_two_and_four_degrees(value):
    assert chi_square_survival(value, 1) == pytest.approx(math.erfc(math.sqrt(value / 2)), rel=1e-9)
    assert chi_square_survival(value, 2) == pytest.approx(math.exp(-value / 2), rel=1e-9)
    assert chi_square_survival(value, 4) == pytest.approx(math.exp(-value / 2) * (1 + value / 2), rel=1e-9)


def test_shares_as_the_odds_are_not_doubted():
    assert compare_shares(HALVES, {"gold": 500, "thanks": 500}).p_value == 1.0


def test_shares_far_from_the_odds_are_doubted():
    test = compare_shares(HALVES, {"gold": 560, "thanks": 440})
    assert test.chi_square == pytest.approx(14.4)
    assert test.degrees == 1
    assert test.p_value == pytest.approx(math.erfc(math.sqrt(7.2)), rel=1e-9)


def test_a_win_without_odds_is_impossible():
    assert compare_shares([Odds("gold", SCALE), Odds("never", 0)], {"never": 1}).p_value == 0.0


def test_no_draws_prove_nothing():
    assert compare_shares(HALVES, {}).p_value == 1.0
