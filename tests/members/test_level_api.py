"""Levels by HTTP: where a member stands, and the purchase of a paid level."""

import json
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from members import standing
from members.models import Member, PaidPeriod
from tests.members.levels import make_ladder, new_member, short_ladder
from tests.members.test_api import client_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return client_with("facts", "eligibility")


@pytest.fixture
def ann():
    short_ladder()
    return new_member()


def buy(client, uid="ann", key="k1", **body):
    body = {"level": "plus", "order_id": "A-1"} | body
    headers = {"Idempotency-Key": key} if key else {}
    data = json.dumps(body)
    return client.post(f"/api/v1/members/{uid}/levels/", data, content_type="application/json", headers=headers)


def levels_of(client, uid="ann"):
    return client.get(f"/api/v1/members/{uid}/levels/")


def test_a_purchase_answers_with_its_period(client, ann):
    answer = buy(client)
    period = PaidPeriod.objects.get()
    assert answer.status_code == 201
    assert answer.json()["level"] == "plus"
    assert answer.json()["period"].keys() == {"level", "order_id", "starts_at", "ends_at"}
    assert (period.member, period.order_id, period.months) == (ann, "A-1", 1)


def test_sent_again_it_is_the_same_purchase(client, ann):
    first = buy(client)
    again, with_another_key = buy(client), buy(client, key="k2")
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (201, first.json(), "true")
    assert (with_another_key.status_code, with_another_key.json()) == (200, first.json())
    assert PaidPeriod.objects.count() == 1


def test_another_order_extends(client, ann):
    buy(client)
    second = buy(client, key="k2", order_id="A-2").json()["period"]
    first = PaidPeriod.objects.get(order_id="A-1")
    assert datetime.fromisoformat(second["starts_at"]) == first.ends_at
    assert [each["order_id"] for each in levels_of(client).json()["paid"]] == ["A-1", "A-2"]
    assert PaidPeriod.objects.get(order_id="A-2").starts_at == first.ends_at


def test_where_a_member_stands(client, ann):
    now = timezone.now()
    standing.follow_growth(ann.pk, growth=140, now=now, cause="growth", reference="order:Z")
    buy(client)
    told = levels_of(client).json()
    assert told["level"] == "plus"
    assert {name: told["growth"][name] for name in ("level", "earned", "counted")} == {
        "level": "silver",
        "earned": 140,
        "counted": 140,
    }
    assert told["growth"]["valid_until"] is not None
    assert told["next"] == {"level": "gold", "growth_missing": 360}
    assert [each["order_id"] for each in told["paid"]] == ["A-1"]
    assert [(each["before"], each["after"], each["cause"], each["reference"]) for each in told["history"]] == [
        ("silver", "plus", "bought", "order:A-1"),
        ("normal", "silver", "growth", "order:Z"),
    ]


def test_a_member_of_whom_nothing_is_known_stands_on_the_entry_level(client, ann):
    told = levels_of(client).json()
    assert (told["level"], told["growth"]["level"], told["history"], told["paid"]) == ("normal", "normal", [], [])
    assert told["next"] == {"level": "silver", "growth_missing": 100}


def test_without_a_ladder_all_is_empty(client):
    Member.objects.create(uid="ann")
    told = levels_of(client).json()
    assert (told["level"], told["next"], told["growth"]["earned"]) == (None, None, 0)


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"level": "nothing"}, 404, "unknown_level"),
        ({"level": "gold"}, 409, "level_by_growth"),
        ({"level": "ever"}, 409, "level_never_ends"),
        ({"uid": "nobody"}, 404, "unknown_member"),
        ({"level": 7}, 400, "invalid"),
        ({"order_id": ""}, 400, "invalid"),
        ({"order_id": "a\nb"}, 400, "invalid"),
        ({"key": None}, 400, "idempotency_key_missing"),
    ],
)
def test_what_cannot_be_bought_is_refused_by_name(client, ann, asked, status, code):
    ever = make_ladder({"slug": "ever", "rank": 11, "kind": "paid"})["ever"]
    standing.buy_level(ann, ever, key="first", order_id="E", now=timezone.now())
    answer = buy(client, **{"key": "fresh"} | asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert PaidPeriod.objects.count() == 1


def test_an_order_that_was_refunded_buys_nothing_again(client, ann):
    buy(client)
    PaidPeriod.objects.update(revoked_at=timezone.now(), closed=True)
    assert buy(client, key="k2").json()["code"] == "order_refunded"


def test_selling_needs_the_scope_of_facts_and_reading_another(ann):
    reader, seller = client_with("eligibility"), client_with("facts")
    assert (buy(reader).status_code, levels_of(reader).status_code) == (403, 200)
    assert (buy(seller).status_code, levels_of(seller).status_code) == (201, 403)


def test_a_body_that_is_no_object_is_refused(client, ann):
    answer = client.post(
        "/api/v1/members/ann/levels/", "[]", content_type="application/json", headers={"Idempotency-Key": "k"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_reading_takes_the_same_few_queries_whatever_the_history(client, ann, django_assert_num_queries):
    levels_of(client)
    with django_assert_num_queries(5):
        levels_of(client)
    for number in range(6):
        now = timezone.now() + timedelta(minutes=number)
        standing.follow_growth(ann.pk, growth=(number % 2) * 200, now=now, cause="growth")
    with django_assert_num_queries(5):
        assert len(levels_of(client).json()["history"]) == 5
