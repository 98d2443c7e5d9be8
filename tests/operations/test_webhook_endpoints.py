"""Endpoints: made, changed, and what is refused. Each change is in the audit trail, and no secret ever is."""

from datetime import timedelta

import pytest

from operations import jobs, public_addresses, webhook_deletion, webhook_endpoints, webhook_kinds
from operations.models import AuditRecord, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from operations.webhook_kinds import Kind
from operations.webhook_refusals import WORDINGS, BadAddress, UnknownKind, WebhookRefusal, WebhookRefused, off_words
from tests.operations.conftest import NOON
from tests.operations.webhook_scenes import KIND, deliver, make_event, run_deletions

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _something_happens(monkeypatch):
    monkeypatch.setitem(webhook_kinds._kinds, KIND, Kind(KIND, "facts", "Something happened"))


def make_endpoint(url="https://93.184.215.14/hooks", **fields):
    wanted = {"name": "Shop", "url": url, "events": [KIND], "by": None, "now": NOON} | fields
    return webhook_endpoints.create(**wanted)


def actions():
    return list(AuditRecord.objects.order_by("pk").values_list("action", flat=True))


def refused(**fields):
    with pytest.raises(WebhookRefused) as caught:
        make_endpoint(**fields)
    return caught.value


def test_an_endpoint_is_on_from_the_start_and_its_secret_is_returned_once_and_sealed():
    endpoint, secret = make_endpoint(name=" Shop ", segments=["vip", "vip", "new"])
    stored = WebhookEndpoint.objects.get(pk=endpoint.pk)
    assert (stored.name, stored.state, stored.segments, stored.client) == ("Shop", "on", ["new", "vip"], "")
    assert secret.startswith("whsec_")
    assert secret not in stored.sealed_secret
    assert webhook_endpoints.signing_secrets(stored, now=NOON) == [secret]


def test_the_trail_knows_who_made_it_and_what_it_is_told_but_not_its_secret(olga):
    _endpoint, secret = make_endpoint(by=olga)
    record = AuditRecord.objects.get(action="webhook.created")
    assert (record.actor, record.changes["events"]) == (olga, [None, [KIND]])
    assert secret not in str(record.changes)


@pytest.mark.parametrize(
    ("fields", "refusal", "field"),
    [
        ({"name": "  "}, WebhookRefusal.NO_NAME, "name"),
        ({"name": "x" * 101}, WebhookRefusal.NAME_TOO_LONG, "name"),
        ({"name": "a\x00b"}, WebhookRefusal.NAME_TOO_LONG, "name"),
        ({"events": []}, WebhookRefusal.NO_EVENTS, "events"),
        ({"events": [KIND, "no.such"]}, WebhookRefusal.UNKNOWN_KIND, "events"),
        ({"events": [webhook_endpoints.TEST]}, WebhookRefusal.UNKNOWN_KIND, "events"),
        ({"segments": ["no slug"]}, WebhookRefusal.BAD_SEGMENT, "segments"),
        ({"segments": ["x" * 51]}, WebhookRefusal.BAD_SEGMENT, "segments"),
        ({"url": "http://93.184.215.14/"}, WebhookRefusal.NOT_HTTPS, "url"),
        ({"url": "https://127.0.0.1/"}, WebhookRefusal.NOT_PUBLIC, "url"),
        ({"url": "https://localhost/"}, WebhookRefusal.NOT_PUBLIC, "url"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name_and_nothing_is_kept(fields, refusal, field):
    error = refused(**fields)
    assert (error.refusal, error.field) == (refusal, field)
    assert not WebhookEndpoint.objects.exists()


def test_refusals_name_what_they_mean():
    assert isinstance(refused(url="https://10.0.0.1/"), BadAddress)
    assert "no.such" in str(refused(events=["no.such"]))
    assert isinstance(refused(events=["no.such"]), UnknownKind)
    assert set(WORDINGS) == set(WebhookRefusal)


def test_a_name_that_nobody_knows_yet_may_be_saved(monkeypatch):
    def unknown(_host, _port):
        raise OSError("unknown")

    monkeypatch.setattr(public_addresses, "_getaddrinfo", unknown)
    endpoint, _secret = make_endpoint("https://soon.example/")
    assert endpoint.state == "on"


def test_the_switch_lets_plain_http_into_this_machine(settings):
    settings.WEBHOOKS_TO_PRIVATE = True
    endpoint, _secret = make_endpoint("http://127.0.0.1:8000/hooks")
    assert endpoint.url == "http://127.0.0.1:8000/hooks"


def test_only_what_changes_is_written_and_recorded():
    endpoint, _secret = make_endpoint()
    changed = webhook_endpoints.change(endpoint, by=None, now=LATER, name="Till", events=[KIND])
    assert changed.name == "Till"
    assert AuditRecord.objects.get(action="webhook.changed").changes == {"name": ["Shop", "Till"]}
    webhook_endpoints.change(endpoint, by=None, now=LATER, name="Till")
    assert actions() == ["webhook.created", "webhook.changed"]


def test_a_refused_change_changes_nothing():
    endpoint, _secret = make_endpoint()
    with pytest.raises(BadAddress):
        webhook_endpoints.change(endpoint, by=None, now=LATER, name="Till", url="https://10.0.0.1/")
    assert WebhookEndpoint.objects.get(pk=endpoint.pk).name == "Shop"


def test_both_secrets_sign_for_a_day_and_the_third_ends_the_first():
    endpoint, first = make_endpoint()
    endpoint, second = webhook_endpoints.rotate_secret(endpoint, by=None, now=NOON)
    until = NOON + webhook_endpoints.OVERLAP
    assert webhook_endpoints.signing_secrets(endpoint, now=until - timedelta(seconds=1)) == [second, first]
    assert webhook_endpoints.signing_secrets(endpoint, now=until) == [second]
    endpoint, third = webhook_endpoints.rotate_secret(endpoint, by=None, now=LATER)
    assert webhook_endpoints.signing_secrets(endpoint, now=LATER) == [third, second]
    assert len({first, second, third}) == 3


def test_a_paused_one_is_resumed_and_what_waited_is_due_at_once():
    endpoint, _secret = make_endpoint()
    waiting = deliver(endpoint, make_event(), due_at=NOON + timedelta(days=1))
    assert webhook_endpoints.pause(endpoint, by=None, now=NOON).state == "paused"
    assert webhook_endpoints.pause(endpoint, by=None, now=NOON).state == "paused"
    WebhookEndpoint.objects.update(failing_since=NOON, resting_until=LATER)
    resumed = webhook_endpoints.switch_on(endpoint, by=None, now=LATER)
    waiting.refresh_from_db()
    assert (resumed.state, resumed.failing_since, resumed.resting_until) == ("on", None, None)
    assert waiting.due_at == LATER
    assert actions() == ["webhook.created", "webhook.paused", "webhook.switched_on"]


def test_one_that_is_switched_off_says_why_until_it_is_on_again():
    endpoint, _secret = make_endpoint()
    off = webhook_endpoints.switch_off(endpoint, by=None, now=NOON, reason="The shop has closed.")
    assert (off.state, off_words(off.off_reason)) == ("off", "The shop has closed.")
    assert webhook_endpoints.pause(endpoint, by=None, now=NOON).state == "off"
    assert webhook_endpoints.switch_on(endpoint, by=None, now=NOON).off_reason == ""
    assert AuditRecord.objects.get(action="webhook.switched_off").reason == "The shop has closed."


def test_a_deleted_one_takes_its_deliveries_along_and_leaves_those_of_others():
    endpoint, _secret = make_endpoint()
    other, _secret = make_endpoint(name="Other")
    event = make_event()
    gone, kept = deliver(endpoint, event), deliver(other, event)
    deliver(endpoint, event, replays=gone)
    WebhookAttempt.objects.create(delivery=gone, number=1, at=NOON)
    webhook_endpoints.delete(endpoint, by=None, now=NOON)
    assert list(WebhookEndpoint.objects.all()) == [other]
    assert AuditRecord.objects.get(action="webhook.deleted").target_name == "Shop"
    run_deletions()
    assert list(WebhookEndpoint.with_deleted.all()) == [other]
    assert list(WebhookDelivery.objects.all()) == [kept]
    assert not WebhookAttempt.objects.exists()


def test_a_deleted_one_is_off_and_without_its_secrets_from_the_start():
    endpoint, _secret = make_endpoint()
    webhook_endpoints.rotate_secret(endpoint, by=None, now=NOON)
    webhook_endpoints.delete(endpoint, by=None, now=NOON)
    left = WebhookEndpoint.with_deleted.get()
    assert (left.state, left.sealed_secret, left.earlier_sealed, left.earlier_until) == ("off", "", "", None)
    with pytest.raises(WebhookEndpoint.DoesNotExist):
        webhook_endpoints.switch_on(endpoint, by=None, now=NOON)


def test_the_deliveries_of_a_deleted_one_go_slice_by_slice(monkeypatch):
    monkeypatch.setattr(webhook_deletion, "SLICE", 2)
    endpoint, _secret = make_endpoint()
    event = make_event()
    gone = [deliver(endpoint, event)]
    for _each in range(4):
        gone.append(deliver(endpoint, event, replays=gone[0]))
    WebhookAttempt.objects.create(delivery=gone[0], number=1, at=NOON)
    webhook_endpoints.delete(endpoint, by=None, now=NOON)
    assert run_deletions() == [3, 1, 0, 0]
    assert not WebhookEndpoint.with_deleted.exists()


def test_one_that_nobody_deleted_is_not_taken_away_by_a_job():
    endpoint, _secret = make_endpoint()
    deliver(endpoint, make_event())
    jobs.delete_webhook(endpoint.pk)
    assert WebhookDelivery.objects.count() == 1


def test_a_test_is_an_event_about_nobody_and_wakes_the_endpoint():
    endpoint, _secret = make_endpoint()
    WebhookEndpoint.objects.update(resting_until=LATER)
    delivery = webhook_endpoints.test_event(endpoint, by=None, now=NOON)
    assert (delivery.event.kind, delivery.member_id, delivery.due_at) == ("webhook.test", None, NOON)
    assert WebhookEndpoint.objects.get(pk=endpoint.pk).resting_until is None
    webhook_endpoints.pause(endpoint, by=None, now=NOON)
    with pytest.raises(WebhookRefused) as caught:
        webhook_endpoints.test_event(endpoint, by=None, now=NOON)
    assert caught.value.refusal == WebhookRefusal.NOT_ON


def test_a_client_may_have_many_but_not_any_number(monkeypatch):
    monkeypatch.setattr(webhook_endpoints, "MOST_OF_A_CLIENT", 2)
    make_endpoint(client="till")
    make_endpoint(client="till")
    assert refused(client="till").refusal == WebhookRefusal.TOO_MANY
    make_endpoint(client="shop")
    make_endpoint()
