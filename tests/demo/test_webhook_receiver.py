"""The receiver for trying out: what it says of what comes in, and how it answers."""

from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.utils import timezone

from demo import webhook_receiver
from operations import standard_webhooks, webhook_messages

SECRET = standard_webhooks.new_secret(bytes(range(32)))
BODY = b'{"type":"webhook.test"}'


def post(receiver, *, message_id="msg_1", secret=SECRET):
    headers = webhook_messages.headers_of(message_id, BODY, [secret], now=timezone.now())
    try:
        return urlopen(Request(f"{receiver.url}/hooks", BODY, headers), timeout=5).status
    except HTTPError as refused:
        return refused.code


def test_what_the_secret_signed_is_taken_and_nothing_else():
    with webhook_receiver.running(SECRET) as receiver:
        assert post(receiver) == 204
        assert post(receiver, secret=standard_webhooks.new_secret(bytes(32))) == 401
    assert [each.fault for each in receiver.received] == ["", "webhook_forged"]
    first, second = (webhook_receiver.shown(each) for each in receiver.received)
    assert first.startswith("msg_1: signed by the secret; answered 204\n")
    assert second.startswith("msg_1, try 2: refused: webhook_forged; answered 401\n")


def test_it_fails_the_first_tries_of_each_event_as_it_is_told():
    with webhook_receiver.running(SECRET) as receiver:
        receiver.switches = webhook_receiver.Switches(answer=500, times=2)
        answered = [post(receiver, message_id=name) for name in ("a", "a", "b", "a", "b", "b")]
    assert answered == [500, 500, 500, 204, 500, 204]
