"""What a rule may say, and the place and name of every fault."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from segmentation import rules
from segmentation.catalogue import Catalogue, resolve
from segmentation.fields import Kind
from segmentation.rule_errors import RuleError
from segmentation.rules import All, Leaf, Not, Window

REFUSED = json.loads((Path(__file__).parent.parent / "cases" / "rules_refused.json").read_text())
CATALOGUE = Catalogue(
    names={
        "level": frozenset({"new"}),
        "tag_group": frozenset({"power"}),
        "tag.power": frozenset({"high"}),
        "attribute": frozenset({"visits", "size", "since"}),
        "attribute.size": frozenset({"s"}),
        "segment": frozenset({"a"}),
        "rfm_model": frozenset({"default"}),
        "rfm_class": frozenset({"important_value"}),
    },
    attributes={"visits": Kind.DECIMAL, "size": Kind.KEY, "since": Kind.DATE},
)


def whole(*leaves: object) -> dict:
    return {"version": 1, "combinator": "and", "rules": list(leaves)}


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["case"])
def test_a_fault_is_named_with_its_path(case):
    rule = case["rule"] if "rule" in case else whole(case["leaf"])
    with pytest.raises(RuleError) as refused:
        rules.parse(rule)
    assert (refused.value.path, refused.value.code) == (case["path"], case["code"])


def test_a_rule_is_read_into_its_parts():
    leaf = {
        "field": "orders.amount.sum",
        "operator": "between",
        "value": ["100", 500],
        "where": {"category": ["milk"]},
        "window": {"from": "2026-01-01", "to": "2026-07-01"},
    }
    read = rules.parse(whole({"combinator": "or", "not": True, "rules": [leaf]}))
    expected = Leaf(
        field="orders.amount.sum",
        operator="between",
        value=(Decimal(100), Decimal(500)),
        spec=read.rules[0].rule.rules[0].spec,
        where=(("category", ("milk",)),),
        window=Window(start=date(2026, 1, 1), end=date(2026, 7, 1)),
    )
    assert read == All((Not(rules.Any((expected,))),))
    assert next(rules.leaves(read)).path == "rules[0].rules[0]"


def test_a_window_may_be_open_at_one_end():
    leaf = {"field": "orders.count", "operator": "=", "value": 1, "window": {"to": "2026-07-01"}}
    assert next(rules.leaves(rules.parse(whole(leaf)))).window == Window(end=date(2026, 7, 1))


def nested(depth: int) -> dict:
    rule: dict = {"field": "level", "operator": "is_null"}
    for _ in range(depth):
        rule = {"combinator": "and", "rules": [rule]}
    return {"version": 1} | rule


def test_groups_nest_ten_deep_and_no_deeper():
    rules.parse(nested(10))
    with pytest.raises(RuleError) as refused:
        rules.parse(nested(11))
    assert (refused.value.path, refused.value.code) == (".".join(["rules[0]"] * 10), "too_deep")


def test_a_rule_holds_two_hundred_clauses_and_no_more():
    leaf = {"field": "level", "operator": "is_null"}
    rules.parse(whole(*[leaf] * 200))
    with pytest.raises(RuleError, match="at most 200"):
        rules.parse(whole(*[{"combinator": "or", "rules": [leaf] * 101}] * 2))


def test_a_list_holds_a_thousand_values_and_no_more():
    rules.parse(whole({"field": "profile.uid", "operator": "in", "value": ["u"] * 1000}))
    with pytest.raises(RuleError) as refused:
        rules.parse(whole({"field": "profile.uid", "operator": "in", "value": ["u"] * 1001}))
    assert (refused.value.path, refused.value.code) == ("rules[0].value", "too_long")


@pytest.mark.parametrize(
    ("leaf", "path"),
    [
        ({"field": "level", "operator": "in", "value": ["new", "gone"]}, "rules[0].value"),
        ({"field": "tag.gone", "operator": "=", "value": "high"}, "rules[0].field"),
        ({"field": "tag.power", "operator": "=", "value": "gone"}, "rules[0].value"),
        ({"field": "attribute.gone", "operator": "is_null"}, "rules[0].field"),
        ({"field": "attribute.size", "operator": "=", "value": "xl"}, "rules[0].value"),
        ({"field": "segment", "operator": "in", "value": ["gone"]}, "rules[0].value"),
        ({"field": "rfm.gone.r", "operator": "=", "value": 1}, "rules[0].field"),
        ({"field": "rfm.default.class", "operator": "=", "value": "gone"}, "rules[0].value"),
    ],
)
def test_a_name_that_does_not_exist_is_refused(leaf, path):
    rule = rules.parse(whole(leaf))
    with pytest.raises(RuleError) as refused:
        resolve(rule, CATALOGUE)
    assert (refused.value.path, refused.value.code) == (path, "unknown_name")


@pytest.mark.parametrize(
    ("leaf", "path", "code"),
    [
        ({"field": "attribute.visits", "operator": "=", "value": True}, "rules[0].value", "wrong_type"),
        ({"field": "attribute.visits", "operator": "contains", "value": "3"}, "rules[0].operator", "unknown_operator"),
        ({"field": "attribute.since", "operator": "<", "value": "soon"}, "rules[0].value", "wrong_type"),
        ({"field": "attribute.size", "operator": "<", "value": "s"}, "rules[0].operator", "unknown_operator"),
    ],
)
def test_an_attribute_is_typed_by_its_declaration(leaf, path, code):
    rule = rules.parse(whole(leaf))
    with pytest.raises(RuleError) as refused:
        resolve(rule, CATALOGUE)
    assert (refused.value.path, refused.value.code) == (path, code)


def test_the_value_of_a_number_attribute_becomes_a_number():
    rule = rules.parse(whole({"field": "attribute.visits", "operator": "between", "value": ["9", "10"]}))
    assert next(rules.leaves(resolve(rule, CATALOGUE))).value == (Decimal(9), Decimal(10))


def test_half_a_character_in_a_key_does_not_break_the_message():
    with pytest.raises(RuleError) as refused:
        rules.parse(whole({"field": "level", "operator": "is_null", "\ud800": 1}))
    assert refused.value.message.encode()
