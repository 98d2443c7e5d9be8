"""What API clients read of a member's value."""

import pytest
from rest_framework.test import APIClient

from operations.api_keys import create_api_key
from rewards import ledger
from rewards.awards import grant_award
from rewards.models import Unit
from tests.rewards.build import NOW, coupon, gift, members

pytestmark = pytest.mark.django_db


def client(*scopes):
    _key, plain, _secret = create_api_key("shop", scopes)
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Api-Key {plain}")
    return api


def test_balances_and_what_was_earned_by_unit():
    (member,) = members(1)
    Unit.objects.create(slug="stars", name="stars", expiry="days", expires_after=2, time_zone="Asia/Shanghai")
    ledger.post_entry(member.pk, "points", amount=30, key="a", reason="test", now=NOW)
    ledger.post_entry(member.pk, "points", amount=-10, key="b", reason="test", now=NOW)
    ledger.post_entry(member.pk, "stars", amount=5, key="c", reason="test", now=NOW)
    ledger.post_entry(member.pk, "stars", amount=7, key="d", reason="test", now=NOW, matures_at=NOW)
    answer = client("eligibility").get("/api/v1/members/m0/points/")
    nothing = {"balance": 0, "pending": 0, "debt": 0, "earned": 0, "expiring": None}
    soon = {"amount": 5, "at": "2026-11-23T16:00:00Z"}
    assert answer.json() == {
        "uid": "m0",
        "units": {
            "points": nothing | {"balance": 20, "earned": 30},
            "growth": nothing,
            "stars": nothing | {"balance": 5, "pending": 7, "earned": 5, "expiring": soon},
        },
    }


def test_awards_come_newest_first_without_their_codes():
    (member,) = members(1)
    grant_award(coupon("voucher", codes=1), member.pk, key="a", source="test", now=NOW)
    grant_award(gift("plus", "points", amount=5), member.pk, key="b", source="test", now=NOW)
    answer = client("rewards").get("/api/v1/members/m0/awards/")
    assert [award["gift"] for award in answer.json()["awards"]] == ["Plus", "Voucher"]
    assert "voucher-0" not in answer.content.decode()
    assert answer.json()["next"] is None


def test_awards_page_by_cursor():
    (member,) = members(1)
    shared = gift("shared", "shared_coupon")
    for number in range(101):
        grant_award(shared, member.pk, key=str(number), source="test", now=NOW)
    api = client("rewards")
    first = api.get("/api/v1/members/m0/awards/").json()
    second = api.get("/api/v1/members/m0/awards/", {"cursor": first["next"]}).json()
    assert (len(first["awards"]), len(second["awards"]), second["next"]) == (100, 1, None)


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 40, "１"])
def test_a_bad_cursor_is_named(cursor):
    members(1)
    answer = client("rewards").get("/api/v1/members/m0/awards/", {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


@pytest.mark.parametrize(("part", "scope"), [("points", "rewards"), ("awards", "eligibility")])
def test_each_needs_its_scope(part, scope):
    members(1)
    assert client(scope).get(f"/api/v1/members/m0/{part}/").status_code == 403


@pytest.mark.parametrize("part", ["points", "awards"])
def test_an_unknown_member_is_not_found(part):
    answer = client("rewards", "eligibility").get(f"/api/v1/members/nobody/{part}/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
