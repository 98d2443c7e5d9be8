"""Members by SQL are the members by hand, for everyone and for any few."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentation import world
from segmentation.counting import estimate, read_rule
from segmentation.evaluation import members_of
from tests.segmentation import oracle, people, rule_strategies

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", [1, 2])
def test_members_by_sql_are_the_members_by_hand(seed):
    shop = people.invent(seed)
    people.write(shop)
    ids = [person.id for person in shop]
    all_of_them = world.everyone(now=people.NOW)

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(rule_strategies.rules(), st.sets(st.sampled_from(ids), max_size=5))
    def agree(rule_json, few_ids):
        rule = read_rule(rule_json)
        by_hand = {person.id for person in shop if oracle.admits(rule_json, person)}
        in_full = members_of(rule, all_of_them)
        assert set(in_full) == by_hand
        few = world.only(few_ids, now=people.NOW)
        assert set(members_of(rule, few)) == by_hand & few_ids

    agree()


def test_every_clause_of_every_field_and_operator_agrees():
    shop = people.invent(7)
    people.write(shop)
    all_of_them = world.everyone(now=people.NOW)
    seen = set()

    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(rule_strategies.leaves())
    def agree(leaf):
        seen.add((leaf["field"], leaf["operator"]))
        rule = read_rule({"version": 1, "combinator": "and", "rules": [leaf]})
        by_hand = {person.id for person in shop if oracle.admits(leaf, person)}
        assert set(members_of(rule, all_of_them)) == by_hand

    agree()
    assert len(seen) > 120


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
