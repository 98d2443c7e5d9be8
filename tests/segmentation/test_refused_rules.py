"""A bad rule is answered with the place of its fault, wherever it is given, and nothing is stored."""

import json
import time

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from operations.api_keys import create_api_key
from segmentation import definitions
from segmentation.models import Segment, SegmentVersion
from segmentation.rule_errors import RuleError
from tests.campaigns import scenes
from tests.segmentation.test_rules import whole

pytestmark = pytest.mark.django_db
LEAF = {"field": "level", "operator": "is_null"}
COUNT = {"field": "orders.count", "operator": ">=", "value": 1}
DRAWS = {"field": "participation.draws.count", "operator": ">=", "value": 1}
GROUP = {"combinator": "or", "rules": [LEAF] * 100}

BAD = {
    "10,000 clauses in a row": (whole(*[LEAF] * 10_000), "rules", "too_long"),
    "10,000 clauses in groups": (whole(*[GROUP] * 100), "rules", "too_long"),
    "an empty list": (whole(LEAF | {"operator": "in", "value": []}), "rules[0].value", "empty"),
    "no clause": (whole(), "rules", "empty"),
    "a window that ends before it starts": (
        whole(COUNT | {"window": {"from": "2026-07-01", "to": "2026-01-01"}}),
        "rules[0].window.to",
        "ends_before_start",
    ),
    "a window with no last days": (
        whole(LEAF, COUNT | {"window": {"last_days": 0}}),
        "rules[1].window.last_days",
        "out_of_range",
    ),
    "a wrong type": (whole(COUNT | {"value": "one"}), "rules[0].value", "wrong_type"),
    "an unknown field": (whole(COUNT | {"field": "orders.weight"}), "rules[0].field", "unknown_field"),
    "an unknown operator": (whole(COUNT | {"operator": "like"}), "rules[0].operator", "unknown_operator"),
    "an unknown key": (whole(COUNT | {"where": {"colour": ["red"]}}), "rules[0].where.colour", "unknown_key"),
    "an unknown event key": (
        whole(COUNT | {"field": "events.count", "where": {"sku": ["a"]}}),
        "rules[0].where.sku",
        "unknown_key",
    ),
    "a balance in a window": (
        whole(COUNT | {"field": "points.points.balance", "window": {"last_days": 3}}),
        "rules[0].window",
        "unknown_key",
    ),
    "an unknown unit": (whole(COUNT | {"field": "points.gold.balance"}), "rules[0].field", "unknown_name"),
    "half a unit": (whole(COUNT | {"field": "points.points"}), "rules[0].field", "unknown_field"),
    "an unknown level": (whole(LEAF | {"operator": "=", "value": "gone"}), "rules[0].value", "unknown_name"),
    "an unknown campaign": (
        whole({"field": "participation.joined", "operator": "in", "value": ["gone"]}),
        "rules[0].value",
        "unknown_name",
    ),
    "an unknown campaign to draw in": (
        whole(LEAF, DRAWS | {"where": {"campaign": ["autumn", "gone"]}}),
        "rules[1].where.campaign[1]",
        "unknown_name",
    ),
    "an unknown task": (
        whole({"field": "participation.finished", "operator": "=", "value": "autumn.gone"}),
        "rules[0].value",
        "unknown_name",
    ),
    "an unknown chain": (
        whole({"field": "participation.chains", "operator": "=", "value": "autumn.check-in"}),
        "rules[0].value",
        "unknown_name",
    ),
    "itself": (whole({"field": "segment", "operator": "in", "value": ["own"]}), "rules[0].value", "cycle"),
}


@pytest.fixture
def own():
    scenes.publish()
    return Segment.objects.create(slug="own", name="Own", rule=whole(LEAF))


@pytest.mark.parametrize("case", BAD)
def test_a_segment_does_not_take_it(case, own):
    rule, path, code = BAD[case]
    began = time.monotonic()
    with pytest.raises(RuleError) as refused:
        definitions.check_rule(rule, slug="own")
    assert (refused.value.path, refused.value.code) == (path, code)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("case", [case for case in BAD if case != "itself"])
def test_the_api_says_where_the_fault_is_and_stores_nothing(case, own):
    rule, path, code = BAD[case]
    _, plain, _ = create_api_key("shop", ["eligibility"])
    client = APIClient(headers={"Authorization": f"Api-Key {plain}", "Accept-Language": "en"})
    answer = client.post("/api/v1/segments/estimate/", {"rule": rule}, format="json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_rule"
    assert answer.json()["fields"] == {f"rule.{path}": code}
    assert Segment.objects.get().rule == whole(LEAF)
    assert not SegmentVersion.objects.exists()


def test_a_rule_nested_beyond_all_sense_is_no_server_error(own):
    _, plain, _ = create_api_key("shop", ["eligibility"])
    client = APIClient(headers={"Authorization": f"Api-Key {plain}"}, raise_request_exception=False)
    body = '{"rule": ' + '{"combinator": "and", "rules": [' * 5_000 + "]}" * 5_000 + "}"
    answer = client.post("/api/v1/segments/estimate/", body, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("case", ["an unknown unit", "an empty list"])
def test_the_command_says_it_too(case, own, tmp_path):
    rule, path, _ = BAD[case]
    file = tmp_path / "rule.json"
    file.write_text(json.dumps(rule))
    with pytest.raises(CommandError) as refused:
        call_command("estimate", str(file))
    assert path in str(refused.value)
