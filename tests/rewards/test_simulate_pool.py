"""The command that simulates a pool's current version."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.rewards.build import gift, pool, published

pytestmark = pytest.mark.django_db


def run(*arguments):
    out = StringIO()
    call_command("simulate_pool", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def wheel():
    return published((gift("gold", cost=2), 300_000, 10), consolation=(gift("thanks"), 700_000))


def test_it_prints_shares_the_cost_and_when_the_stock_runs_out(wheel):
    output = run("wheel", "--draws", "1000", "--seed", "1")
    assert "gold                     odds   30.0000 %  given         10 (1.0000 %)" in output
    assert "runs out at draw" in output
    assert "total cost 20.00 for 1000 draws, seed 1" in output
    assert "200 runs: cost 20.00 ± 0.00" in output
    assert "out_of_stock: gold used up with a probability of 100%: 10% by day " in output


def test_the_same_seed_prints_the_same(wheel):
    assert run("wheel", "--draws", "500", "--seed", "3", "--runs", "4") == run(
        "wheel", "--draws", "500", "--seed", "3", "--runs", "4"
    )


def test_without_limits_the_published_shares_come_out():
    published((gift("gold"), 300_000, None), consolation=(gift("thanks"), 700_000))
    output = run("wheel", "--draws", "1000000", "--seed", "7", "--runs", "1")
    assert "(30.0" in output or "(29.9" in output
    assert "runs out" not in output


def test_a_budget_is_kept_to_and_it_says_what_it_refused(wheel):
    output = run("wheel", "--draws", "1000", "--seed", "1", "--budget", "9.99", "--members", "50", "--days", "2")
    assert "total cost 8.00" in output
    assert "budget 9.99: first refused a prize at draw" in output
    assert "not the rolled prize, budget: " in output
    assert "the budget used up with a probability of 100%" in output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "--draws", "5"], "no prize pool with the key 'nowhere'"),
        (["wheel", "--draws", "0"], "--draws must be between 1 and 20000000"),
        (["wheel", "--draws", "20000001"], "--draws must be between 1"),
        (["wheel", "--draws", "5", "--seed", "-1"], "--seed must not be negative"),
        (["wheel", "--draws", "5000", "--members", "4"], "--members must be between 5 and"),
        (["wheel", "--draws", "5", "--days", "0"], "--days: 0 days"),
        (["wheel", "--draws", "5", "--budget", "much"], "--budget must be an amount in yuan, not 'much'"),
        (["wheel", "--draws", "5", "--budget", "NaN"], "--budget must be an amount in yuan, not 'NaN'"),
        (["wheel", "--draws", "5", "--budget", "1.001"], "--budget must be an amount in yuan, not '1.001'"),
        (["wheel", "--draws", "5", "--budget", "-1"], "--budget must be an amount above 0"),
        (["wheel", "--draws", "5", "--runs", "0"], "--runs must be between 1"),
    ],
)
def test_bad_input_is_a_clear_error(wheel, arguments, said):
    with pytest.raises(CommandError, match=said):
        run(*arguments)


def test_a_pool_that_was_never_published_is_a_clear_error():
    pool((gift("gold"), 300_000, None), consolation=(gift("thanks"), 700_000))
    with pytest.raises(CommandError, match="never published"):
        run("wheel", "--draws", "5")
