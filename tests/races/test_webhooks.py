"""Deliveries of webhooks that many workers take at once, and replays that meet."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction

from operations import webhook_events, webhook_outcomes
from operations.models import Job, WebhookDelivery, WebhookEvent
from operations.webhook_claims import take_due, take_next
from operations.webhook_client import Answer
from operations.webhook_outcomes import Tried, write
from operations.webhook_refusals import WebhookRefused
from operations.webhook_replays import Which, replay, replay_many, replay_slice
from tests.operations.conftest import NOON
from tests.operations.webhook_scenes import deliver, make_event, stored_endpoint
from tests.races.test_webhook_events import is_waiting, one_after_the_other, until
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_ten_workers_take_each_head_once_and_nothing_behind_it():
    endpoint = stored_endpoint()
    heads = set()
    for member in range(60):
        heads.add(deliver(endpoint, make_event(member)).pk)
        deliver(endpoint, make_event(member))

    def work(number):
        taken = []
        for _ in range(4):
            taken += take_due(endpoint.pk, limit=5, now=NOON)
            taken += take_next(endpoint.pk, range(number, 60, 10), now=NOON)
        return [each.id for each in taken]

    taken = [each for ids in at_once(10, work) for each in ids]
    assert (len(taken), set(taken)) == (60, heads)
    assert not WebhookDelivery.objects.filter(attempts__gt=1).exists()


def test_ten_replays_of_one_delivery_at_once_are_one():
    endpoint = stored_endpoint()
    old = deliver(endpoint, make_event(), state="given_up", ended_at=NOON)

    def again(_number):
        try:
            return replay(old, by=None, now=NOON)
        except WebhookRefused as refused:
            return refused.refusal.value
        finally:
            connection.close()

    made = at_once(10, again)
    assert made.count("webhook_delivery_waiting") == 9
    assert WebhookDelivery.objects.filter(state="waiting").count() == 1


def forget(event):
    WebhookDelivery.objects.filter(event=event).delete()
    WebhookEvent.objects.filter(pk=event.pk).delete()


def test_what_is_being_forgotten_is_not_told_again():
    endpoint = stored_endpoint()
    old = deliver(endpoint, make_event(), state="given_up", ended_at=NOON)

    _forgotten, refused = one_after_the_other(lambda: forget(old.event), lambda: replay(old, by=None, now=NOON))

    assert refused.refusal.value == "webhook_event_forgotten"
    assert not WebhookDelivery.objects.exists()


def test_what_is_being_forgotten_is_left_out_of_a_stretch():
    endpoint = stored_endpoint()
    gone, kept = (deliver(endpoint, make_event(), state="given_up", ended_at=NOON) for _ in range(2))
    range_of_time = {"since": NOON - timedelta(days=1), "until": NOON + timedelta(days=1)}
    replay_many(endpoint, **range_of_time, which=Which.GIVEN_UP, by=None, now=NOON)
    (stretch,) = Job.objects.values_list("arguments__stretch", flat=True)

    made = one_after_the_other(lambda: forget(gone.event), lambda: replay_slice(stretch, after=0, now=NOON))

    assert not [each for each in made if isinstance(each, Exception)]
    assert list(WebhookDelivery.objects.filter(state="waiting").values_list("replays", flat=True)) == [kept.pk]


def test_an_erasure_beside_a_worker_that_puts_off_the_members_line_waits_for_it(monkeypatch, caplog):
    endpoint = stored_endpoint()
    for _ in range(3):
        deliver(endpoint, make_event())
    (head,) = take_due(endpoint.pk, limit=1, now=NOON)
    holds_the_head, put_off = Event(), webhook_outcomes._put_off

    def slowly(*given):
        holds_the_head.set()
        until(is_waiting)
        put_off(*given)

    monkeypatch.setattr(webhook_outcomes, "_put_off", slowly)

    def work(index):
        if index == 0:
            write(endpoint.pk, [Tried(head, Answer(500), NOON)], alone=True, now=NOON, chance=lambda: 0.0)
        else:
            holds_the_head.wait(20)
            with transaction.atomic():
                webhook_events.forget_about(1)

    assert at_once(2, work) == [None, None]
    assert not caplog.records
    assert not WebhookDelivery.objects.exists()
