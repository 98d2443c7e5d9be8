"""Ten thousand mutated signatures: none is taken. What is signed well is so to the library of the standard too."""

import base64
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
import time_machine
from standardwebhooks import Webhook

from operations.standard_webhooks import NotAuthentic, authentic_id, new_secret, signature
from tests.operations.mutations import WAYS, mutated, signed

MUTATIONS = 10_000
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = new_secret(bytes(range(32)))
BODY = '{"uid": "安安", "amount": 2432232314}'.encode()


def test_none_of_ten_thousand_mutated_calls_is_taken():
    dice = random.Random(20_261_122)
    call = signed(SECRET, "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", int(NOW.timestamp()), BODY)
    assert authentic_id(call.headers, call.body, [SECRET], now=NOW) == call.message_id
    ways: Counter[str] = Counter()
    for way, changed in islice(mutated(call, SECRET, dice), MUTATIONS):
        ways[way] += 1
        with pytest.raises(NotAuthentic):
            authentic_id(changed.headers, changed.body, [SECRET], now=NOW)
    assert (ways.total(), len(ways)) == (MUTATIONS, len(WAYS))


def test_another_text_of_the_same_bytes_is_another_signature():
    call = signed(SECRET, "msg_1", int(NOW.timestamp()), BODY)
    text = call.signature.removeprefix("v1,")
    alike = [f"{text[:-2]}{letter}=" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"]
    same = [each for each in alike if base64.b64decode(each) == base64.b64decode(text)]
    assert len(same) == 4
    taken = [each for each in same if is_taken(call.headers | {"webhook-signature": f"v1,{each}"}, call.body)]
    assert taken == [text]


def is_taken(headers, body, now=NOW):
    try:
        return bool(authentic_id(headers, body, [SECRET], now=now))
    except NotAuthentic:
        return False


@pytest.mark.parametrize("seed", range(20))
def test_the_library_of_the_standard_agrees_both_ways(seed):
    dice = random.Random(seed)
    secret = new_secret(dice.randbytes(32))
    # What JSON can be; the library reads the body as text.
    body = f'{{"n": {dice.randrange(10**9)}, "name": "{chr(dice.randrange(0x4E00, 0x9FFF))}"}}'.encode()
    moment = NOW + timedelta(seconds=dice.randint(-290, 290))
    theirs = Webhook(secret).sign("msg_1", moment, body.decode())
    assert theirs == signature(secret, "msg_1", int(moment.timestamp()), body)
    call = signed(secret, "msg_1", int(moment.timestamp()), body)
    assert authentic_id(call.headers, body, [secret], now=NOW) == "msg_1"
    with time_machine.travel(NOW, tick=False):
        assert Webhook(secret).verify(body, call.headers)["n"] >= 0
