"""Signatures as standardwebhooks.com defines them, and what is no signature."""

from datetime import UTC, datetime, timedelta

import pytest

from operations.standard_webhooks import TOLERANCE, Fault, NotAuthentic, authentic_id, new_secret, signature

# The example of the Standard Webhooks libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, TIMESTAMP = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
NOW = datetime.fromtimestamp(TIMESTAMP, UTC)
OTHER = new_secret(bytes(32))


def sent(**changes):
    given = {"id": MESSAGE, "timestamp": str(TIMESTAMP), "signature": SIGNATURE} | changes
    return {f"webhook-{name}": value for name, value in given.items() if value is not None}


def fault(headers, body=BODY, secrets=(SECRET,), now=NOW):
    with pytest.raises(NotAuthentic) as caught:
        authentic_id(headers, body, secrets, now=now)
    return caught.value.fault


def test_the_signature_is_that_of_the_standards_own_example():
    assert signature(SECRET, MESSAGE, TIMESTAMP, BODY) == SIGNATURE


@pytest.mark.parametrize("secrets", [[SECRET], [OTHER, SECRET]])
def test_what_one_of_the_secrets_signed_is_authentic(secrets):
    assert authentic_id(sent(), BODY, secrets, now=NOW) == MESSAGE


def test_one_of_several_signatures_is_enough():
    assert authentic_id(sent(signature=f"v1,AAAA v1a,BBBB {SIGNATURE}"), BODY, [SECRET], now=NOW) == MESSAGE


@pytest.mark.parametrize("missing", ["id", "timestamp", "signature"])
def test_without_a_header_it_is_unsigned(missing):
    assert fault(sent(**{missing: None})) is Fault.UNSIGNED


@pytest.mark.parametrize(
    "changed",
    [{"timestamp": "soon"}, {"timestamp": "-5"}, {"timestamp": "9" * 11}, {"timestamp": "١٢"}, {"id": "x" * 201},
     {"id": "é"}],
)  # fmt: skip
def test_what_cannot_be_a_header_is_unsigned(changed):
    assert fault(sent(**changed)) is Fault.UNSIGNED


@pytest.mark.parametrize(
    ("changed", "body"),
    [({}, BODY + b" "), ({"id": "msg_2"}, BODY), ({"timestamp": str(TIMESTAMP + 1)}, BODY),
     ({"signature": SIGNATURE.removeprefix("v1,")}, BODY), ({"signature": "v1,"}, BODY), ({"signature": "ü"}, BODY)],
)  # fmt: skip
def test_whatever_is_altered_it_is_forged(changed, body):
    assert fault(sent(**changed), body) is Fault.FORGED


@pytest.mark.parametrize("secrets", [(), (OTHER,)])
def test_without_the_secret_it_is_forged(secrets):
    assert fault(sent(), secrets=secrets) is Fault.FORGED


def test_the_borders_of_the_time_allowed():
    assert authentic_id(sent(), BODY, [SECRET], now=NOW + TOLERANCE) == MESSAGE
    assert authentic_id(sent(), BODY, [SECRET], now=NOW - TOLERANCE) == MESSAGE
    assert fault(sent(), now=NOW + TOLERANCE + timedelta(microseconds=1)) is Fault.TOO_OLD
    assert fault(sent(), now=NOW - TOLERANCE - timedelta(microseconds=1)) is Fault.TOO_EARLY
    assert fault(sent(signature="v1,AAAA"), now=NOW + 2 * TOLERANCE) is Fault.FORGED
