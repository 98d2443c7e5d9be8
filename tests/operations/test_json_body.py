"""How large and how deep a body may be, and bodies that are not what they say."""

import json
from http import HTTPStatus
from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from members.api import FactsParser
from operations.api_keys import create_api_key
from operations.json_body import BODY_LIMIT, DEEPEST, LARGE_LIMIT
from segmentation.rules import DEEPEST as DEEPEST_RULE
from tests.operations.test_api_errors import EchoView, post

EVERYONE = {"field": "orders.count", "operator": ">=", "value": 0}


class BulkEcho(EchoView):
    parser_classes = [FactsParser]


def nested(depth, innermost=1):
    return b'{"a": ' * depth + json.dumps(innermost).encode() + b"}" * depth


def text_of(length):
    """A JSON text of so many bytes."""
    return b'"' + b"a" * (length - 2) + b'"'


@pytest.mark.parametrize(("view", "limit", "words"), [(EchoView, BODY_LIMIT, "1 MB"), (BulkEcho, LARGE_LIMIT, "16 MB")])
def test_a_body_may_be_as_large_as_said_and_the_refusal_names_the_limit(view, limit, words):
    assert post(text_of(limit), view).status_code == HTTPStatus.OK
    refused = post(text_of(limit + 1), view)
    assert (refused.status_code, refused.data["code"]) == (413, "body_too_large")
    assert words in refused.data["message"]


def test_a_body_may_be_nested_as_deep_as_said_and_the_refusal_names_the_limit():
    assert post(nested(DEEPEST)).status_code == HTTPStatus.OK
    refused = post(nested(DEEPEST + 1))
    assert (refused.status_code, refused.data["code"]) == (400, "too_deep")
    assert str(DEEPEST) in refused.data["message"]


@pytest.mark.parametrize("body", [b"[" * 200_000, b"[" * 200_000 + b"]" * 200_000, nested(5_000)], ids=len)
def test_no_depth_exhausts_the_reader(body):
    assert post(body).data["code"] == "too_deep"
    assert post(body, BulkEcho).data["code"] == "too_deep"


def test_many_brackets_side_by_side_or_in_texts_are_not_deep():
    for said in ([[]] * 10_000, "[" * 10_000, {"a": "{" * 100, "b": [{"c": "]"}]}):
        assert post(json.dumps(said).encode()).status_code == HTTPStatus.OK


def rule(groups):
    """A rule of so many groups, each in the one before."""
    inner = EVERYONE
    for _group in range(groups):
        inner = {"combinator": "and", "rules": [inner]}
    return inner | {"version": 1}


@pytest.mark.django_db
def test_a_rule_that_is_too_deep_is_told_so_by_its_path(client):
    _key, plain, _secret = create_api_key("shop", ["eligibility"])

    def estimate(groups):
        return client.post(
            "/api/v1/segments/estimate/",
            {"rule": rule(groups)},
            content_type="application/json",
            headers={"Authorization": f"Api-Key {plain}"},
        )

    assert estimate(DEEPEST_RULE).status_code == HTTPStatus.OK
    refused = estimate(DEEPEST_RULE + 1).json()
    assert refused["code"] == "bad_rule"
    assert list(refused["fields"].values()) == ["too_deep"]
    assert estimate(50).json()["code"] == "too_deep"


@pytest.mark.parametrize(
    ("announced", "came"), [(20, {"uid": "ann"}), (14, {"uid": "ann"}), (21, "body_incomplete"), (5, "malformed_json")]
)
def test_a_body_that_is_not_as_long_as_announced_is_not_read_as_one_that_is(announced, came):
    body = b'{"uid": "ann"}      '
    environ = RequestFactory()._base_environ(
        REQUEST_METHOD="POST",
        CONTENT_TYPE="application/json",
        **{"CONTENT_LENGTH": str(announced), "wsgi.input": BytesIO(body)},
    )
    response = EchoView.as_view()(WSGIRequest(environ))
    assert response.data.get("code", response.data) == came


@pytest.mark.parametrize("length", ["abc", "-5", "", "1,2", "٣"])
def test_a_length_that_is_none_is_no_fault_of_ours(length):
    request = RequestFactory().post("/", b"{}", content_type="application/json")
    request.META["CONTENT_LENGTH"] = length
    assert EchoView.as_view()(request).status_code < 500


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Encoding": "gzip"}, 415, "encoding_not_supported"),
        ({"Content-Encoding": "br, identity"}, 415, "encoding_not_supported"),
        ({"Content-Encoding": "Identity"}, 401, "not_authenticated"),
        ({"Transfer-Encoding": "chunked"}, 411, "length_required"),
    ],
)
def test_a_body_that_would_not_be_read_as_it_was_meant_is_refused(client, headers, status, code):
    extra = {"CONTENT_LENGTH": ""} if status == 411 else {}
    answer = client.post("/api/v1/members/bulk/", [], content_type="application/json", headers=headers, **extra)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == {"code", "message", "fields"}


def test_pages_that_are_not_of_the_api_are_left_alone(client):
    assert client.get("/healthz", headers={"Content-Encoding": "gzip"}).status_code == HTTPStatus.OK
