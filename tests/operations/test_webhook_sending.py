"""The pump: what it sends, in what order, and what becomes of what is not taken."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.translation import override
from standardwebhooks import Webhook

from operations import webhook_endpoints, webhook_sending
from operations.apart import apart
from operations.models import AuditRecord, WebhookAttempt, WebhookDelivery
from operations.webhook_claims import LEASE, due_endpoints, take_due, take_next
from operations.webhook_client import Answer, Client
from operations.webhook_outcomes import Tried, write
from operations.webhook_refusals import Fault, off_words
from operations.webhook_retries import TRIED_FOR
from tests.operations.conftest import NOON
from tests.operations.receivers import answer, receiving
from tests.operations.webhook_scenes import KIND, SECRET, deliver, make_event, run_deletions, stored_endpoint

pytestmark = pytest.mark.django_db(transaction=True)

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _switch(settings):
    settings.WEBHOOKS_TO_PRIVATE = True


def pump(endpoint, *, now=NOON, **options):
    return webhook_sending.pump(endpoint.pk, now=lambda: now, chance=lambda: 0.0, seconds=20, **options)


def states(endpoint):
    return list(WebhookDelivery.objects.filter(endpoint=endpoint).order_by("pk").values_list("state", flat=True))


def always(status, **headers):
    return lambda _came, handler: answer(handler, status, b"no", **headers)


def test_a_delivery_is_sent_and_noted():
    with receiving() as receiver:
        endpoint = stored_endpoint(receiver.url)
        event = make_event(7, amount=12.5, city="北京")
        delivery = deliver(endpoint, event)
        assert pump(endpoint).taken == 1
    (came,) = receiver.came
    delivery.refresh_from_db()
    endpoint.refresh_from_db()
    assert (came.message_id, came.headers["content-type"]) == (event.message_id, "application/json")
    assert json.loads(came.body) == {
        "type": KIND,
        "timestamp": "2026-11-21T12:00:00Z",
        "data": {"uid": "u7", "amount": 12.5, "city": "北京"},
    }
    assert (delivery.state, delivery.attempts, delivery.ended_at, delivery.last_status) == ("delivered", 1, NOON, 204)
    assert (endpoint.last_delivered_at, endpoint.failing_since) == (NOON, None)
    attempt = WebhookAttempt.objects.get(delivery=delivery)
    assert (attempt.number, attempt.at, attempt.status, attempt.error) == (1, NOON, 204, "")


def test_the_standards_own_package_verifies_it_and_with_a_new_secret_both_do():
    now = timezone.now()
    with receiving() as receiver:
        endpoint = stored_endpoint(receiver.url)
        endpoint, second = webhook_endpoints.rotate_secret(endpoint, by=None, now=now)
        deliver(endpoint, make_event(), now=now)
        pump(endpoint, now=now)
        later = now + webhook_endpoints.OVERLAP
        deliver(endpoint, make_event(), now=later)
        pump(endpoint, now=later)
    both, one = receiver.came
    for secret in (SECRET, second):
        assert Webhook(secret).verify(both.body, both.headers)["type"] == KIND
    assert len(both.headers["webhook-signature"].split(" ")) == 2
    assert len(one.headers["webhook-signature"].split(" ")) == 1


def test_a_member_is_told_of_in_order_and_members_do_not_wait_for_each_other():
    came = []

    def answers(each, handler):
        uid = json.loads(each.body)["data"]["uid"]
        came.append(json.loads(each.body)["data"])
        answer(handler, 500 if uid == "u1" and len(came) == 1 else 200)

    with receiving(answers) as receiver:
        endpoint = stored_endpoint(receiver.url)
        for number in range(3):
            deliver(endpoint, make_event(1, number=number))
        assert pump(endpoint).failed == 1
        for number in range(3):
            deliver(endpoint, make_event(2, number=number))
        assert pump(endpoint, now=NOON + 2 * SECOND).taken == 3
        assert pump(endpoint, now=NOON + 10 * SECOND).taken == 3
    assert [each["number"] for each in came if each["uid"] == "u1"] == [0, 0, 1, 2]
    assert [each["number"] for each in came if each["uid"] == "u2"] == [0, 1, 2]
    assert [each["uid"] for each in came] == ["u1", "u2", "u2", "u2", "u1", "u1", "u1"]


def test_what_is_about_nobody_stands_in_no_line():
    with receiving() as receiver:
        endpoint = stored_endpoint(receiver.url)
        deliver(endpoint, make_event(None), due_at=NOON + HOUR)
        deliver(endpoint, make_event(None))
        assert pump(endpoint).taken == 1
    assert states(endpoint) == ["waiting", "delivered"]


def test_what_is_not_taken_is_tried_again_later_with_the_same_id_and_body():
    with receiving(always(500)) as receiver:
        endpoint = stored_endpoint(receiver.url)
        delivery = deliver(endpoint, make_event())
        behind = deliver(endpoint, make_event())
        assert pump(endpoint).failed == 1
        delivery.refresh_from_db()
        behind.refresh_from_db()
        assert (delivery.state, delivery.attempts, delivery.last_status) == ("waiting", 1, 500)
        assert delivery.due_at == behind.due_at == NOON + 5 * SECOND
        assert pump(endpoint, now=NOON + 4 * SECOND).failed == 0
        assert pump(endpoint, now=NOON + 5 * SECOND).failed == 1
        receiver.answers = always(200)
        assert pump(endpoint, now=NOON + HOUR).taken == 2
    first, second, third, _behind = receiver.came
    assert first.message_id == second.message_id == third.message_id
    assert first.body == second.body == third.body
    assert [each.number for each in WebhookAttempt.objects.filter(delivery=delivery).order_by("number")] == [1, 2, 3]


def test_a_receiver_that_asks_to_be_left_alone_is():
    with receiving(always(429, Retry_After="600")) as receiver:
        endpoint = stored_endpoint(receiver.url)
        delivery = deliver(endpoint, make_event())
        pump(endpoint)
        deliver(endpoint, make_event(2))
        assert pump(endpoint, now=NOON + 599 * SECOND).failed == 0
        assert due_endpoints(now=NOON + 599 * SECOND) == []
        assert due_endpoints(now=NOON + 600 * SECOND) == [endpoint.pk]
    delivery.refresh_from_db()
    assert delivery.due_at == NOON + 600 * SECOND


def test_a_delivery_is_given_up_after_three_days_and_the_next_of_its_line_follows():
    def answers(each, handler):
        answer(handler, 400 if json.loads(each.body)["data"]["number"] == 0 else 200)

    with receiving(answers) as receiver:
        endpoint = stored_endpoint(receiver.url)
        poison = deliver(endpoint, make_event(number=0))
        deliver(endpoint, make_event(number=1))
        now = NOON
        while states(endpoint)[0] == "waiting":
            pump(endpoint, now=now)
            # Somebody else is told meanwhile, so the endpoint does not fail.
            deliver(endpoint, make_event(2, number=2), now=now)
            pump(endpoint, now=now + SECOND)
            poison.refresh_from_db()
            now = max(poison.due_at, now + SECOND)
        pump(endpoint, now=now)
    endpoint.refresh_from_db()
    assert (poison.state, poison.ended_at, endpoint.state) == ("given_up", NOON + TRIED_FOR, "on")
    assert (poison.attempts, set(states(endpoint)[1:])) == (15, {"delivered"})


def test_an_endpoint_that_takes_nothing_is_not_tried_with_everything_that_waits():
    with receiving(always(503)) as receiver:
        endpoint = stored_endpoint(receiver.url)
        for member in range(200):
            deliver(endpoint, make_event(member))
        assert pump(endpoint).failed <= webhook_sending.TAKEN
        endpoint.refresh_from_db()
        assert (endpoint.failing_since, endpoint.resting_until) == (NOON, NOON + SECOND)
        before = len(receiver.came)
        assert pump(endpoint, now=NOON + SECOND / 2).failed == 0
        assert pump(endpoint, now=NOON + 100 * SECOND).failed == 1
        endpoint.refresh_from_db()
        assert endpoint.resting_until == NOON + 150 * SECOND
        assert len(receiver.came) == before + 1
        receiver.answers = always(200)
        assert pump(endpoint, now=NOON + 200 * SECOND).taken == 200
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_an_endpoint_that_has_taken_nothing_for_three_days_goes_off_and_keeps_what_waits():
    with receiving(always(500)) as receiver:
        endpoint = stored_endpoint(receiver.url)
        for member in range(4):
            deliver(endpoint, make_event(member))
        for hours in range(0, 80, 8):
            pump(endpoint, now=NOON + hours * HOUR)
        endpoint.refresh_from_db()
        assert (endpoint.state, endpoint.off_reason) == ("off", "failing")
        with override("en"):
            assert "three days" in off_words(endpoint.off_reason)
        record = AuditRecord.objects.get(action="webhook.switched_off")
        assert (record.reason, record.actor_name) == ("failing", "")
        assert due_endpoints(now=NOON + 100 * HOUR) == []
        assert "waiting" in states(endpoint)
        receiver.answers = always(200)
        assert pump(endpoint, now=NOON + 100 * HOUR).taken == 0
        webhook_endpoints.switch_on(endpoint, by=None, now=NOON + 100 * HOUR)
        assert pump(endpoint, now=NOON + 100 * HOUR).taken == states(endpoint).count("delivered") > 0
    assert "waiting" not in states(endpoint)


def test_410_switches_it_off_at_once_and_nothing_is_lost():
    with receiving(always(410)) as receiver:
        endpoint = stored_endpoint(receiver.url)
        deliver(endpoint, make_event())
        pump(endpoint)
        endpoint.refresh_from_db()
        assert (endpoint.state, endpoint.off_reason, states(endpoint)) == ("off", "gone", ["waiting"])
        receiver.answers = always(200)
        webhook_endpoints.switch_on(endpoint, by=None, now=NOON)
        assert pump(endpoint).taken == 1


def test_what_waits_for_a_paused_endpoint_is_kept():
    with receiving() as receiver:
        endpoint = stored_endpoint(receiver.url)
        deliver(endpoint, make_event())
        webhook_endpoints.pause(endpoint, by=None, now=NOON)
        assert pump(endpoint).taken == 0
        assert due_endpoints(now=NOON) == []
        webhook_endpoints.switch_on(endpoint, by=None, now=NOON)
        assert pump(endpoint).taken == 1


def test_a_test_is_tried_once():
    with receiving(always(500)) as receiver:
        endpoint = stored_endpoint(receiver.url)
        delivery = webhook_endpoints.test_event(endpoint, by=None, now=NOON)
        pump(endpoint)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_status) == ("given_up", 500)
    assert json.loads(receiver.came[0].body)["type"] == "webhook.test"


def test_without_the_switch_nothing_comes_here(settings):
    settings.WEBHOOKS_TO_PRIVATE = False
    with receiving() as receiver:
        endpoint = stored_endpoint(receiver.url.replace("http:", "https:"))
        delivery = deliver(endpoint, make_event())
        assert pump(endpoint).failed == 1
    delivery.refresh_from_db()
    assert (delivery.last_error, delivery.last_status, receiver.connections) == (Fault.NOT_PUBLIC, None, 0)


def test_a_secret_that_cannot_be_opened_is_told_and_nothing_is_sent_unsigned():
    with receiving() as receiver:
        endpoint = stored_endpoint(receiver.url, sealed_secret="nonsense")
        delivery = deliver(endpoint, make_event())
        pump(endpoint)
    delivery.refresh_from_db()
    assert (delivery.last_error, receiver.came) == (Fault.SECRET_LOST, [])


def test_a_fault_of_our_own_is_an_attempt_like_any(monkeypatch):
    class Broken(Client):
        def post(self, *_given):
            raise ZeroDivisionError

    endpoint = stored_endpoint()
    delivery = deliver(endpoint, make_event())
    assert pump(endpoint, client=Broken()).failed == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == ("waiting", "broken: ZeroDivisionError")


def test_an_endpoint_that_was_deleted_has_nothing_to_send():
    endpoint = stored_endpoint()
    deliver(endpoint, make_event())
    webhook_endpoints.delete(endpoint, by=None, now=NOON)
    assert pump(endpoint).taken == 0


def test_one_deleted_while_it_is_sent_to_is_no_error():
    def answers(_came, handler):
        apart(webhook_endpoints.delete, endpoint, by=None, now=NOON)
        answer(handler, 200)

    with receiving(answers) as receiver:
        endpoint = stored_endpoint(receiver.url)
        deliver(endpoint, make_event())
        assert pump(endpoint).taken == 1
    run_deletions()
    assert not WebhookDelivery.objects.exists()


def test_numbers_keep_their_digits():
    with receiving() as receiver:
        endpoint = stored_endpoint(receiver.url)
        event = make_event()
        with connection.cursor() as cursor:
            cursor.execute("""UPDATE operations_webhookevent SET data = '{"a": 12.50, "big": 12345678901234567890}'""")
        deliver(endpoint, event)
        pump(endpoint)
    assert b'"data":{"a": 12.50, "big": 12345678901234567890}' in receiver.came[0].body


# What is taken, and by whom.


def test_only_the_head_of_a_line_is_taken_and_by_one_worker():
    endpoint = stored_endpoint()
    first = deliver(endpoint, make_event(1))
    deliver(endpoint, make_event(1))
    other = deliver(endpoint, make_event(2))
    assert [each.id for each in take_due(endpoint.pk, limit=10, now=NOON)] == [first.pk, other.pk]
    assert take_due(endpoint.pk, limit=10, now=NOON) == []
    assert take_next(endpoint.pk, [1, 2], now=NOON) == []


def test_the_next_follows_once_the_head_has_ended():
    endpoint = stored_endpoint()
    first, second = deliver(endpoint, make_event(1)), deliver(endpoint, make_event(1))
    WebhookDelivery.objects.filter(pk=first.pk).update(state="delivered", ended_at=NOON)
    assert [each.id for each in take_next(endpoint.pk, [1, 9], now=NOON)] == [second.pk]


def test_what_a_killed_worker_had_taken_is_taken_again_when_its_lease_is_over():
    endpoint = stored_endpoint()
    delivery = deliver(endpoint, make_event(1))
    (taken,) = take_due(endpoint.pk, limit=10, now=NOON)
    assert due_endpoints(now=NOON + LEASE - SECOND) == []
    assert due_endpoints(now=NOON + LEASE) == [endpoint.pk]
    (again,) = take_due(endpoint.pk, limit=10, now=NOON + LEASE)
    assert (taken.id, taken.attempt, again.attempt) == (delivery.pk, 1, 2)


def test_those_are_taken_first_that_have_been_due_for_longest():
    endpoint = stored_endpoint()
    late = deliver(endpoint, make_event(1), due_at=NOON)
    early = deliver(endpoint, make_event(2), due_at=NOON - HOUR)
    deliver(endpoint, make_event(3), due_at=NOON + HOUR)
    assert [each.id for each in take_due(endpoint.pk, limit=1, now=NOON)] == [early.pk]
    assert [each.id for each in take_due(endpoint.pk, limit=9, now=NOON)] == [late.pk]


def test_a_worker_whose_lease_was_over_may_still_say_that_it_was_taken_but_not_that_it_failed():
    endpoint = stored_endpoint()
    delivery = deliver(endpoint, make_event(1))
    (slow,) = take_due(endpoint.pk, limit=1, now=NOON)
    take_due(endpoint.pk, limit=1, now=NOON + LEASE)

    def told(answered):
        write(endpoint.pk, [Tried(slow, answered, NOON)], alone=False, now=NOON, chance=lambda: 0.0)
        delivery.refresh_from_db()
        return delivery.state, delivery.attempts, delivery.taken_until

    assert told(Answer(500)) == ("waiting", 2, NOON + 2 * LEASE)
    assert told(Answer(200)) == ("delivered", 2, None)
