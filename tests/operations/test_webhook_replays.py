"""Sent again: the same event, at the end of its line, once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from operations import jobs, webhook_replays, webhook_rights
from operations.models import AuditRecord, Job, WebhookDelivery
from operations.webhook_refusals import WebhookRefusal, WebhookRefused
from operations.webhook_replays import Which, replay, replay_many, replay_slice
from tests.operations.conftest import NOON
from tests.operations.webhook_scenes import deliver, make_event, stored_endpoint

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def ended(endpoint, event, state="given_up", **fields):
    return deliver(endpoint, event, state=state, ended_at=NOON, **fields)


def replay_all(endpoint, which=Which.GIVEN_UP, *, since=NOON - HOUR, until=NOON + HOUR, now=NOON):
    """Ask for it and run the jobs; return what was promised and the events that wait now."""
    count = replay_many(endpoint, since=since, until=until, which=which, by=None, now=now)
    while job := Job.objects.filter(function=webhook_replays.JOB, state="queued").first():
        jobs.replay_webhooks(**job.arguments)
        Job.objects.filter(pk=job.pk).update(state="done", finished_at=now)
    waiting = endpoint.deliveries.filter(state="waiting").order_by("pk")
    return count, list(waiting.values_list("event_id", flat=True))


def test_a_replay_is_a_new_delivery_of_the_same_event_at_the_end_of_the_line(olga):
    endpoint = stored_endpoint()
    event = make_event(3)
    old = ended(endpoint, event)
    later = deliver(endpoint, make_event(3))
    again = replay(old, by=olga, now=NOON + HOUR)
    old.refresh_from_db()
    assert (again.event, again.member_id, again.replays, again.due_at) == (event, 3, old, NOON + HOUR)
    assert again.pk > later.pk
    assert old.state == "given_up"
    record = AuditRecord.objects.get(action="webhook.replayed")
    assert (record.actor, record.changes) == (olga, {"delivery": [old.pk, again.pk]})


def test_what_still_waits_is_not_queued_twice():
    endpoint, other = stored_endpoint(), stored_endpoint(name="Other")
    event = make_event()
    old = ended(endpoint, event, "delivered")
    deliver(other, event)
    again = replay(old, by=None, now=NOON)
    for each in (old, again):
        with pytest.raises(WebhookRefused) as caught:
            replay(each, by=None, now=NOON)
        assert caught.value.refusal == WebhookRefusal.STILL_WAITING


def test_of_a_time_all_that_was_given_up_is_queued_in_its_order():
    endpoint = stored_endpoint()
    before = make_event()
    ended(endpoint, before, created_at=NOON - HOUR - timedelta(seconds=1))
    events = [make_event(number) for number in range(3)]
    for event in events:
        ended(endpoint, event)
    ended(endpoint, make_event(), "delivered")
    ended(endpoint, make_event(), created_at=NOON + HOUR)
    ended(stored_endpoint(name="Other"), make_event())
    assert replay_all(endpoint) == (3, [event.pk for event in events])
    record = AuditRecord.objects.get(action="webhook.replayed_many")
    assert (record.changes["count"], record.changes["which"]) == ([None, 3], [None, "given_up"])


def test_all_means_what_was_delivered_too():
    endpoint = stored_endpoint()
    events = [make_event(), make_event()]
    ended(endpoint, events[0], "delivered")
    ended(endpoint, events[1])
    assert replay_all(endpoint, Which.ALL) == (2, [event.pk for event in events])


def test_an_event_is_sent_again_once_and_not_if_it_has_arrived_since_or_waits():
    endpoint = stored_endpoint()
    arrived, twice, waits = make_event(), make_event(), make_event()
    ended(endpoint, arrived)
    ended(endpoint, arrived, "delivered")
    ended(endpoint, twice)
    ended(endpoint, twice)
    ended(endpoint, waits)
    deliver(endpoint, waits)
    assert replay_all(endpoint) == (1, [waits.pk, twice.pk])


def test_much_is_queued_slice_by_slice(monkeypatch):
    monkeypatch.setattr(webhook_replays, "SLICE", 2)
    endpoint = stored_endpoint()
    events = [make_event(number) for number in range(5)]
    for event in events:
        ended(endpoint, event)
    assert replay_all(endpoint) == (5, [event.pk for event in events])
    assert Job.objects.filter(function=webhook_replays.JOB).count() == 3


@pytest.mark.parametrize("client", ["crm", ""])
def test_of_a_time_what_the_client_may_not_be_told_any_more_is_left_out(client):
    endpoint = stored_endpoint(client=client)
    allowed, refused = make_event(), make_event(kind="award.granted")
    for event in (allowed, refused):
        ended(endpoint, event)
    assert replay_all(endpoint) == ((1, [allowed.pk]) if client else (2, [allowed.pk, refused.pk]))


def test_a_job_that_replays_holds_to_what_the_client_has_lost_meanwhile(monkeypatch):
    endpoint = stored_endpoint(client="crm")
    ended(endpoint, make_event(kind="award.granted"))
    monkeypatch.setattr(webhook_rights, "scopes_of", lambda _client: {"rewards"})
    assert replay_many(endpoint, since=NOON - HOUR, until=NOON + HOUR, which=Which.ALL, by=None, now=NOON) == 1
    monkeypatch.setattr(webhook_rights, "scopes_of", lambda _client: set())
    assert replay_slice(Job.objects.get().arguments["stretch"], after=0, now=NOON) == 0
    assert WebhookDelivery.objects.count() == 1


def test_nothing_to_send_again_asks_for_no_job():
    assert replay_all(stored_endpoint()) == (0, [])
    assert not Job.objects.exists()


def test_a_time_without_length_is_refused():
    with pytest.raises(WebhookRefused) as caught:
        replay_all(stored_endpoint(), since=NOON, until=NOON)
    assert (caught.value.refusal, caught.value.field) == (WebhookRefusal.NO_TIME, "until")


def test_an_endpoint_that_was_deleted_meanwhile_is_no_error():
    endpoint = stored_endpoint()
    ended(endpoint, make_event())
    replay_many(endpoint, since=NOON - HOUR, until=NOON + HOUR, which=Which.ALL, by=None, now=NOON)
    WebhookDelivery.objects.all().delete()
    endpoint.delete()
    assert replay_slice(Job.objects.get().arguments["stretch"], after=0, now=timezone.now()) == 0
