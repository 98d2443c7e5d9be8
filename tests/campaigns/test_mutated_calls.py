"""Mutated calls and tokens at the doors themselves: none gets in, none breaks anything, none leaves anything."""

import base64
import hmac
import json
import random
import time
from itertools import islice

import pytest
from django.test import Client
from django.utils import timezone

from campaigns import callback_secrets, playing
from campaigns.models import Completion, Submission
from members.models import UsedToken
from members.participants import COOKIE
from operations.api_keys import create_api_key
from operations.models import IdempotencyKey
from operations.standard_webhooks import signature
from rewards.models import Award, Delivery
from tests.campaigns import scenes
from tests.operations.mutations import mutated, signed
from tests.rewards.receipt_calls import ADDRESS, Sender
from tests.rewards.test_delivering import granted

pytestmark = pytest.mark.django_db
EACH = 105
TASK = "/api/v1/callbacks/autumn/task/"
REFUSED = {400, 401, 413}


@pytest.fixture
def task_secret():
    """The secret of a task that ann has not done yet."""
    window = {"opens_at": "2020-01-01T00:00:00Z", "closes_at": "2099-01-01T00:00:00Z"}
    config = {"action": "wecom", "confirm": ["callback"]}
    campaign = scenes.publish(tasks=[scenes.task("task", "callback", config=config)], **window)
    now = timezone.now()
    playing.enrol(scenes.make_member("ann"), "autumn", now=now)
    return callback_secrets.issue(campaign, "task", earlier_until=now, by=None, now=now)


@pytest.fixture
def payment(settings, tmp_path):
    """A payment of which nobody knows what became, and who may tell."""
    settings.DELIVERY_PROVIDERS = {"bank": {"kind": "tests.rewards.bank.Bank", "folder": str(tmp_path)}}
    (delivery,) = granted()
    Delivery.objects.update(state="unknown", attempts=1, sent_at=timezone.now())
    return delivery, Sender(Client(), provider="bank")


def post(address, call):
    client = Client(raise_request_exception=False)
    return client.post(address, call.body, content_type="application/json", headers=call.headers)


def refusals(address, secret, body, seed):
    call = signed(secret, "msg_1", int(time.time()), body)
    for way, changed in islice(mutated(call, secret, random.Random(seed)), EACH):
        yield way, post(address, changed).status_code


def test_no_mutated_call_confirms_a_task(task_secret):
    taken = [each for each in refusals(TASK, task_secret, b'{"uid": "ann"}', 1) if each[1] not in REFUSED]
    assert taken == []
    assert not Submission.objects.exists()
    assert not Completion.objects.exists()
    assert not IdempotencyKey.objects.exists()


def test_no_mutated_receipt_settles_a_payment(payment):
    delivery, teller = payment
    body = json.dumps({"key": delivery.key, "state": "delivered"}).encode()
    taken = [each for each in refusals(ADDRESS, teller.secret, body, 2) if each[1] not in REFUSED]
    assert taken == []
    assert (Delivery.objects.get().state, Award.objects.get().state) == ("unknown", "granted")
    assert not IdempotencyKey.objects.exists()


def test_an_id_with_a_full_stop_cannot_be_parted_elsewhere(payment):
    delivery, teller = payment
    now = int(time.time())
    body = json.dumps({"key": delivery.key, "state": "delivered"}).encode()
    call = signed(teller.secret, f"evt.{now}", now, body)
    moved = type(call)("evt", str(now), call.signature, f"{now}.".encode() + body)
    assert signature(teller.secret, "evt", now, moved.body) == call.signature
    answer = post(ADDRESS, moved)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    assert Delivery.objects.get().state == "unknown"


def test_no_mutated_token_opens_the_door():
    scenes.make_member("ann")
    scenes.make_member("bob")
    key, plain, secret = create_api_key("shop", ["eligibility"])
    other, _plain, others = create_api_key("other", ["eligibility"])
    claims = {"sub": "ann", "aud": "h5", "jti": "j", "exp": int(time.time()) + 300}
    good = made(claims, secret, {"kid": key.prefix})
    tokens = [*forged(claims, good, key, plain, secret, other, others), *islice(broken(good, random.Random(3)), EACH)]
    let_in = []
    for token in tokens:
        answer = Client(raise_request_exception=False).get("/h5/enter/", {"token": token})
        if answer.status_code != 403 or COOKIE in answer.cookies:
            let_in.append((token, answer.status_code))
    assert let_in == []
    assert not UsedToken.objects.exists()
    assert COOKIE in Client().get("/h5/enter/", {"token": good}).cookies


def forged(claims, good, key, plain, secret, other, others):
    """Yield tokens as somebody makes them who knows how tokens are made, and not the secret."""
    _header, payload, proof = good.split(".")
    for algorithm in ("none", "None", "NONE", "nOnE"):
        head = part({"alg": algorithm, "typ": "JWT", "kid": key.prefix})
        yield from (f"{head}.{payload}.", f"{head}.{payload}.{proof}", f"{head}.{payload}")
    for algorithm in ("HS384", "HS512"):
        yield made(claims, secret, {"kid": key.prefix, "alg": algorithm})
    guessed = [others, "", plain, key.prefix, key.pk, "x" * 32, key.sealed_signing_secret]
    yield from (made(claims, each, {"kid": key.prefix}) for each in guessed)
    kids = [other.prefix, "' OR 1=1 --", "../../dev/null", "", None, 7, ["x"], {"a": 1}, "\x00", "é", "%", "*" * 3_000]
    for kid in kids:
        # A kid that is no text cannot be written by the library.
        head = part({"alg": "HS256", "typ": "JWT", "kid": kid})
        yield f"{head}.{payload}.{proof}"
    for more in (
        {"jku": "https://evil.example/"},
        {"jwk": {"kty": "oct", "k": ""}},
        {"x5u": "file:///"},
        {"crit": ["x"]},
    ):
        yield f"{part({'alg': 'HS256', 'kid': key.prefix} | more)}.{payload}.{proof}"
    for changed in ({"sub": "bob"}, {"exp": 2**40}, {"aud": ["h5"]}, {"jti": "k"}, {"iss": other.prefix}):
        yield f"{good.split('.')[0]}.{part(claims | changed)}.{proof}"
    badly = [{"exp": "soon"}, {"exp": 10**400}, {"exp": True}, {"sub": ["ann"]}, {"sub": ""}, {"sub": "a\x00"},
             {"sub": "\ud800"}, {"aud": "api"},
             {"aud": None}, {"jti": 1}, {"exp": -1}, {"nbf": 2**40}, {"sub": "nobody"}]  # fmt: skip
    for changed in badly:
        yield made(claims | changed, secret, {"kid": key.prefix})
    yield from ("", ".", "..", "...", "null", "e30.e30.e30", good.split(".")[0], f"{good}.", f" {good}", "a" * 5_000)


def broken(good, dice):
    """Yield the token with something changed anywhere, without an end."""
    while True:
        place, letter = dice.randrange(len(good)), dice.choice("ABCxyz019-_.=+/ %")
        changed = [good[:place] + letter + good[place + 1 :], good[:place] + good[place + 1 :], good[:place],
                   good[:place] + letter + good[place:]]  # fmt: skip
        if (token := dice.choice(changed)) != good and decoded(token) != decoded(good):
            yield token


def decoded(token):
    """Return the bytes that a token stands for: its last letter has bits to spare, and the library reads past them."""
    try:
        return [base64.urlsafe_b64decode(each + "=" * (-len(each) % 4)) for each in token.split(".")]
    except ValueError:
        return None


def made(claims, secret, header) -> str:
    """Return a token by hand: the library refuses to write some of what somebody may send."""
    said = f"{part({'alg': 'HS256', 'typ': 'JWT'} | header)}.{part(claims)}"
    digest = {"HS384": "sha384", "HS512": "sha512"}.get(header.get("alg"), "sha256")
    proof = hmac.digest(secret.encode(), said.encode(), digest)
    return f"{said}.{base64.urlsafe_b64encode(proof).rstrip(b'=').decode()}"


def part(said) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
