"""Value by columns is the value by hand, alone and in the crowd; the borders of tiers and degrees."""

from datetime import timedelta
from types import SimpleNamespace

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from segmentation import bit_slices, past_facts, repurchase, value_facts, value_scale
from segmentation.facts import clock
from segmentation.value_facts import Past, Settings
from segmentation.value_scale import DEGREES, NO_DEGREE, TIERS, Tiering
from tests.segmentation import lives
from tests.segmentation.lives import NOW, TODAY, Life, Order
from tests.segmentation.test_lifecycle_stages import people

WEIGHTS = [(40, 30, 20, 10), (100, 0, 0, 0), (1, 33, 33, 33), (0, 0, 50, 50)]
models = st.builds(
    SimpleNamespace,
    window_days=st.sampled_from([1, 60, 365]),
    weights=st.sampled_from(WEIGHTS),
    interaction_events=st.sampled_from([("favourite", "cart"), ()]),
    reputation_events=st.sampled_from([("review",), ()]),
    reputation_event_points=st.integers(0, 5),
    core_share=st.sampled_from([0, 20, 50]),
    high_potential_share=st.sampled_from([0, 30, 50]),
    spending_by=st.just("average"),
    high_spenders_share=st.sampled_from([20, 100]),
    middle_spenders_share=st.sampled_from([0, 50]),
    own_gap_orders=st.sampled_from([2, 3]),
    fewest_gaps=st.sampled_from([1, 4, 1000]),
    churn_middle=st.just(150),
    churn_high=st.just(300),
    loyal_orders=st.sampled_from([2, 4]),
    loyal_span_days=st.sampled_from([1, 90]),
    loyal_spread=st.sampled_from([0, 50, 100]),
    returning_orders=st.just(2),
)


def settings_of(model) -> Settings:
    return Settings(model.window_days, model.interaction_events, model.reputation_events, model.reputation_event_points)


def tiering_of(model) -> Tiering:
    for part, weight in zip(value_scale.PARTS, model.weights, strict=True):
        setattr(model, f"{'frequency' if part == 'frequency' else part}_weight", weight)
    return Tiering(
        dict(zip(value_scale.PARTS, model.weights, strict=True)),
        True,
        model.core_share,
        model.high_potential_share,
        model.spending_by,
        model.high_spenders_share,
        model.middle_spenders_share,
        *(getattr(model, name) for name in ("own_gap_orders", "churn_middle", "churn_high", "loyal_orders")),
        *(getattr(model, name) for name in ("loyal_span_days", "loyal_spread", "returning_orders")),
    )


def past_of(crowd: list[Life]) -> Past:
    crowd = [life.until(NOW) for life in crowd]
    who, orders, items, events = lives.tables(crowd)
    return Past(who, past_facts.bought_by(orders, items, clock.moment(NOW)), events)


def learned(crowd, model):
    past = past_of(crowd)
    learning = repurchase.Learning(model.fewest_gaps, 0, {}, {})
    counted = repurchase.tally(past.bought, past_facts.runs_of_categories(past.bought)) | {
        "": repurchase.tally_of_orders(past.bought)
    }
    gaps = {each.category: each.learned for each in repurchase.cycles(counted, learning) if each.learned is not None}
    usual = gaps.pop("", None)
    figures = value_facts.figures(past, settings_of(model), TODAY, gaps)
    return figures, value_scale.learn(figures, tiering_of(model), gaps, usual)


def told(valued, row: int) -> dict:
    names = {"tier": TIERS, "spending": DEGREES, "churn": DEGREES, "loyalty": DEGREES}
    places = {name: int(getattr(valued, name)[row]) for name in names}
    found = {name: None if place == NO_DEGREE else names[name][place] for name, place in places.items()}
    return {"score": int(valued.score[row])} | found


@settings(max_examples=300, deadline=None)
@given(people, models)
def test_value_by_columns_is_the_value_by_hand(crowd, model):
    crowd = sorted(crowd, key=lambda life: life.id)
    figures, scale = learned(crowd, model)
    valued = value_scale.value(figures, tiering_of(model), scale)
    kept = value_scale.from_json(value_scale.as_json(scale))
    for row, life in enumerate(crowd):
        by_hand = lives.value_of(life, crowd, model, NOW, TODAY)
        assert told(valued, row) == by_hand
        one = value_facts.figures(past_of([life]), settings_of(model), TODAY, kept.gaps)
        assert told(value_scale.value(one, tiering_of(model), kept), 0) == by_hand
    assert all(0 <= score <= 1000 for score in valued.score.tolist())


@settings(max_examples=60, deadline=None)
@given(people, models)
def test_the_parts_of_a_score_add_up_but_for_rounding(crowd, model):
    figures, scale = learned(crowd, model)
    valued = value_scale.value(figures, tiering_of(model), scale)
    total = sum(valued.parts.values())
    assert (abs(total - valued.score) <= 2).all()


@pytest.mark.parametrize(
    ("values", "shares", "cuts"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], (20, 50), (9, 6)),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], (0, 100), (None, 1)),
        ([5, 5, 5, 5], (20, 50), (None, None)),
        ([5, 5, 5, 9], (25, 50), (9, 9)),
        ([1, 2], (20, 50), (None, 2)),
        ([], (20, 50), (None, None)),
    ],
)
def test_a_top_share_is_never_larger_than_asked_and_equals_stay_together(values, shares, cuts):
    assert value_scale.top_cuts(numpy.array(values, dtype=numpy.int64), shares) == cuts


@pytest.mark.parametrize(("value", "doubled"), [(0, 0), (1, 0 + 50), (2, 50 + 100), (3, 200), (99, 200)])
def test_equal_values_share_the_middle_of_their_place(value, doubled):
    cuts = value_scale.percentiles_of(numpy.array([0, 0, 1, 1, 2, 2]))
    assert value_scale.doubled_percentile(numpy.array([value]), cuts).tolist() == [doubled]


# "If your lapse point is 100 days, everyone at 80+ days would be At Risk", and lost beyond it:
# https://docs.glew.io/en/articles/1045877-how-are-active-at-risk-and-lost-customers-calculated
@pytest.mark.parametrize(("silent", "risk"), [(50, "low"), (80, "low"), (81, "middle"), (100, "middle"), (101, "high")])
def test_churn_risk_grows_with_silence_against_the_expected_gap(silent, risk):
    life = Life(1, [Order(NOW - timedelta(days=silent + back)) for back in (0, 100, 200)])
    model = SimpleNamespace(own_gap_orders=3, churn_middle=80, churn_high=100, fewest_gaps=20)
    assert lives._churn(life.until(NOW), [], model, TODAY) == risk
    figures = value_facts.figures(past_of([life]), Settings(365, (), (), 0), TODAY, {})
    scale = value_scale.Scale({}, (None, None), (None, None), (None, None), {}, None)
    tiering = Tiering({}, True, 0, 0, "average", 0, 0, 3, 80, 100, 5, 90, 100, 2)
    assert DEGREES[value_scale.churn_degrees(figures, tiering, scale)[0]] == risk


@pytest.mark.parametrize(
    ("back", "loyalty"),
    [
        ([0], "low"),
        ([0, 0], "low"),
        ([0, 1], "middle"),
        ([0, 30, 60, 90], "middle"),
        ([0, 22, 44, 66, 89], "middle"),
        ([0, 22, 44, 66, 90], "high"),
        ([0, 1, 2, 3, 200], "middle"),
    ],
)
def test_loyalty_wants_many_days_over_a_long_span_at_even_gaps(back, loyalty):
    life = Life(1, [Order(NOW - timedelta(days=days)) for days in back])
    figures = value_facts.figures(past_of([life]), Settings(365, (), (), 0), TODAY, {})
    tiering = Tiering({}, True, 0, 0, "average", 0, 0, 3, 80, 100, 5, 90, 100, 2)
    assert DEGREES[value_scale.loyalty_degrees(figures, tiering)[0]] == loyalty


@pytest.mark.parametrize(
    ("by", "degrees"), [("average", ["high", "low"]), ("amount", ["low", "high"]), ("both", ["low", "low"])]
)
def test_spending_power_is_by_the_average_by_the_amount_or_by_the_lower_of_both(by, degrees):
    often = [Order(NOW - timedelta(days=day), 1000) for day in range(9)]
    crowd = [Life(1, [Order(NOW, 5000)]), Life(2, often)]
    figures = value_facts.figures(past_of(crowd), Settings(365, (), (), 0), TODAY, {})
    weights = dict.fromkeys(value_scale.PARTS, 25)
    tiering = Tiering(weights, True, 50, 50, by, 50, 0, 3, 150, 300, 5, 90, 100, 2)
    valued = value_scale.value(figures, tiering, value_scale.learn(figures, tiering, {}, None))
    assert [DEGREES[each] for each in valued.spending] == degrees


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.integers(1, 3 << 20), st.integers(0, 1023), max_size=30), st.data())
def test_sets_of_digits_tell_who_is_between_two_numbers(numbers, data):
    ids = numpy.array(sorted(numbers), dtype=numpy.int64)
    values = numpy.array([numbers[each] for each in ids.tolist()], dtype=numpy.int64)
    slices, everyone = bit_slices.slices_of(ids, values, 10), BitMap([*numbers, 4 << 20])
    wanted = numpy.zeros(1024, dtype=bool)
    for _ in range(data.draw(st.integers(0, 3))):
        low = data.draw(st.integers(0, 1023))
        wanted[low : data.draw(st.integers(low, 1024))] ^= True
    by_hand = {each for each in everyone if wanted[numbers.get(each, 0)]}
    assert set(bit_slices.among(slices, wanted, everyone)) == by_hand
    for bound in (-1, 0, 1, 512, 1023, 1024, 9999):
        assert set(bit_slices.at_least(slices, bound, everyone)) == {
            each for each in everyone if numbers.get(each, 0) >= bound
        }
