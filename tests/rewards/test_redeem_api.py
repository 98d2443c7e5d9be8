"""Tills check off awards through the API: once for a key, once for an award, each refusal named."""

import pytest
from django.utils import timezone

from rewards.models import Award, CheckOff
from rewards.vouchers import voucher_of
from tests.rewards import at_counter
from tests.rewards.build import coupon, gift
from tests.rewards.test_api import client

pytestmark = pytest.mark.django_db
BY_NUMBER = "/api/v1/awards/redeem/"


@pytest.fixture
def award():
    return at_counter.award(coupon("milk", 1, valid_days=3), now=timezone.now())


@pytest.fixture
def till():
    return client("rewards")


def redeem(till, address, body=None, key="k1"):
    headers = {"Idempotency-Key": key} if key else {}
    return till.post(address, body if body is not None else {}, format="json", headers=headers)


def by_id(award):
    return f"/api/v1/awards/{award.pk}/redeem/"


def test_an_award_is_redeemed_by_id_and_the_same_key_gets_the_first_answer(till, award):
    at_counter.outlet("west")
    first, again = (redeem(till, by_id(award), {"outlet": "west"}) for _ in range(2))
    told = first.json()
    assert (first.status_code, told["award"], told["gift"], told["state"], told["outlet"]) == (
        200, award.pk, "milk", "redeemed", "west",
    )  # fmt: skip
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (told, "true")
    used = CheckOff.objects.get()
    assert (used.outlet.slug, used.by, used.client.startswith("shop (")) == ("west", None, True)


def test_another_key_is_a_second_use_and_is_told_of_the_first(till, award):
    redeem(till, by_id(award))
    second = redeem(till, by_id(award), key="k2")
    assert (second.status_code, second.json()["code"]) == (409, "redeemed")
    assert second.json()["fields"].keys() == {"at", "where"}


@pytest.mark.parametrize("name", ["voucher", "code"])
def test_a_till_that_scanned_needs_no_id(till, award, name):
    number = {"voucher": voucher_of(award.pk).lower(), "code": "milk-0"}[name]
    assert redeem(till, BY_NUMBER, {name: number}).json()["award"] == award.pk


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "bad_request"),
        ({"voucher": "a", "code": "b"}, 400, "bad_request"),
        ({"voucher": 5}, 400, "bad_request"),
        ({"voucher": ""}, 400, "bad_request"),
        ({"code": "a\x00"}, 400, "bad_request"),
        ({"code": "x" * 101}, 400, "bad_request"),
        ({"code": "x", "state": "redeemed"}, 400, "bad_request"),
        ([], 400, "bad_request"),
        ({"voucher": "K7QM"}, 404, "voucher_mistyped"),
        ({"code": "nothing"}, 404, "code_unknown"),
        ({"code": "SHARED"}, 404, "code_shared"),
        ({"code": "milk-0", "outlet": "nowhere"}, 404, "unknown_outlet"),
    ],
)
def test_what_cannot_be_is_named(till, award, body, status, code):
    gift("mug", "shared_coupon")
    answer = redeem(till, BY_NUMBER, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Award.objects.get().state == "granted"


def test_a_refusal_is_not_kept_for_its_key(till, award):
    east, west = at_counter.outlet("east"), at_counter.outlet("west")
    award.gift.outlets.add(east)
    refused = [redeem(till, by_id(award), body).json()["code"] for body in ({"outlet": west.slug}, {})]
    assert refused == ["other_outlet", "outlet_needed"]
    assert redeem(till, by_id(award), {"outlet": east.slug}).status_code == 200


def test_it_needs_its_scope_its_key_and_an_award(till, award):
    assert redeem(client("facts"), by_id(award)).status_code == 403
    assert redeem(till, by_id(award), key=None).json()["code"] == "idempotency_key_missing"
    for number in (999, 2**63, 10**30):
        assert redeem(till, f"/api/v1/awards/{number}/redeem/").status_code == 404
    assert not CheckOff.objects.exists()
