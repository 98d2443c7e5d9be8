"""Odds are brought to exactly 100 %, in the same way on the server and in the browser."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.odds import SCALE
from rewards.odds_spreading import CannotSpread, give_rest, spread_evenly, spread_in_proportion

CASES = json.loads((Path(__file__).parents[1] / "cases" / "odds_spreading.json").read_text())
WAYS = {"give_rest": give_rest, "in_proportion": spread_in_proportion, "evenly": spread_evenly}
ODDS = st.lists(st.integers(0, SCALE), min_size=1, max_size=30)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_each_way_brings_the_odds_to_what_the_case_says(case):
    arguments = [case["to"]] if "to" in case else []
    if case["after"] is None:
        with pytest.raises(CannotSpread):
            WAYS[case["how"]](case["odds"], *arguments)
    else:
        assert WAYS[case["how"]](case["odds"], *arguments) == case["after"]


@pytest.mark.parametrize("spread", [spread_in_proportion, spread_evenly])
@given(odds=ODDS)
def test_spread_odds_total_exactly_a_hundred_percent_and_none_is_below_nothing(spread, odds):
    after = spread(odds)
    assert sum(after) == SCALE
    assert len(after) == len(odds)
    assert min(after) >= 0


@given(ODDS)
def test_in_proportion_keeps_the_order_and_misses_the_share_by_less_than_a_millionth(odds):
    after, total = spread_in_proportion(odds), sum(odds)
    if total:
        assert all(abs(new * total - old * SCALE) < total for old, new in zip(odds, after, strict=True))
        assert all(new <= other for old, new in zip(odds, after, strict=True)
                   for before, other in zip(odds, after, strict=True) if old < before)  # fmt: skip


@given(ODDS)
def test_evenly_given_parts_differ_by_a_millionth_at_most(odds):
    if sum(odds) <= SCALE:
        parts = [new - old for old, new in zip(odds, spread_evenly(odds), strict=True)]
        assert max(parts) - min(parts) <= 1


@given(ODDS, st.integers(0, 29))
def test_the_rest_goes_to_one_prize_and_the_others_stay(odds, place):
    to = place % len(odds)
    try:
        after = give_rest(odds, to)
    except CannotSpread:
        assert sum(odds) - odds[to] > SCALE
    else:
        assert sum(after) == SCALE
        assert [each for number, each in enumerate(after) if number != to] == odds[:to] + odds[to + 1 :]
