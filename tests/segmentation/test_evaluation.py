"""Members by SQL are the members by hand, for everyone and for any few."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as hypothesis_seed
from hypothesis import strategies as st

from segmentation import rules, sources, world
from segmentation.catalogue import resolve
from segmentation.counting import estimate
from segmentation.evaluation import members_of
from tests.segmentation import oracle, people, rule_strategies

pytestmark = pytest.mark.django_db


CLOCKS = {"Shanghai": people.SHANGHAI, "Berlin": people.BERLIN}


@pytest.fixture(params=CLOCKS)
def clock(request, settings):
    """A site whose clocks are never moved, and one on the day on which they are."""
    settings.TIME_ZONE = str(CLOCKS[request.param].zone)
    return CLOCKS[request.param]


def written(seed: int, clock: people.Clock) -> list[people.Person]:
    shop = people.invent(seed, clock=clock, erased=3)
    people.write(shop, clock=clock)
    return shop


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_members_of_a_rule_are_the_members_by_hand_in_full_and_of_any_few(seed, clock):
    shop = written(seed, clock)
    ids = [person.id for person in shop]
    all_of_them, known = world.everyone(now=clock.now), sources.catalogue()

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @hypothesis_seed(seed)
    @given(rule_strategies.rules(clock), st.sets(st.sampled_from(ids), max_size=5))
    def agree(rule_json, few_ids):
        rule = resolve(rules.parse(rule_json), known)
        by_hand = oracle.admitted(rule_json, shop, clock)
        assert set(members_of(rule, all_of_them)) == by_hand
        assert set(members_of(rule, all_of_them.narrowed(few_ids))) == by_hand & few_ids

    agree()


@pytest.mark.parametrize("seed", [7, 8])
def test_every_clause_of_every_field_and_operator_agrees(seed, clock):
    shop = written(seed, clock)
    all_of_them, known = world.everyone(now=clock.now), sources.catalogue()
    seen = set()

    @settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @hypothesis_seed(seed)
    @given(rule_strategies.leaves(clock))
    def agree(leaf):
        seen.add((leaf["field"], leaf["operator"]))
        rule = resolve(rules.parse({"version": 1, "combinator": "and", "rules": [leaf]}), known)
        assert set(members_of(rule, all_of_them)) == oracle.admitted(leaf, shop, clock)

    agree()
    assert len(seen) > 150


def test_an_estimate_counts_the_members():
    shop = people.invent(5)
    people.write(shop)
    rule = {
        "version": 1,
        "combinator": "and",
        "rules": [{"field": "orders.count", "operator": "=", "value": 0, "window": {"last_days": 30}}],
    }
    by_hand = sum(1 for person in shop if oracle.admits(rule, person))
    assert estimate(rule, now=people.NOW) == by_hand > 0
