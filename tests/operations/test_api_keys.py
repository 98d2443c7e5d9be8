from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.views import APIView

from operations import api_keys, sealing
from operations.api_keys import create_api_key, signing_secret, valid_key
from operations.models import ApiKey, AuditRecord

pytestmark = pytest.mark.django_db


class FactsView(APIView):
    scope = "facts"

    def get(self, request):
        return Response({"client": request.auth.name, "user": str(request.user)})


class NakedView(APIView):
    def get(self, request):
        raise AssertionError("a view without a scope was entered")


def call(view, authorization=None, **headers):
    headers |= {} if authorization is None else {"HTTP_AUTHORIZATION": authorization}
    response = view.as_view()(RequestFactory().get("/api/v1/facts/", **headers))
    response.render()
    return response


def test_a_key_with_the_scope_is_admitted():
    key, plain, _secret = create_api_key("shop", ["facts"])
    response = call(FactsView, f"Api-Key {plain}")
    assert (response.status_code, response.data) == (200, {"client": "shop", "user": key.prefix})


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Api-Key", "Basic b2xnYQ=="],
)
def test_no_key_is_401_in_the_form_of_the_api(authorization):
    response = call(FactsView, authorization)
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Api-Key")
    assert set(response.data) == {"code", "message", "fields"}


@pytest.mark.parametrize("presented", ["x", "abcdefgh.wrong", "a" * 10_000, "\x00", "é", "%00.x", "abcdefgh."])
def test_a_wrong_key_is_401(presented):
    response = call(FactsView, f"Api-Key {presented}")
    assert response.status_code == 401
    assert response.data["code"] in {"authentication_failed", "not_authenticated"}


def test_a_key_without_the_scope_is_403_by_name():
    _key, plain, _secret = create_api_key("shop", ["play"])
    response = call(FactsView, f"Api-Key {plain}")
    assert (response.status_code, response.data["code"]) == (403, "scope_missing")


def test_a_view_that_names_no_scope_admits_nobody():
    _key, plain, _secret = create_api_key("shop", ApiKey.Scope.values)
    assert call(NakedView, f"Api-Key {plain}").status_code == 403


def test_a_key_of_the_right_prefix_and_wrong_secret_is_refused():
    _key, plain, _secret = create_api_key("shop", ["facts"])
    assert valid_key(plain[:-1] + ("A" if plain[-1] != "A" else "B"), clock=0.0) is None


def test_a_checked_key_is_trusted_for_seconds_without_a_query(django_assert_num_queries):
    key, plain, _secret = create_api_key("shop", ["facts"])
    assert valid_key(plain, clock=100.0) == key
    with django_assert_num_queries(0):
        assert valid_key(plain, clock=100.0 + api_keys.TRUSTED_SECONDS - 0.01) == key


def test_a_revoked_key_stops_when_the_trust_ends():
    key, plain, _secret = create_api_key("shop", ["facts"])
    assert valid_key(plain, clock=100.0) == key
    ApiKey.objects.filter(pk=key.pk).update(revoked=True)
    assert valid_key(plain, clock=100.0 + api_keys.TRUSTED_SECONDS) is None
    assert valid_key(plain, clock=100.0 + api_keys.TRUSTED_SECONDS) is None


def test_an_expired_key_is_refused():
    key, plain, _secret = create_api_key("shop", ["facts"])
    ApiKey.objects.filter(pk=key.pk).update(expiry_date=timezone.now() - timedelta(seconds=1))
    assert valid_key(plain, clock=0.0) is None


def test_the_last_use_is_noted_at_most_once_a_minute():
    key, plain, _secret = create_api_key("shop", ["facts"])
    valid_key(plain, clock=0.0)
    key.refresh_from_db()
    first = key.last_used_at
    assert first is not None
    valid_key(plain, clock=1000.0)
    key.refresh_from_db()
    assert key.last_used_at == first
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=first - api_keys.USE_NOTED_EVERY - timedelta(seconds=1))
    valid_key(plain, clock=2000.0)
    key.refresh_from_db()
    assert key.last_used_at >= first


def test_the_address_of_the_last_use_is_noted_unless_the_key_may_not_come_from_there():
    key, plain, _secret = create_api_key("shop", ["facts"], address_ranges=["203.0.113.0/24"])
    valid_key(plain, address="198.51.100.4", clock=0.0)
    key.refresh_from_db()
    assert (key.last_used_at, key.last_used_from) == (None, None)
    valid_key(plain, address="203.0.113.7", clock=1000.0)
    key.refresh_from_db()
    assert key.last_used_from == "203.0.113.7"


@pytest.mark.parametrize(("address", "status"), [("203.0.113.7", 200), ("203.0.114.7", 403), ("2001:db8::1", 403)])
def test_a_key_is_used_from_its_ranges_of_addresses_only(address, status):
    _key, plain, _secret = create_api_key("shop", ["facts"], address_ranges=["203.0.113.0/24"])
    for _cached in range(2):
        response = call(FactsView, f"Api-Key {plain}", REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR="203.0.113.7")
        assert response.status_code == status
    if status == 403:
        assert response.data["code"] == "address_not_allowed"
        assert address in response.data["message"]


def test_behind_a_proxy_the_address_is_what_the_proxy_says(settings):
    settings.PROXIES = 1
    _key, plain, _secret = create_api_key("shop", ["facts"], address_ranges=["203.0.113.0/24"])
    statuses = [
        call(FactsView, f"Api-Key {plain}", HTTP_X_FORWARDED_FOR=named).status_code
        for named in ("203.0.113.7", "198.51.100.4, 203.0.113.7", "203.0.113.7, 198.51.100.4", "")
    ]
    assert statuses == [200, 200, 403, 403]


def test_a_change_of_ranges_and_of_scopes_counts_when_the_trust_ends():
    key, plain, _secret = create_api_key("shop", ["facts"])
    assert valid_key(plain, clock=100.0).scopes == ["facts"]
    ApiKey.objects.filter(pk=key.pk).update(scopes=["play"], address_ranges=["203.0.113.0/24"])
    changed = valid_key(plain, clock=100.0 + api_keys.TRUSTED_SECONDS)
    assert (changed.scopes, api_keys.may_come_from(changed, "127.0.0.1")) == (["play"], False)


def test_the_end_of_a_trusted_key_counts_at_once():
    _key, plain, _secret = create_api_key("shop", ["facts"], expires=timezone.now() + timedelta(minutes=1))
    assert valid_key(plain, clock=100.0) is not None
    with time_machine.travel(timezone.now() + timedelta(minutes=1, seconds=1)):
        assert valid_key(plain, clock=100.0) is None


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "valid"),
        ({"expiry_date": timedelta(days=15)}, "valid"),
        ({"expiry_date": timedelta(days=14)}, "expires_soon"),
        ({"expiry_date": timedelta(0)}, "expired"),
        ({"revoked": True, "expiry_date": timedelta(0)}, "revoked"),
    ],
)
def test_a_key_says_how_it_stands(change, state):
    now = timezone.now()
    dated = {name: now + value if isinstance(value, timedelta) else value for name, value in change.items()}
    assert ApiKey(**dated).state_at(now) == state


def test_a_replaced_key_says_so_until_it_ends():
    now = timezone.now()
    key = ApiKey(replaced_by_id="x", expiry_date=now + timedelta(hours=1))
    assert [key.state_at(at) for at in (now, now + timedelta(hours=1))] == ["replaced", "expired"]


def test_the_cache_of_keys_is_bounded(monkeypatch):
    monkeypatch.setattr(api_keys, "CACHED_KEYS", 3)
    for number in range(5):
        valid_key(create_api_key(f"shop {number}", ["facts"])[1], clock=0.0)
    assert len(api_keys._trusted) <= 3


def test_the_signing_secret_is_kept_sealed_and_read_back():
    key, _plain, secret = create_api_key("shop", ["play"])
    assert secret not in key.sealed_signing_secret
    assert signing_secret(key.prefix) == secret


def test_a_secret_survives_a_change_of_secret_key_with_a_fallback(settings):
    key, _plain, secret = create_api_key("shop", ["play"])
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert signing_secret(key.prefix) == secret
    settings.SECRET_KEY_FALLBACKS = []
    assert signing_secret(key.prefix) is None


@pytest.mark.parametrize("prefix", ["unknown1", "", "\x00", "é", "x" * 9000])
def test_an_unknown_client_has_no_signing_secret(prefix):
    assert signing_secret(prefix) is None


@pytest.mark.parametrize("change", [{"revoked": True}, {"expiry_date": timezone.now() - timedelta(days=1)}])
def test_a_client_that_may_not_call_has_no_signing_secret(change):
    key, _plain, _secret = create_api_key("shop", ["play"])
    ApiKey.objects.filter(pk=key.pk).update(**change)
    assert signing_secret(key.prefix) is None


def test_the_same_secret_is_sealed_differently_each_time():
    assert sealing.seal("a") != sealing.seal("a")


def test_the_command_prints_the_key_and_the_secret_once(capsys):
    call_command("create_api_key", "shop", "--scope", "facts", "--scope", "play")
    key_line, secret_line = capsys.readouterr().out.splitlines()
    plain, secret = key_line.removeprefix("key: "), secret_line.removeprefix("signing secret: ")
    key = valid_key(plain, clock=0.0)
    assert key.scopes == ["facts", "play"]
    assert signing_secret(key.prefix) == secret
    assert AuditRecord.objects.get().action == "api_key.added"


@pytest.mark.parametrize("arguments", [["shop"], ["shop", "--scope", "everything"], ["", "--scope", "facts"]])
def test_the_command_refuses_bad_input(arguments):
    with pytest.raises(CommandError):
        call_command("create_api_key", *arguments)
    assert not ApiKey.objects.exists()


def test_an_unknown_scope_is_refused():
    with pytest.raises(api_keys.UnknownScope, match="everything"):
        create_api_key("shop", ["facts", "everything"])
