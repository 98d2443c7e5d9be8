"""The door: which tokens open it, and why the others do not."""

import base64
import json
from datetime import timedelta

import jwt
import pytest
from django.test import Client
from django.utils import timezone, translation

from members.entering import EntryRefusal, EntryRefused, enter, forget_used_tokens
from members.models import Member, UsedToken
from members.pages import onward
from members.participants import COOKIE
from operations.api_keys import create_api_key
from tests.members.shop import NOW

pytestmark = pytest.mark.django_db


class Shop:
    """An API client that signs tokens; a test changes what it is about."""

    def __init__(self):
        self.key, _, self.secret = create_api_key("shop", ["eligibility"])

    def token(self, *, secret=None, algorithm="HS256", headers=None, now=NOW, **claims):
        good = {"sub": "u1", "aud": "h5", "jti": "j1", "exp": now.timestamp() + 300}
        payload = {name: value for name, value in (good | claims).items() if value is not None}
        return jwt.encode(
            payload,
            self.secret if secret is None else secret,
            algorithm=algorithm,
            headers={"kid": self.key.prefix} if headers is None else headers,
        )


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def member():
    return Member.objects.create(uid="u1")


def refusal_of(token):
    with pytest.raises(EntryRefused) as refused:
        enter(token, now=NOW)
    return refused.value.code


def test_a_genuine_token_opens_the_door(shop, member):
    assert enter(shop.token(), now=NOW) == member


def test_the_issuer_may_stand_for_the_key_id(shop, member):
    assert enter(shop.token(headers={}, iss=shop.key.prefix), now=NOW) == member


def test_a_token_opens_the_door_once(shop, member):
    enter(shop.token(), now=NOW)
    assert refusal_of(shop.token()) is EntryRefusal.USED
    assert enter(shop.token(jti="j2"), now=NOW) == member


def test_two_clients_may_use_the_same_token_id(shop, member):
    enter(shop.token(), now=NOW)
    assert enter(Shop().token(), now=NOW) == member


AT = NOW.timestamp()


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": AT}, EntryRefusal.EXPIRED),
        ({"exp": AT - 86_400}, EntryRefusal.EXPIRED),
        ({"exp": AT + 601}, EntryRefusal.LIVES_TOO_LONG),
        ({"exp": 1e300}, EntryRefusal.LIVES_TOO_LONG),
        ({"exp": None}, EntryRefusal.MALFORMED),
        ({"exp": float("nan")}, EntryRefusal.MALFORMED),
        ({"exp": "soon"}, EntryRefusal.MALFORMED),
        ({"exp": True}, EntryRefusal.MALFORMED),
        ({"exp": 10**400}, EntryRefusal.MALFORMED),
        ({"nbf": -(10**400)}, EntryRefusal.MALFORMED),
        ({"nbf": AT + 60}, EntryRefusal.NOT_YET_VALID),
        ({"nbf": "now"}, EntryRefusal.MALFORMED),
        ({"aud": "api"}, EntryRefusal.WRONG_AUDIENCE),
        ({"aud": ["h5", "api"]}, EntryRefusal.WRONG_AUDIENCE),
        ({"aud": None}, EntryRefusal.WRONG_AUDIENCE),
        ({"jti": None}, EntryRefusal.MALFORMED),
        ({"jti": ""}, EntryRefusal.MALFORMED),
        ({"jti": "j\x00"}, EntryRefusal.MALFORMED),
        ({"jti": "j" * 201}, EntryRefusal.MALFORMED),
        ({"sub": None}, EntryRefusal.MALFORMED),
        ({"sub": "u\x00"}, EntryRefusal.MALFORMED),
        ({"sub": "stranger"}, EntryRefusal.UNKNOWN_MEMBER),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused_and_not_used_up(shop, member, claims, code):
    assert refusal_of(shop.token(**claims)) is code
    assert not UsedToken.objects.exists()


@pytest.mark.parametrize("seconds", [1, 600])
def test_a_token_may_live_up_to_ten_minutes(shop, member, seconds):
    assert enter(shop.token(exp=AT + seconds), now=NOW) == member


def test_a_token_signed_with_another_secret_is_forged(shop, member):
    assert refusal_of(shop.token(secret="x" * 43)) is EntryRefusal.FORGED


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_is_forged(shop, member, algorithm):
    assert refusal_of(shop.token(secret=shop.secret * 2, algorithm=algorithm)) is EntryRefusal.FORGED


def test_a_token_without_a_signature_is_forged(shop, member):
    assert refusal_of(shop.token(secret="", algorithm="none")) is EntryRefusal.FORGED


def test_a_token_whose_claims_were_changed_after_signing_is_forged(shop, member):
    header, payload, signature = shop.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    changed = base64.urlsafe_b64encode(json.dumps(claims | {"sub": "u2"}).encode()).rstrip(b"=").decode()
    assert refusal_of(f"{header}.{changed}.{signature}") is EntryRefusal.FORGED


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 5_000, "é.é.é", "..", "\x00"])
def test_what_is_no_token_is_malformed(token):
    assert refusal_of(token) is EntryRefusal.MALFORMED


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, EntryRefusal.MALFORMED),
        ({"kid": "nobody"}, EntryRefusal.UNKNOWN_CLIENT),
        ({"kid": "a\x00"}, EntryRefusal.UNKNOWN_CLIENT),
    ],
)
def test_a_client_that_is_not_named_or_not_known_is_refused(shop, member, headers, code):
    assert refusal_of(shop.token(headers=headers)) is code


def test_a_revoked_key_opens_nothing(shop, member):
    shop.key.revoked = True
    shop.key.save()
    assert refusal_of(shop.token()) is EntryRefusal.UNKNOWN_CLIENT


@pytest.mark.parametrize("code", EntryRefusal)
def test_every_refusal_says_how_to_get_in(code):
    with translation.override("en"):
        assert str(EntryRefused(code)).endswith("Please open the campaign again from the shop's app.")


def test_used_tokens_are_forgotten_when_they_have_expired(shop, member):
    enter(shop.token(), now=NOW)
    assert forget_used_tokens(now=NOW + timedelta(minutes=4)) == 0
    assert forget_used_tokens(now=NOW + timedelta(minutes=6)) == 1


def test_the_page_signs_in_and_goes_on(shop, member, client, settings):
    settings.LOCAL_HTTP = False
    answer = client.get("/h5/enter/", {"token": shop.token(now=timezone.now()), "next": "/h5/c/spring/"})
    assert (answer.status_code, answer["Location"]) == (302, "/h5/c/spring/")
    cookie = answer.cookies[COOKIE]
    assert (cookie["path"], cookie["samesite"], cookie["max-age"]) == ("/h5/", "Lax", 43_200)
    assert cookie["httponly"]
    assert cookie["secure"]


def test_the_page_of_a_used_token_says_so(shop, member, client):
    token = shop.token(now=timezone.now())
    client.get("/h5/enter/", {"token": token})
    answer = Client().get("/h5/enter/", {"token": token}, secure=True)
    assert answer.status_code == 403
    assert COOKIE not in answer.cookies


def test_whoever_came_in_by_a_token_and_goes_back_to_it_stays_in(shop, member, client):
    token = shop.token(now=timezone.now())
    client.get("/h5/enter/", {"token": token})
    answer = client.get("/h5/enter/", {"token": token, "next": "/h5/c/autumn/"})
    assert (answer.status_code, answer["Location"]) == (302, "/h5/c/autumn/")
    assert COOKIE not in answer.cookies


def test_who_is_in_does_not_come_in_by_another_s_used_token(shop, member, client):
    client.get("/h5/enter/", {"token": shop.token(now=timezone.now())})
    Member.objects.create(uid="other")
    token = shop.token(now=timezone.now(), sub="other", jti="j2")
    Client().get("/h5/enter/", {"token": token}, secure=True)
    assert client.get("/h5/enter/", {"token": token}).status_code == 403


def test_the_preview_of_a_link_does_not_use_it_up(shop, member, client):
    token = shop.token(now=timezone.now())
    client.head("/h5/enter/", {"token": token})
    assert client.get("/h5/enter/", {"token": token}).status_code == 302


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/h5/c/spring/?from=sms", "/h5/c/spring/?from=sms"),
        ("", "/h5/"),
        ("/admin/", "/h5/"),
        ("https://evil.example/h5/", "/h5/"),
        ("//evil.example/h5/", "/h5/"),
        ("/h5/../admin/", "/h5/"),
        ("/h5/%2e%2e/admin/", "/h5/"),
        ("/h5/..\\..\\admin/", "/h5/"),
        ("javascript:alert(1)", "/h5/"),
    ],
)
def test_the_way_on_leads_below_h5_only(wanted, leads_to):
    assert onward(wanted) == leads_to
