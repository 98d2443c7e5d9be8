import json

import pytest
from django.test import RequestFactory
from rest_framework.response import Response
from rest_framework.views import APIView

from operations import idempotency
from operations.api_errors import ApiError
from operations.api_keys import create_api_key
from operations.models import AuditRecord, IdempotencyKey
from tests.operations.conftest import NOON

pytestmark = pytest.mark.django_db


def beats():
    return AuditRecord.objects.filter(action="beat").count()


class BeatingView(APIView):
    """Creates a row named in the body, or refuses."""

    scope = "play"

    def post(self, request, **_kwargs):
        return idempotency.answer_once(request, lambda: self.perform(request.data))

    def perform(self, data):
        AuditRecord.objects.create(occurred_at=NOON, action="beat", target_name=f"{data['name']}-{beats()}")
        if data.get("refuse"):
            raise ApiError("refused", "Refused.", status=409)
        return 201, {"z": 1.10, "a": "千面", "names": list(AuditRecord.objects.values_list("target_name", flat=True))}


@pytest.fixture
def shop():
    return create_api_key("shop", ["play"])[1]


def post(plain, body, *, key="k1", path="/api/v1/beats/", **headers):
    headers |= {} if key is None else {"HTTP_IDEMPOTENCY_KEY": key}
    request = RequestFactory().post(
        path,
        body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Api-Key {plain}",
        **headers,
    )
    response = BeatingView.as_view()(request)
    return response.render() if isinstance(response, Response) else response


def test_a_repeated_request_has_one_effect_and_the_same_answer_byte_by_byte(shop):
    first, again = post(shop, {"name": "a"}), post(shop, {"name": "a"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content == '{"z":1.1,"a":"千面","names":["a-0"]}'.encode()
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert beats() == 1


def test_the_same_object_in_other_spaces_and_order_is_the_same_body(shop):
    post(shop, '{"name": "a", "note": 1}')
    assert post(shop, '{ "note":1,\n"name":"a" }').status_code == 201
    assert beats() == 1


def test_the_same_key_with_another_body_is_422(shop):
    post(shop, {"name": "a"})
    response = post(shop, {"name": "b"})
    assert (response.status_code, response.data["code"]) == (422, "idempotency_key_reused")
    assert beats() == 1


def test_a_missing_key_is_400_and_has_no_effect(shop):
    response = post(shop, {"name": "a"}, key=None)
    assert (response.status_code, response.data["code"]) == (400, "idempotency_key_missing")
    assert beats() == 0


@pytest.mark.parametrize("key", ["x" * 201, "é", "a\x00b", "a\tb"])
def test_a_key_that_cannot_be_kept_is_400(shop, key):
    response = post(shop, {"name": "a"}, key=key)
    assert (response.status_code, response.data["code"]) == (400, "idempotency_key_invalid")


def test_an_address_too_long_to_keep_is_400(shop):
    assert post(shop, {"name": "a"}, path=f"/api/v1/{'x' * 400}/").status_code == 400


def test_a_refusal_leaves_no_effect_and_the_key_may_be_tried_again(shop):
    refused = post(shop, {"name": "a", "refuse": True})
    assert (refused.status_code, refused.data["code"]) == (409, "refused")
    assert beats() == 0
    assert not IdempotencyKey.objects.exists()
    assert post(shop, {"name": "a"}).status_code == 201


def test_a_malformed_body_is_400(shop):
    assert post(shop, "{").status_code == 400


def test_keys_of_two_clients_or_two_addresses_are_apart(shop):
    other = create_api_key("other", ["play"])[1]
    post(shop, {"name": "a"})
    post(other, {"name": "a"})
    post(shop, {"name": "a"}, path="/api/v1/other/")
    assert beats() == 3
