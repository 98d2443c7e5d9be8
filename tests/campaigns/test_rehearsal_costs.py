"""What draws cost on average and how far that spreads, and the day on which something is used up."""

from itertools import product

import pytest

from campaigns.rehearsal.costs import MOST, Prize, binomial, cost_of, given_by_chance
from campaigns.rehearsal.rates import Level
from campaigns.rehearsal.running_out import Supply, day_out, lasting
from rewards.forecasting import forecast
from rewards.simulated_draws import Scenario
from rewards.simulated_pool import SimulatedPool, SimulatedPrize


def by_every_sequence(prizes, draws, consolation):
    """Mean and variance of the cost over every sequence of rolls."""
    chances = [*(prize.chance for prize in prizes), 1 - sum(prize.chance for prize in prizes)]
    mean = square = 0.0
    for rolls in product(range(len(chances)), repeat=draws):
        weight, cost, given = 1.0, 0.0, [0] * len(prizes)
        for roll in rolls:
            weight *= chances[roll]
            cost += consolation
            if roll < len(prizes) and (prizes[roll].stock is None or given[roll] < prizes[roll].stock):
                given[roll] += 1
                cost += prizes[roll].cost
        mean += weight * cost
        square += weight * cost**2
    return mean, square - mean**2


@pytest.mark.parametrize("draws", [1, 2, 5, 6])
@pytest.mark.parametrize(
    "prizes",
    [
        [Prize(0.3, 100)],
        [Prize(0.3, 100, 2)],
        [Prize(0.3, 100, 0)],
        [Prize(0.3, 100, 2), Prize(0.2, 500, 1)],
        [Prize(0.3, 100), Prize(0.2, 500, 1), Prize(0.1, 1_000, 3)],
        [Prize(0.6, 100, 1), Prize(0.4, 50, 2)],
        [Prize(1.0, 100, 2)],
    ],
)
@pytest.mark.parametrize("consolation", [0, 7])
def test_mean_and_variance_are_those_of_every_sequence_of_rolls(prizes, draws, consolation):
    mean, variance = by_every_sequence(prizes, draws, consolation)

    found = cost_of(prizes, draws, consolation=consolation)

    assert found.mean == pytest.approx(mean)
    assert found.variance == pytest.approx(variance, abs=1e-6)


def test_it_agrees_with_the_simulation_of_the_pool():
    prizes = (
        SimulatedPrize("gold", 50_000, cost=5_000, stock=20),
        SimulatedPrize("silver", 200_000, cost=300),
        SimulatedPrize("thanks", 750_000, consolation=True),
    )
    runs = forecast(SimulatedPool(prizes), Scenario(600, 300, 10), runs=200)

    found = cost_of([Prize(0.05, 5_000, 20), Prize(0.2, 300)], 600)

    assert abs(runs.cost.mean - found.mean) < 4 * found.sd / 200**0.5
    assert runs.cost.sd == pytest.approx(found.sd, rel=0.2)


def test_very_many_draws_are_reckoned_in_small():
    exact = cost_of([Prize(0.01, 100, 150)], MOST)
    many = cost_of([Prize(0.01, 100, 15_000)], 100 * MOST)

    assert many.mean == pytest.approx(100 * exact.mean)
    assert cost_of([Prize(0.5, 1)], 0).mean == 0


@pytest.mark.parametrize(
    ("mean", "most", "expected", "variance"),
    [
        (50, None, 50, 50),
        (50, 1_000, 50, 50),
        (50, 10, 10, 0),
        (50_000, 10, 10, 0),
        (0, 5, 0, 0),
        (50_000, 90_000, 50_000, 50_000),
    ],
)
def test_what_comes_by_itself_spreads_until_nothing_is_left(mean, most, expected, variance):
    found, spread = given_by_chance(mean, most)

    assert found == pytest.approx(expected, rel=0.01)
    assert spread == pytest.approx(variance, rel=0.06, abs=0.01)


def test_the_chances_of_a_binomial_total_one():
    assert binomial(1_000, 0.37).sum() == pytest.approx(1)
    assert list(binomial(3, 0)) == [1, 0, 0, 0]
    assert list(binomial(3, 1)) == [0, 0, 0, 1]


def supply(left, wanted=100.0, **more):
    return Supply("gift", "cup", "Cup", left, {Level.EXPECTED: wanted}, **more)


@pytest.mark.parametrize(
    ("left", "wanted", "day"),
    [(100, 100, None), (99, 100, 3), (75, 100, 3), (74, 100, 2), (50, 100, 2), (1, 100, 0), (0, 100, 0), (0, 0, None)],
)
def test_a_stock_runs_out_on_the_day_on_which_more_is_wanted_than_there_is(left, wanted, day):
    assert day_out(supply(left), wanted, [1, 1, 1, 1]) == day


def test_a_budget_a_day_is_too_little_from_the_first_day_that_wants_more():
    assert day_out(supply(30, daily=True), 100, [1, 2, 3, 4]) == 3 - 1 + 1
    assert day_out(supply(40, daily=True), 100, [1, 2, 3, 4]) is None
    assert day_out(supply(9, daily=True), 100, [1, 2, 3, 4]) == 0


def test_of_a_budget_a_day_what_today_has_spent_is_gone_today_and_tomorrow_all_is_there():
    assert day_out(supply(40, daily=True, used_today=30), 100, [1, 2, 3, 4]) is None
    assert day_out(supply(40, daily=True, used_today=31), 100, [1, 2, 3, 4]) == 0
    assert day_out(supply(40, used_today=31), 30, [1, 2, 3, 4]) is None


def test_each_scenario_has_a_day_of_its_own():
    asked = Supply("gift", "cup", "Cup", 10, {Level.LOW: 5.0, Level.EXPECTED: 15.0, Level.HIGH: 100.0})

    found = lasting(asked, [1, 1])

    assert found.on == {Level.LOW: None, Level.EXPECTED: 1, Level.HIGH: 0}
    assert found.first == 0
