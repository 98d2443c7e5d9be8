"""A simulation gives each draw what drawing one after the other gives it."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from rewards import simulating
from rewards.odds import SCALE
from rewards.simulated_pool import GiftLimits, Per, SimulatedBudget, SimulatedPool, SimulatedPrize, Why
from rewards.simulating import Draws, play
from tests.rewards.plain_draws import PlainPool

few = st.none() | st.integers(0, 4)
KEYS = ["gold", "silver", "bronze"]
GIFTS = ["phone", "coupon"]


@st.composite
def pools(draw):
    keys = KEYS[: draw(st.integers(1, 3))]
    prizes = [
        SimulatedPrize(
            key, draw(st.sampled_from([0, 20_000, 200_000, 330_000])), gift=draw(st.sampled_from(GIFTS)),
            cost=draw(st.sampled_from([0, 1, 5, 50])), stock=draw(few), per_day=draw(few), per_hour=draw(few),
            per_member=draw(few),
        )
        for key in keys
    ]  # fmt: skip
    rest = SCALE - sum(prize.odds for prize in prizes)
    place = draw(st.integers(0, len(prizes)))
    prizes.insert(place, SimulatedPrize("thanks", rest, cost=draw(st.sampled_from([0, 1, 3])), consolation=True))
    after = draw(st.none() | st.integers(2, 5))
    gifts = [GiftLimits(gift, draw(few), draw(few), draw(few)) for gift in draw(st.sets(st.sampled_from(GIFTS)))]
    guaranteed = draw(st.sampled_from(keys)) if after else ""
    return SimulatedPool(tuple(prizes), tuple(gifts), draw(few), after, guaranteed)


budgets = st.lists(
    st.builds(SimulatedBudget, st.integers(0, 200), st.sampled_from([Per.TOTAL, Per.DAY]), st.booleans()), max_size=2
)


@st.composite
def many_draws(draw):
    """Return draws by few members within few hours, so that everything runs out."""
    count, people = draw(st.integers(0, 120)), draw(st.integers(1, 12))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    hours = np.sort(random.integers(20, 20 + draw(st.integers(1, 60)), count, dtype=np.int32))
    rolls = random.integers(0, SCALE, count, dtype=np.int32)
    return Draws(rolls, random.integers(0, people, count, dtype=np.int32), hours)


def one_by_one(pool, draws, budgets=()):
    plain = PlainPool(pool, budgets)
    return [
        plain.draw(int(roll), int(member), int(hour))
        for roll, member, hour in zip(draws.rolls, draws.members, draws.hours, strict=True)
    ]


def all_at_once(pool, draws, budgets=()):
    played = play(pool, draws, budgets)
    reasons = ["" if why == Why.NOTHING else Why(why).name.lower() for why in played.why]
    return [(pool.prizes[place].key, why) for place, why in zip(played.given, reasons, strict=True)]


@settings(max_examples=400, deadline=None)
@given(pools(), many_draws(), budgets, st.sampled_from([3, 17, 200]), st.sampled_from([0, 2, 8]))
def test_each_draw_gives_what_drawing_one_by_one_gives(pool, draws, money, chunk, patience):
    """Whatever the limits, and however the draws are cut into chunks: same prize, same reason."""
    expected = one_by_one(pool, draws, money)
    for why in {why for _prize, why in expected}:
        event(why or "no fallback")
    with patch.multiple(simulating, CHUNK=chunk, PATIENCE=patience, SMALL=2):
        assert all_at_once(pool, draws, money) == expected


def busy(draws=30_000, people=900, hours=240, seed=3):
    """Return a pool with every kind of limit, and draws enough to reach each of them."""
    pool = SimulatedPool(
        (
            SimulatedPrize("phone", 500, "Phone", "phone", cost=300_000, stock=5),
            SimulatedPrize("bag", 20_000, gift="bag", cost=4_000, stock=400, per_day=30),
            SimulatedPrize("coupon", 250_000, gift="coupon", cost=500, per_hour=12, per_member=3),
            SimulatedPrize("points", 329_500, gift="points", cost=20),
            SimulatedPrize("thanks", 400_000, cost=1, consolation=True),
        ),
        gifts=(GiftLimits("coupon", codes=2_500),), wins_per_member=12, guarantee_after=4, guarantee_prize="bag",
    )  # fmt: skip
    random = np.random.default_rng(seed)
    rolls = random.integers(0, SCALE, draws, dtype=np.int32)
    members = random.integers(0, people, draws, dtype=np.int32)
    return pool, Draws(rolls, members, np.sort(random.integers(0, hours, draws, dtype=np.int32)))


def test_a_long_campaign_with_every_limit_agrees_draw_by_draw():
    pool, draws = busy()
    money = [SimulatedBudget(3_900_000), SimulatedBudget(600_000, Per.DAY)]
    expected = one_by_one(pool, draws, money)
    assert {why for _prize, why in expected} >= {"budget", "wins_limit", "member_limit", "hour", "day", "guaranteed"}
    assert all_at_once(pool, draws, money) == expected


def test_one_member_who_draws_all_the_time_is_reckoned_too():
    pool, draws = busy(draws=1_000, people=1)
    assert all_at_once(pool, draws) == one_by_one(pool, draws)


PHONE = SimulatedPrize("phone", 100_000)
THANKS = SimulatedPrize("thanks", 900_000, consolation=True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"prizes": (PHONE,)}, "the odds total 100000, not 1000000"),
        ({"prizes": (SimulatedPrize("phone", SCALE),)}, "one consolation prize, not 0"),
        ({"prizes": (PHONE, THANKS), "guarantee_after": 3, "guarantee_prize": "car"}, "guaranteed prize 'car'"),
        ({"prizes": (PHONE, THANKS), "guarantee_after": 3, "guarantee_prize": "thanks"}, "guaranteed prize 'thanks'"),
    ],
)
def test_a_pool_from_which_nobody_can_draw_is_refused(fields, said):
    with pytest.raises(ValueError, match=said):
        SimulatedPool(**fields)


def test_no_draws_give_nothing():
    nothing = np.array([], dtype=np.int32)
    assert len(play(SimulatedPool((PHONE, THANKS)), Draws(nothing, nothing, nothing)).given) == 0
