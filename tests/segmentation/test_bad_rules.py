"""A bad rule is refused with its path by the form, by the API and by the command, and nothing is stored."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from operations.models import Job
from segmentation.models import Segment, SegmentVersion
from tests.segmentation.test_admin import post_segment
from tests.segmentation.test_api import client, post

pytestmark = pytest.mark.django_db
api = client
ORDERS = {"field": "orders.count", "operator": ">=", "value": 1}


def whole(*leaves: object) -> dict:
    return {"version": 1, "combinator": "and", "rules": list(leaves)}


BAD = {
    "unknown field": (
        whole({"field": "orders.colour", "operator": "=", "value": 1}),
        "rules[0].field",
        "unknown_field",
    ),
    "unknown name": (whole(ORDERS, {"field": "tag.gone", "operator": "is_null"}), "rules[1].field", "unknown_name"),
    "wrong type": (whole(ORDERS | {"value": "many"}), "rules[0].value", "wrong_type"),
    "empty list": (whole({"field": "profile.region", "operator": "in", "value": []}), "rules[0].value", "empty"),
    "empty group": (whole(ORDERS, {"combinator": "or", "rules": []}), "rules[1].rules", "empty"),
    "window that ends before it starts": (
        whole(ORDERS | {"window": {"from": "2026-07-01", "to": "2026-01-01"}}),
        "rules[0].window.to",
        "ends_before_start",
    ),
    "a segment that is not there": (
        whole({"field": "segment", "operator": "in", "value": ["buyers"]}),
        "rules[0].value",
        "unknown_name",
    ),
    "ten thousand clauses": (whole(*[ORDERS] * 10_000), "rules", "too_long"),
    "ten thousand clauses in groups": (
        whole(*[{"combinator": "or", "rules": [ORDERS] * 100}] * 100),
        "rules",
        "too_long",
    ),
}
EACH = pytest.mark.parametrize(("rule", "path", "code"), BAD.values(), ids=BAD)


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def nothing_is_stored() -> bool:
    return not (Segment.objects.exists() or SegmentVersion.objects.exists() or Job.objects.exists())


@EACH
def test_the_form_refuses_it(admin_client, rule, path, code):
    errors = post_segment(admin_client, rule).context["adminform"].form.errors["rule"]
    assert errors[0].startswith(f"{path}: ")
    assert nothing_is_stored()


@EACH
def test_the_api_refuses_it(api, rule, path, code):
    answer = post(api, "segments/estimate/", {"rule": rule})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_rule")
    assert answer.json()["fields"] == {f"rule.{path}": code}
    assert nothing_is_stored()


@EACH
def test_the_command_refuses_it(tmp_path, rule, path, code):
    file = tmp_path / "rule.json"
    file.write_text(json.dumps(rule))
    with translation.override("en"), pytest.raises(CommandError) as refused:
        call_command("estimate", str(file))
    assert path in str(refused.value)
    assert nothing_is_stored()


def test_a_segment_may_not_read_itself(admin_client):
    post_segment(admin_client, whole(ORDERS))
    itself = whole(ORDERS, {"combinator": "or", "rules": [{"field": "segment", "operator": "=", "value": "buyers"}]})
    errors = post_segment(admin_client, itself).context["adminform"].form.errors["rule"]
    assert errors == ["rules[1].rules[0].value: The segment would read itself: buyers → buyers."]
    assert Segment.objects.get().rule == whole(ORDERS)
    assert SegmentVersion.objects.count() == 1
