"""The difference between two rules: nothing where they say the same, each change once where they do not."""

import random

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation import rules
from segmentation.change_words import change_words
from segmentation.naming import Names
from segmentation.rule_diff import Added, Changed, Group, Joint, Moved, Rejoined, Removed, _group, canonical, difference
from tests.segmentation import rule_strategies

ORDERS = {"field": "orders.count", "operator": ">=", "value": 3}
LEVEL = {"field": "level", "operator": "in", "value": ["growth", "paid"]}
AGE = {"field": "profile.age", "operator": "<", "value": 30}
CITY = {"field": "attribute.city", "operator": "=", "value": "Suzhou"}
NAMES = Names({"level": {"growth": "Growth", "paid": "Plus", "gold": "Gold"}})


def whole(*parts: dict, combinator: str = "and", **more: object) -> dict:
    return {"version": 1, "combinator": combinator, "rules": list(parts)} | more


def group(*parts: dict, combinator: str = "or", **more: object) -> dict:
    return {"combinator": combinator, "rules": list(parts)} | more


def changes(before: dict, after: dict):
    return difference(rules.parse(before), rules.parse(after))


def told(before: dict, after: dict) -> list[tuple[str, str]]:
    with translation.override("en"):
        found = [change_words(each, NAMES) for each in changes(before, after)]
        return [(each.kind, each.words) for each in found]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (whole(ORDERS), whole(ORDERS | {"value": 5}), [("changed", "orders: ≥ 3 → ≥ 5")]),
        (whole(ORDERS), whole(ORDERS | {"operator": "="}), [("changed", "orders: ≥ 3 → = 3")]),
        (
            whole(ORDERS | {"window": {"last_days": 30}}),
            whole(ORDERS | {"window": {"last_days": 90}}),
            [
                (
                    "changed",
                    "at least 3 orders in the last 30 days → at least 3 orders in the last 90 days",
                )
            ],
        ),
        (
            whole(LEVEL),
            whole(LEVEL | {"value": ["growth", "gold"]}),
            [("changed", "level: Growth or Plus → Growth or Gold")],
        ),
        (whole(LEVEL), whole(LEVEL, AGE), [("added", "age is less than 30")]),
        (whole(LEVEL, AGE), whole(LEVEL), [("removed", "age is less than 30")]),
        (whole(LEVEL), whole(AGE), [("removed", "level is Growth or Plus"), ("added", "age is less than 30")]),
        (
            whole(LEVEL, AGE),
            whole(LEVEL, AGE, combinator="or"),
            [("changed", "All of these hold → At least one of these holds")],
        ),
        (
            whole(LEVEL, AGE),
            whole(LEVEL, AGE, **{"not": True}),
            [("changed", "All of these hold → Not all of these hold")],
        ),
        (
            whole(LEVEL),
            whole(LEVEL, group(AGE, CITY)),
            [("added", "At least one of these holds: age is less than 30; attribute city is Suzhou")],
        ),
        (
            whole(AGE, group(LEVEL, CITY)),
            whole(group(LEVEL, CITY, AGE)),
            [("moved", "age is less than 30, from “All of these hold” to “At least one of these holds”")],
        ),
        (
            whole(group(AGE, group(LEVEL, CITY, combinator="and")), ORDERS),
            whole(group(AGE), ORDERS, group(LEVEL, CITY, combinator="and")),
            [
                (
                    "moved",
                    "All of these hold, from “At least one of these holds” to “All of these hold”: "
                    "level is Growth or Plus; attribute city is Suzhou",
                )
            ],
        ),
        (
            whole(group(AGE, CITY), LEVEL),
            whole(LEVEL, group(AGE | {"value": 40}, CITY)),
            [("changed", "age: < 30 → < 40")],
        ),
    ],
)
def test_each_change_is_told_once(before, after, words):
    assert told(before, after) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (whole(LEVEL, AGE), whole(AGE, LEVEL)),
        (whole(LEVEL), whole(LEVEL | {"value": ["paid", "growth"]})),
        (whole(group(LEVEL, AGE), group(AGE, CITY)), whole(group(CITY, AGE), group(AGE, LEVEL))),
    ],
)
def test_order_says_nothing(one, other):
    assert changes(one, other) == []


def test_the_kinds_of_changes():
    before, after = whole(LEVEL, AGE, combinator="or"), whole(AGE | {"value": 1}, CITY)
    assert [type(each) for each in changes(before, after)] == [Rejoined, Changed, Removed, Added]
    assert isinstance(changes(whole(AGE, group(LEVEL, CITY)), whole(group(LEVEL, CITY, AGE)))[0], Moved)


def shuffled(node: dict, chance: random.Random) -> dict:
    """Return the same rule, its parts in another order."""
    if "rules" not in node:
        return node
    parts = [shuffled(each, chance) for each in node["rules"]]
    chance.shuffle(parts)
    return node | {"rules": parts}


@settings(max_examples=200, deadline=None)
@given(rule_strategies.rules(), st.randoms(use_true_random=False))
def test_nothing_changed_is_no_difference(rule, chance):
    assert changes(rule, rule) == []
    assert changes(rule, shuffled(rule, chance)) == []


@settings(max_examples=300, deadline=None)
@given(rule_strategies.rules(), rule_strategies.rules())
def test_there_is_a_difference_exactly_where_two_rules_say_different_things(one, other):
    before, after = rules.parse(one), rules.parse(other)
    same = canonical(_group(before)) == canonical(_group(after))
    found = difference(before, after)
    assert bool(found) is not same
    with translation.override("en"):
        assert all(change_words(each).words for each in found)


@settings(max_examples=300, deadline=None)
@given(rule_strategies.rules(), rule_strategies.rules())
def test_clauses_are_neither_lost_nor_told_twice(one, other):
    """What was there, less what went and with what came, is what is there now."""
    before, after = rules.parse(one), rules.parse(other)
    counted: list = [canonical(each) for each in rules.leaves(before)]
    for change in difference(before, after):
        match change:
            case Removed(node):
                for leaf in leaves_of(node):
                    counted.remove(canonical(leaf))
            case Changed(was, _):
                counted.remove(canonical(was))
    for change in difference(before, after):
        match change:
            case Added(node):
                counted += [canonical(leaf) for leaf in leaves_of(node)]
            case Changed(_, becomes):
                counted.append(canonical(becomes))
    wanted = [canonical(each) for each in rules.leaves(after)]
    assert sorted(map(repr, map(hash, counted))) == sorted(map(repr, map(hash, wanted)))


def leaves_of(node):
    return [leaf for each in node.parts for leaf in leaves_of(each)] if isinstance(node, Group) else [node]


def test_a_whole_rule_is_a_group_even_of_one():
    assert _group(rules.parse(whole(AGE, **{"not": True}))).joint is Joint.NOT_ALL
