"""What a client tries that knows the API well: another's keys, methods, fields that are ours, bodies of two minds."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from members.models import Member
from operations.api_keys import create_api_key
from operations.models import IdempotencyKey
from rewards import ledger
from rewards.models import MallOrder
from tests.campaigns.scenes import make_member
from tests.rewards.mall_shop import item

pytestmark = pytest.mark.django_db
ORDERS = "/api/v1/mall/items/mug/members/ann/orders/"
JSON = "application/json"


@pytest.fixture
def ann():
    ann = make_member("ann")
    item("mug", price=10)
    item("cup", price=10)
    ledger.post_entry(ann.pk, "points", amount=1_000, key="start", reason="test", now=timezone.now())
    return ann


def client(name="shop", *scopes):
    return Client(headers={"Authorization": f"Api-Key {create_api_key(name, scopes or ['play', 'facts'])[1]}"})


def order(api, address=ORDERS, body=b"{}", key="k1", content_type=JSON, **headers):
    return api.post(address, body, content_type=content_type, headers={"Idempotency-Key": key} | headers)


def test_one_clients_answer_is_nobody_elses(ann):
    mine, theirs = client("one"), client("two")
    first, other = order(mine), order(theirs)
    assert (first.status_code, other.status_code) == (201, 201)
    assert first.json()["order"] != other.json()["order"]
    assert "Idempotency-Replayed" not in other
    assert order(mine).content == first.content
    assert order(theirs).content == other.content
    assert MallOrder.objects.count() == 2


def test_a_key_of_one_order_gets_neither_its_answer_nor_another_order_at_another_address(ann):
    api = client()
    assert order(api).json()["item"] == "mug"
    other = order(api, ORDERS.replace("mug", "cup"))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert MallOrder.objects.count() == IdempotencyKey.objects.count() == 1


def test_a_scope_that_is_lacking_gets_no_answer_that_was_kept(ann):
    assert order(client()).status_code == 201
    assert order(client("reader", "eligibility", "facts", "rewards", "webhooks")).status_code == 403


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_is_what_it_is(ann, header):
    assert order(client(), **{header: "DELETE"}).status_code == 201
    assert order(client("two"), f"{ORDERS}?_method=GET", **{header: "GET"}).status_code == 201
    assert client("three").get(ORDERS, headers={header: "POST"}).status_code == 405
    assert MallOrder.objects.count() == 2


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "text/html", "application/jsonp", ""]
)
def test_a_body_that_is_not_said_to_be_json_is_refused(ann, kind):
    assert order(client(), body=b'{"price": 10}', content_type=kind).status_code in (400, 415)
    assert not MallOrder.objects.exists()


def test_of_a_field_that_stands_twice_the_last_holds_in_what_is_done_and_in_what_is_kept(ann):
    api = client()
    assert order(api, body=b'{"price": 10, "price": 99}').status_code == 409
    first = order(api, body=b'{"price": 99, "price": 10}', key="k2")
    assert (first.status_code, order(api, body=b'{"price": 10}', key="k2").content) == (201, first.content)


@pytest.mark.parametrize("field", ["id", "pk", "level_id", "erased_at", "created_at", "sealed_phone", "uid__in"])
def test_a_field_that_is_ours_is_no_column_of_a_member(ann, field):
    rows = [{"uid": "ann", field: 1}, {"uid": "bob", field: "2026-01-01T00:00:00Z"}]
    told = client().post("/api/v1/members/bulk/", json.dumps(rows), content_type=JSON).json()
    assert [each["code"] for each in told["rejected"]] == ["unknown_column"] * 2
    assert Member.objects.count() == 1


@pytest.mark.parametrize("price", ["9" * 5_000, "1e400", "-1", "0", "2147483648", "10.0", "true", '"10"', "[10]"])
def test_a_number_that_is_none_of_ours_is_refused(ann, price):
    assert order(client(), body=f'{{"price": {price}}}'.encode()).status_code == 400
    assert not MallOrder.objects.exists()
