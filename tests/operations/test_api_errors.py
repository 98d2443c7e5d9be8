import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.http import Http404
from django.test import Client, RequestFactory
from django.utils.translation import override
from rest_framework import serializers
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from operations.api_errors import ApiError
from operations.models import Heartbeat


class Line(serializers.Serializer):
    amount = serializers.DecimalField(max_digits=10, decimal_places=2)


class Order(serializers.Serializer):
    order_id = serializers.CharField()
    lines = Line(many=True)


class EchoView(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []

    def post(self, request):
        return Response(request.data)


def post(body, view=EchoView, content_type="application/json"):
    response = view.as_view()(RequestFactory().post("/api/v1/echo/", body, content_type=content_type))
    response.render()
    return response


def answer_to(error):
    class Failing(EchoView):
        def post(self, request):
            raise error

    return post("{}", Failing)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": "\xff\xfe"}',
        b'{"a": "\x00"}',
        b"\x00",
        b"\xef\xbb\xbf{}",
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_not_json_is_a_named_400(body):
    response = post(body)
    assert (response.status_code, response.data["code"]) == (400, "malformed_json")
    assert set(response.data) == {"code", "message", "fields"}


def test_an_escaped_nul_is_json_and_left_to_whoever_reads_the_row():
    assert post(b'{"a": "\\u0000"}').data == {"a": "\x00"}


def test_another_media_type_is_415():
    response = post(b"a=1", content_type="application/x-www-form-urlencoded")
    assert (response.status_code, response.data["code"]) == (415, "unsupported_media_type")


def test_another_method_is_405():
    response = EchoView.as_view()(RequestFactory().get("/"))
    assert (response.status_code, response.data["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ApiError("no_chance", "No chance is left.", status=409), 409, "no_chance"),
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "permission_denied"),
        (Throttled(wait=7), 429, "throttled"),
        (OperationalError("gone"), 503, "try_again"),
    ],
)
def test_each_error_has_its_code(error, status, code):
    response = answer_to(error)
    assert (response.status_code, response.data["code"]) == (status, code)
    assert response.data["message"]
    assert response.data["fields"] == {}


def test_a_throttle_says_how_long_to_wait():
    assert answer_to(Throttled(wait=7))["Retry-After"] == "7"


def test_an_error_names_its_fields():
    response = answer_to(ApiError("bad_submission", "Some answers are missing.", fields={"answers[0]": ["missing"]}))
    assert response.data["fields"] == {"answers[0]": ["missing"]}


def test_nested_validation_errors_are_paths():
    order = Order(data={"lines": [{"amount": "1.00"}, {"amount": "NaN"}, {}]})
    with pytest.raises(ValidationError) as caught:
        order.is_valid(raise_exception=True)
    response = answer_to(caught.value)
    assert (response.status_code, response.data["code"]) == (400, "invalid")
    assert list(response.data["fields"]) == ["lines[1].amount", "lines[2].amount", "order_id"]


def test_a_validation_error_without_a_field_still_says_why():
    assert answer_to(ValidationError("too many")).data["fields"] == {"non_field_errors": ["too many"]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "code"), [("\x00", "unusable_value"), ("\ud800", "malformed_json"), ("x" * 51, "unusable_value")]
)
def test_a_value_that_postgresql_cannot_hold_is_a_named_400(text, code):
    class Storing(EchoView):
        def post(self, request):
            Heartbeat.objects.filter(name=request.data).count()
            with connection.cursor() as cursor:
                cursor.execute("SELECT %s::varchar(50)", [request.data])
            Heartbeat.objects.create(name=request.data, beat_at="2026-11-21T12:00Z")

    response = post(json.dumps(text), Storing)
    assert (response.status_code, response.data["code"]) == (400, code)


def test_a_defect_is_a_500_in_the_same_form_and_reported(client, caplog):
    response = answer_to(ZeroDivisionError("a defect"))
    assert (response.status_code, response.data["code"]) == (500, "server_error")
    assert "a defect" not in json.dumps(response.data)
    assert "an API view failed" in caplog.text


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/v1/%00/", "/api/v1/"])
def test_an_unknown_address_is_a_404_in_the_same_form(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


def test_messages_follow_the_language_and_codes_do_not():
    with override("en"):
        assert answer_to(Http404()).data == {"code": "not_found", "message": "There is no such object.", "fields": {}}


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_address_is_404_whatever_is_done_there(method):
    answer = getattr(Client(enforce_csrf_checks=True), method)("/api/v1/nothing/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
