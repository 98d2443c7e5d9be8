"""The published JSON Schema says of a rule what the parser says of it, as far as a schema can."""

import json
from copy import deepcopy
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from operations.api_keys import create_api_key
from segmentation import fields, rules
from segmentation.rule_errors import RuleError
from segmentation.rule_schema import rule_schema
from tests.segmentation import rule_strategies
from tests.segmentation.test_rules import REFUSED, nested, whole

SCHEMA = rule_schema()
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
# What a schema cannot compare, count over all groups, or tell of a float.
BEYOND_A_SCHEMA = {"ends_before_start", "too_long"}
LEAF = {"field": "level", "operator": "is_null"}
WRONG = [None, True, 3, 2.5, -1, "", "x", "2026-13-01", [], [3], ["x", 3], {}, {"last_days": 0}, {"x": ["y"]}, "a\x00b"]


def parses(rule: object) -> bool:
    try:
        rules.parse(rule)
    except RuleError as error:
        if error.code in BEYOND_A_SCHEMA:
            return VALIDATOR.is_valid(rule)
        return False
    return True


def test_it_is_a_schema_of_2020_12():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(rule_strategies.rules())
def test_a_rule_that_is_read_fits_the_schema(rule):
    rules.parse(rule)
    VALIDATOR.validate(rule)


@pytest.mark.parametrize(
    "case", [case for case in REFUSED if case["code"] not in BEYOND_A_SCHEMA], ids=lambda case: case["case"]
)
def test_a_rule_that_is_refused_does_not_fit(case):
    rule = case["rule"] if "rule" in case else whole(case["leaf"])
    # Half a character and a number that is not one are no JSON at all.
    if "\\ud800" not in repr(rule) and "nan" not in repr(rule):
        assert not VALIDATOR.is_valid(rule)


@settings(max_examples=800, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(rule_strategies.leaves(), st.sampled_from(["field", "operator", "value", "where", "window", "id"]), st.data())
def test_a_clause_that_was_spoiled_is_refused_by_both_or_by_none(leaf, key, data):
    spoiled = deepcopy(leaf)
    if data.draw(st.booleans()):
        spoiled.pop(key, None)
    else:
        spoiled[key] = data.draw(
            st.sampled_from([*WRONG, *fields.OPERATORS[fields.Kind.INTEGER], *rule_strategies.KINDS])
        )
    assert VALIDATOR.is_valid(whole(spoiled)) == parses(whole(spoiled))


def test_groups_nest_as_deep_as_the_parser_lets_them():
    assert VALIDATOR.is_valid(nested(rules.DEEPEST))
    assert not VALIDATOR.is_valid(nested(rules.DEEPEST + 1))


def test_every_family_says_how_its_fields_are_spelled():
    assert fields.SHAPES.keys() == fields.FAMILIES.keys()
    for prefix, shapes in fields.SHAPES.items():
        for shape in shapes:
            assert fields.spec_of(".".join((prefix, *shape))), (prefix, shape)


@pytest.mark.django_db
def test_the_api_and_the_command_publish_it():
    _, plain, _ = create_api_key("shop", ["eligibility"])
    client = APIClient(headers={"Authorization": f"Api-Key {plain}"})
    assert client.get("/api/v1/segments/rule-schema/").json() == SCHEMA
    assert APIClient().get("/api/v1/segments/rule-schema/").status_code == 401
    out = StringIO()
    call_command("rule_schema", stdout=out)
    assert json.loads(out.getvalue()) == SCHEMA
