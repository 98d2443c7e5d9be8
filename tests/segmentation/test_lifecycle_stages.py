"""Stages by columns are the stages by hand, for every life, at every moment, alone and in the crowd."""

import json
import re
from datetime import timedelta
from pathlib import Path

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation import lifecycle_stages, past_facts, repurchase
from segmentation.facts import clock
from segmentation.lifecycle_stages import PRIORITIES, STAGES, Definition
from segmentation.repurchase import Learning
from tests.segmentation import lives
from tests.segmentation.lives import CATEGORIES, NOW, TODAY, TYPES, Life, Order

CASES = json.loads((Path(__file__).parents[1] / "cases/lifecycle.json").read_text())
USUAL = Definition(15, ("favourite", "cart"), 30, 2, 60, 180, ("interested", "new", "repurchase"), 0, 100, {})
INSTANT = timedelta(microseconds=1)


def ago(text: str) -> timedelta:
    """Read "30d", "30d+1us" (longer ago) or "30d-1us"."""
    days, instants = re.fullmatch(r"(\d+)d([+-]1us)?", text).groups()
    return timedelta(days=int(days)) + {"+1us": INSTANT, "-1us": -INSTANT, None: timedelta()}[instants]


def life_of(case: dict, number: int = 1) -> Life:
    orders = [Order(NOW - ago(each[0]), categories=tuple(each[1:])) for each in case.get("orders", [])]
    events = [(NOW - ago(when), kind) for kind, when in case.get("events", [])]
    return Life(number, orders, events)


def definition_of(case: dict) -> Definition:
    told = {"cycles": {}} | case.get("settings", {})
    told = {name: tuple(each) if isinstance(each, list) else each for name, each in told.items()}
    return Definition(**(lifecycle_stages.as_json(USUAL) | {"priority": USUAL.priority} | told))


def staged(people: list[Life], means: Definition, now=NOW) -> dict[int, str]:
    moment = clock.moment(now)
    found = lifecycle_stages.stages(anchors_of(people, means, moment), means, moment)
    return dict(zip(sorted(each.id for each in people), [STAGES[each] for each in found], strict=True))


def tallied(people: list[Life], since: int | None = None):
    bought = past_facts.bought_by(*lives.tables(people)[1:3], past_facts.NOT_YET)
    return repurchase.tally(bought, past_facts.runs_of_categories(bought), since)


def anchors_of(people, means, moment):
    who, orders, items, events = lives.tables(people)
    bought = past_facts.bought_by(orders, items, moment)
    interests = past_facts.done_by(events, means.interested_events, moment)
    return lifecycle_stages.anchors_of(
        lifecycle_stages.traces_of(who.member, bought, past_facts.runs_of_categories(bought), interests), means
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_life_is_in_the_stage_that_the_table_says(case):
    life, means = life_of(case), definition_of(case)
    assert staged([life], means) == {1: case["stage"]}
    assert lives.stage_of(life, means, NOW) == case["stage"]


BORDERS = [0, 1, 15, 20, 30, 40, 60, 180, 730, 731]
moments = st.one_of(
    st.sampled_from(BORDERS).flatmap(
        lambda days: st.sampled_from([-1, 0, 1]).map(lambda off: NOW - timedelta(days=days) + off * INSTANT)
    ),
    st.integers(-3 * 24, 24 * 900).map(lambda hours: NOW - timedelta(hours=hours)),
)
orders = st.builds(
    Order,
    at=moments,
    cents=st.integers(0, 5000),
    categories=st.lists(st.sampled_from(CATEGORIES), max_size=2, unique=True).map(tuple),
)
people = st.lists(
    st.builds(
        Life,
        id=st.integers(1, 10**6),
        orders=st.lists(orders, max_size=6),
        events=st.lists(st.tuples(moments, st.sampled_from(TYPES)), max_size=4),
        joined_at=st.none() | moments,
    ),
    max_size=8,
    unique_by=lambda life: life.id,
)
definitions = st.builds(
    Definition,
    interested_days=st.sampled_from([1, 15, 30]),
    interested_events=st.sampled_from([("favourite", "cart"), ("review",), ("nothing",)]),
    new_days=st.sampled_from([15, 30]),
    new_years=st.sampled_from([1, 2]),
    active_days=st.sampled_from([15, 60]),
    sleeping_days=st.sampled_from([61, 180]),
    priority=st.sampled_from(PRIORITIES).map(lambda text: tuple(text.split(","))),
    due_from=st.sampled_from([0, 50, 100]),
    due_until=st.sampled_from([100, 150]),
    cycles=st.dictionaries(st.sampled_from([*CATEGORIES, "unknown"]), st.sampled_from([1, 20, 30, 40])),
)


@settings(max_examples=400, deadline=None)
@given(people, definitions)
def test_stages_by_columns_are_the_stages_by_hand(crowd, means):
    found = staged(crowd, means)
    assert found == {life.id: lives.stage_of(life, means, NOW) for life in crowd}
    for life in crowd:
        assert staged([life], means) == {life.id: found[life.id]}


@settings(max_examples=200, deadline=None)
@given(people, definitions, st.integers(0, 48 * 60))
def test_what_time_alone_will_change_is_known_beforehand(crowd, means, minutes):
    moment, later = clock.moment(NOW), NOW + timedelta(minutes=minutes)
    known = [life.until(NOW) for life in crowd]
    changes = lifecycle_stages.changes(anchors_of(known, means, moment), means, moment, moment + 2 * past_facts.DAY)
    found = staged(known, means)
    for at, member, stage in zip(
        *(column.tolist() for column in (changes.moment, changes.ids, changes.stage)), strict=True
    ):
        if at <= clock.moment(later):
            found[member] = STAGES[stage]
    assert found == {life.id: lives.stage_of(life, means, later) for life in known}


@settings(max_examples=150, deadline=None)
@given(people, st.sampled_from([0, 400]), st.integers(0, 3))
def test_cycles_by_columns_are_the_cycles_by_hand(crowd, since_days, fewest):
    since = TODAY - since_days if since_days else None
    found = {each.category: each for each in repurchase.cycles(tallied(crowd, since), Learning(fewest, 50, {}, {}))}
    for category in CATEGORIES:
        gaps, buyers, again = lives.gaps_of(crowd, category, -(10**9) if since is None else since)
        cycle = found.get(category)
        assert (cycle is None) == (buyers == 0)
        if cycle:
            assert (cycle.gaps, cycle.buyers, cycle.repeaters) == (len(gaps), buyers, again)
            known = len(gaps) >= max(fewest, 1)
            assert cycle.learned == (gaps[(len(gaps) + 1) // 2 - 1] if known else None)
            assert cycle.high == (known and 2 * again >= buyers)


def test_the_tallies_of_parts_add_up():
    crowd = [
        Life(n, [Order(NOW - timedelta(days=d), categories=("milk",)) for d in (0, n, 3 * n)]) for n in range(1, 9)
    ]
    whole = tallied(crowd)
    parts = [tallied(half) for half in (crowd[:3], crowd[3:])]
    together = repurchase.together(parts)
    assert numpy.array_equal(together["milk"].gaps, whole["milk"].gaps)
    assert (together["milk"].buyers, together["milk"].repeaters) == (8, 8)


def test_a_cycle_by_hand_takes_the_place_of_the_learned_one_and_a_choice_that_of_the_share():
    crowd = [Life(1, [Order(NOW - timedelta(days=d), categories=("milk", "tea")) for d in (0, 10, 20)])]
    counted = tallied(crowd)
    learning = Learning(2, 100, {"milk": 7, "soap": 90}, {"tea": False, "soap": True})
    found = {each.category: (each.days, each.high) for each in repurchase.cycles(counted, learning)}
    assert found == {"milk": (7, True), "tea": (10, False), "soap": (90, True)}


def test_a_definition_survives_being_stored():
    stored = json.loads(json.dumps(lifecycle_stages.as_json(USUAL)))
    assert lifecycle_stages.from_json(stored) == USUAL
