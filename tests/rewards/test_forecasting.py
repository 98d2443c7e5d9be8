"""Forecasts: how the cost of a pool spreads, and when stocks and budgets are used up."""

import math

import numpy as np
import pytest

from rewards.forecasting import (
    DRAWS_BY_MEMBER,
    FEWEST_RUNS,
    MOST_RUNS,
    binds_members,
    forecast,
    interval,
    runs_for,
)
from rewards.odds import SCALE
from rewards.simulated_draws import DAY, Course, Scenario, Spread, draws_of
from rewards.simulated_pool import Per, SimulatedBudget, SimulatedPool, SimulatedPrize, Why


def a_pool(*, odds=100_000, cost=1_000, **rules):
    limits = {name: rules.pop(name) for name in ("stock", "per_day", "per_hour", "per_member") if name in rules}
    gold = SimulatedPrize("gold", odds, cost=cost, **limits)
    return SimulatedPool((gold, SimulatedPrize("thanks", SCALE - odds, consolation=True)), **rules)


def test_the_same_seed_gives_the_same_forecast_and_another_seed_another():
    first, again, other = (forecast(a_pool(), Scenario(2_000, 400, seed=seed), runs=3).cost for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_the_cost_spreads_as_the_binomial_distribution_says():
    found = forecast(a_pool(), Scenario(5_000, 1_000), runs=200).cost
    sd = math.sqrt(5_000 * 0.1 * 0.9) * 1_000
    assert found.mean == pytest.approx(500_000, abs=4 * sd / math.sqrt(200))
    assert found.sd == pytest.approx(sd, rel=0.2)
    assert (found.low, found.high) == (
        pytest.approx(500_000 - 1.645 * sd, abs=sd / 2), pytest.approx(500_000 + 1.645 * sd, abs=sd / 2),
    )  # fmt: skip


def test_a_stock_that_all_want_is_gone_when_as_many_draws_as_it_takes_were_made():
    found = forecast(a_pool(odds=500_000, stock=100), Scenario(2_000, 400, days=10), runs=50)
    (stock,) = found.dryness
    assert (stock.limit.why, stock.ever) == (Why.OUT_OF_STOCK, 1)
    # 200 draws a day, half of them win: on the evening of the first day or on the second.
    assert {stock.day_with(0.1), stock.day_with(0.9)} <= {0, 1}
    assert found.given(0).mean == 100
    assert found.falls[Why.OUT_OF_STOCK] == pytest.approx(900, rel=0.05)
    assert all(140 < run.dry_at[0] < 270 for run in found.runs)


def test_a_stock_that_nobody_uses_up_is_never_gone():
    (stock,) = forecast(a_pool(odds=1_000, stock=100), Scenario(1_000, 200), runs=20).dryness
    assert (stock.ever, stock.day_with(0.1)) == (0, None)


def test_probabilities_of_running_dry_rise_from_day_to_day():
    (stock,) = forecast(a_pool(odds=10_000, stock=10), Scenario(1_000, 200, days=20), runs=100).dryness
    assert 0.3 < stock.ever < 0.7
    assert (np.diff(stock.by_day) >= 0).all()


def test_a_budget_is_told_from_the_first_draw_that_it_refuses():
    found = forecast(a_pool(odds=500_000), Scenario(1_000, 200, days=10), [SimulatedBudget(100_000)], runs=20)
    (budget,) = found.dryness
    assert (budget.limit.why, budget.ever) == (Why.BUDGET, 1)
    assert found.cost.mean == 100_000
    assert budget.day_with(0.5) == 2


def test_a_budget_of_a_day_refuses_on_each_day_and_is_never_used_up_for_good():
    money = [SimulatedBudget(10_000, Per.DAY)]
    found = forecast(a_pool(odds=500_000), Scenario(1_000, 200, days=10), money, runs=5)
    assert (found.dryness, found.short_days, found.cost.mean) == ([], 10, 100_000)


def test_guaranteed_wins_are_counted_apart_from_those_that_were_rolled():
    pool = a_pool(odds=1, guarantee_after=4, guarantee_prize="gold")
    found = forecast(pool, Scenario(4_000, 100, spread=Spread.EVEN), runs=2)
    assert found.guaranteed.mean == pytest.approx(1_000, abs=1)
    assert binds_members(pool)


def test_there_are_as_many_runs_as_fit_and_never_too_few_for_a_spread():
    binding = a_pool(per_member=1)
    assert [runs_for(binding, Scenario(draws, 10_000)) for draws in (100, DRAWS_BY_MEMBER // 50, 5_000_000)] == [
        MOST_RUNS, 50, FEWEST_RUNS,
    ]  # fmt: skip


def test_few_runs_are_told_with_the_interval_of_a_normal_distribution_within_what_is_possible():
    found = interval([98, 99, 100, 100, 100], most=100)
    assert (found.mean, found.high) == (99.4, 100)
    assert found.low == pytest.approx(99.4 - 1.6449 * found.sd)


def test_draws_come_in_order_by_as_many_members_as_were_said_and_within_the_days():
    draws = draws_of(Scenario(10_000, 500, days=3, spread=Spread.EVEN), run=0)
    assert (np.diff(draws.hours) >= 0).all()
    assert (draws.hours.min(), draws.hours.max() // 24) == (0, 2)
    assert set(np.bincount(draws.members)) == {20}


def test_an_uneven_tenth_of_the_members_makes_a_third_of_the_draws():
    counts = np.sort(np.bincount(draws_of(Scenario(200_000, 2_000), run=0).members, minlength=2_000))
    assert counts[-200:].sum() / 200_000 == pytest.approx(0.33, abs=0.02)


@pytest.mark.parametrize(("course", "more"), [(Course.FALLING, 1), (Course.RISING, -1)])
def test_a_course_falls_to_a_half_within_a_quarter_of_the_days(course, more):
    by_day = np.bincount(draws_of(Scenario(160_000, 40_000, days=8, course=course), run=0).hours // 24)[::more]
    assert by_day[2] / by_day[0] == pytest.approx(0.5, abs=0.03)


def test_a_day_has_24_hours():
    assert len(DAY) == 24


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((0, 1), "begin at 1"), ((1, 0), "begin at 1"), ((10, 1, 0), "0 days"), ((10, 1, 367), "367 days"),
        ((1_001, 1), "more than 1000 each"), ((10, 1, 1, -1), "the seed at 0"),
    ],
)  # fmt: skip
def test_numbers_that_make_no_sense_are_refused(numbers, said):
    with pytest.raises(ValueError, match=said):
        Scenario(*numbers)
