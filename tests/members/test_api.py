"""Facts in by HTTP, one member out."""

import json

import pytest
from rest_framework.test import APIClient

from members.ingest import ingest_members
from members.models import Member, Order
from members.rows import MemberRow
from operations.api_keys import create_api_key
from tests.members.shop import NOW

pytestmark = pytest.mark.django_db
GOOD = {"order_id": "o1", "uid": "u1", "paid_at": "2026-01-01T12:00:00Z", "amount": "10.00"}


def client_with(*scopes):
    _, plain, _ = create_api_key("shop", scopes)
    return APIClient(headers={"Authorization": f"Api-Key {plain}", "Accept-Language": "en"})


@pytest.fixture
def client():
    return client_with("facts", "eligibility")


def post(client, what, body):
    data = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(f"/api/v1/{what}/bulk/", data, content_type="application/json")


def test_good_rows_are_kept_and_bad_ones_come_back_with_their_index(client):
    answer = post(client, "orders", [GOOD, GOOD | {"order_id": "o2", "amount": "-1"}, GOOD | {"order_id": "o3"}])
    assert answer.status_code == 200
    assert answer.json() == {
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "rejected": [{"index": 1, "code": "negative", "column": "amount", "message": "amount: “-1” is negative."}],
    }


@pytest.mark.parametrize("number", [b"NaN", b"-Infinity", b"1e999"])
def test_a_number_that_is_not_finite_costs_its_row_only(client, number):
    bad = json.dumps(GOOD | {"order_id": "o2"}).encode().replace(b'"10.00"', number)
    answer = post(client, "orders", b"[" + json.dumps(GOOD).encode() + b"," + bad + b"]")
    assert answer.json()["created"] == 1
    assert [(row["index"], row["code"]) for row in answer.json()["rejected"]] == [(1, "not_finite")]


def test_a_field_named_by_half_a_character_costs_its_row_only(client):
    answer = post(client, "orders", [GOOD, GOOD | {"\ud800": 1}])
    assert answer.status_code == 200
    assert answer.json()["created"] == 1
    assert [(row["index"], row["code"], row["column"]) for row in answer.json()["rejected"]] == [
        (1, "unknown_column", "\\ud800")
    ]


def test_repeating_a_request_changes_nothing(client):
    post(client, "orders", [GOOD])
    assert post(client, "orders", [GOOD]).json() == {"created": 0, "updated": 0, "unchanged": 1, "rejected": []}


def test_items_and_members_come_in_too(client):
    assert post(client, "members", [{"uid": "u1", "name": "王芳"}]).json()["created"] == 1
    post(client, "orders", [GOOD])
    items = [{"order_id": "o1", "line": 1, "sku": "A"}, {"order_id": "o9", "line": 1, "sku": "A"}]
    answer = post(client, "order_items", items).json()
    assert answer["created"] == 1
    assert [(row["index"], row["code"]) for row in answer["rejected"]] == [(1, "unknown_order")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "not_a_list"),
        ("orders", "not_a_list"),
        (None, "not_a_list"),
        ([GOOD, 5], "not_an_object"),
        ([GOOD] * 5_001, "too_many_rows"),
        (b"[{", "malformed_json"),
        (b"\xff", "malformed_json"),
    ],
)
def test_a_body_of_the_wrong_shape_is_one_clear_error(client, body, code):
    answer = post(client, "orders", body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Order.objects.exists()


def test_five_thousand_rows_are_taken(client):
    rows = [GOOD | {"order_id": f"o{number}", "uid": f"u{number % 50}"} for number in range(5_000)]
    assert post(client, "orders", rows).json()["created"] == 5_000


@pytest.mark.parametrize("scope", ["eligibility", "play"])
def test_facts_need_their_scope(scope):
    assert post(client_with(scope), "orders", [GOOD]).status_code == 403
    assert post(APIClient(), "orders", [GOOD]).status_code in {401, 403}
    assert not Order.objects.exists()


def test_a_member_is_shown_with_totals_and_without_their_whole_phone(client):
    ingest_members([MemberRow("u1", name="王芳", phone="13812345678", email="fang@example.com")], now=NOW)
    post(client, "orders", [GOOD, GOOD | {"order_id": "o2", "amount": "2.50"}])
    shown = client.get("/api/v1/members/u1/").json()
    assert (shown["name"], shown["phone"], shown["email"]) == ("王芳", "138******78", "f***@example.com")
    assert (shown["orders"]["count"], shown["orders"]["amount"]) == (2, "12.50")
    assert shown["orders"]["last_paid_at"] == "2026-01-01T12:00:00Z"


def test_a_member_without_orders_has_totals_of_nothing(client):
    Member.objects.create(uid="u1")
    assert client.get("/api/v1/members/u1/").json()["orders"] == {
        "count": 0,
        "amount": "0.00",
        "quantity": 0,
        "first_paid_at": None,
        "last_paid_at": None,
    }


@pytest.mark.parametrize("uid", ["nobody", "%00", "%ED%A0%80"])
def test_an_unknown_member_is_not_found(client, uid):
    assert client.get(f"/api/v1/members/{uid}/").status_code == 404
