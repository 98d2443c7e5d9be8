"""The chi-square tests, against printed tables and closed forms, and against a million rolls fair and unfair."""

import math
import secrets
from collections import Counter

import numpy as np
import pytest

from rewards.fairness import Moment, chi_square_survival, compare_given, compare_shares, odds_after_limits
from rewards.odds import SCALE, Odds, prize_for_roll

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


ROLLS = 1_000_000
# Chance lets a fair roll fail once in so many runs of a test.
ONCE_IN = 1e-6
POOLS = {
    "two halves": [500_000, 500_000],
    "a first prize of one in a million": [1, 999_999],
    "a wheel": [2_500, 47_500, 250_000, 400_000, 300_000],
    "a hundred prizes": [10_000] * 100,
    "a prize without odds": [0, 300_000, 700_000],
}


def odds_of(weights):
    return [Odds(f"p{number}", weight) for number, weight in enumerate(weights)]


def counted(odds, rolls):
    ceilings = np.cumsum([entry.weight for entry in odds])
    hits = np.bincount(np.searchsorted(ceilings, rolls, side="right"), minlength=len(odds))
    return {entry.prize: int(count) for entry, count in zip(odds, hits, strict=True)}


def test_the_counting_of_many_rolls_is_the_rule_of_one():
    odds = odds_of(POOLS["a wheel"])
    rolls = [0, 2_499, 2_500, 49_999, 50_000, 999_999]
    assert counted(odds, np.array(rolls)) == {
        entry.prize: Counter(prize_for_roll(odds, roll) for roll in rolls)[entry.prize] for entry in odds
    }


@pytest.fixture(scope="module")
def rolls():
    """A million rolls as draws make them."""
    return np.array([secrets.randbelow(SCALE) for _roll in range(ROLLS)])


@pytest.mark.parametrize("weights", POOLS.values(), ids=POOLS)
def test_a_million_rolls_of_each_pool_are_fair(rolls, weights):
    odds = odds_of(weights)
    assert compare_shares(odds, counted(odds, rolls)).p_value > ONCE_IN


UNFAIR = {
    "20 random bits, wrapped at a million": lambda _rolls: np.random.default_rng(1).integers(0, 2**20, ROLLS) % SCALE,
    "one roll in two hundred is made a blank": lambda rolls: np.where(np.arange(ROLLS) % 200 == 0, SCALE - 1, rolls),
    "the sum of two dice": lambda rolls: (rolls + np.roll(rolls, 1)) // 2,
}


@pytest.mark.parametrize("bias", UNFAIR.values(), ids=UNFAIR)
def test_a_biased_roll_is_caught_by_the_same_test(rolls, bias):
    odds = odds_of(POOLS["a wheel"])
    assert compare_shares(odds, counted(odds, bias(rolls))).p_value < ONCE_IN


def test_one_lucky_win_of_a_rare_prize_is_no_proof_of_cheating():
    odds = odds_of([1, 499_999, 500_000])
    assert compare_shares(odds, {"p0": 1, "p1": 499, "p2": 500}).p_value > 0.05


def test_rare_prizes_are_counted_together():
    odds = odds_of([1_000, 2_000, 497_000, 500_000])
    assert compare_shares(odds, {"p0": 1, "p1": 2, "p2": 497, "p3": 500}).degrees == 1
    assert compare_shares(odds, {"p0": 10, "p1": 20, "p2": 4_970, "p3": 5_000}).degrees == 3


LIMITED = [
    (Moment(), [100, 200, 700]),
    (Moment(frozenset({"p0"})), [0, 200, 800]),
    (Moment(frozenset({"p0", "p1"})), [0, 0, 1000]),
    (Moment(due=True), [100, 900, 0]),
    (Moment(frozenset({"p0"}), due=True), [0, 1000, 0]),
    # What is due cannot be won: the consolation prize is given after all.
    (Moment(frozenset({"p1"}), due=True), [100, 0, 900]),
]


@pytest.mark.parametrize(("moment", "left"), LIMITED)
def test_what_is_closed_gives_its_odds_to_the_consolation_prize_or_to_the_one_that_is_due(moment, left):
    odds = odds_after_limits(odds_of([100, 200, 999_700]), moment, consolation="p2", guaranteed="p1")
    assert [entry.weight for entry in odds] == [weight + 999_000 if weight >= 700 else weight for weight in left]


def limited_draws(rolls, *, shut=lambda _number, _prize: False):
    """Draw from the wheel while each prize is shut in some of the moments; `shut` may shut one more."""
    odds = odds_of(POOLS["a wheel"])
    ceilings = np.cumsum([entry.weight for entry in odds])
    given = {}
    for number, prize in enumerate(np.searchsorted(ceilings, rolls, side="right")):
        closed = {f"p{number // 1_000 % 3}"} | ({f"p{prize}"} if shut(number, prize) else set())
        moment = given.setdefault(Moment(frozenset(closed)), Counter())
        moment["p4" if f"p{prize}" in closed else f"p{prize}"] += 1
    return compare_given(odds, given, consolation="p4")


def test_what_is_given_under_limits_is_as_the_odds_after_limits(rolls):
    test = limited_draws(rolls[:100_000])
    assert test.degrees == 4
    assert test.p_value > ONCE_IN


def test_a_prize_shut_just_when_it_is_hit_is_caught_though_every_roll_is_fair(rolls):
    assert limited_draws(rolls[:100_000], shut=lambda number, prize: prize == 1 and number % 5 == 0).p_value < ONCE_IN


def test_of_one_moment_it_is_the_test_of_pearson():
    test = compare_given(HALVES, {Moment(): {"gold": 560, "thanks": 440}}, consolation="thanks")
    assert (test.chi_square, test.degrees) == (pytest.approx(14.4), 1)


def test_what_could_not_be_won_and_was_given_is_impossible():
    given = {Moment(frozenset({"gold"})): {"gold": 1, "thanks": 99}}
    assert compare_given(HALVES, given, consolation="thanks").p_value == 0.0


def test_moments_that_leave_nothing_to_chance_prove_nothing():
    assert compare_given(HALVES, {Moment(frozenset({"gold"})): {"thanks": 99}}, consolation="thanks").p_value == 1.0
