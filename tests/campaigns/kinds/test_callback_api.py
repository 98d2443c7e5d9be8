"""The signed call of an outside system, as it meets the door: forged, replayed, late, for nobody."""

import json
from datetime import timedelta

import pytest
import time_machine

from campaigns import callback_secrets
from campaigns.models import CallbackSecret, Campaign, Completion, Submission
from operations.models import AuditRecord
from operations.standard_webhooks import signature
from rewards.ledger import balances
from tests.campaigns import scenes
from tests.campaigns.scenes import CLOSES, NOW, OPENS

pytestmark = pytest.mark.django_db
CONFIG = {"action": "wecom", "confirm": ["callback"]}
ADDRESS = "/api/v1/callbacks/autumn/task/"


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def campaign():
    return scenes.publish(tasks=[scenes.task("task", "callback", config=CONFIG), scenes.task("check-in")])


@pytest.fixture
def ann(campaign):
    from campaigns import playing

    ann = scenes.make_member("ann")
    playing.enrol(ann, "autumn", now=NOW)
    return ann


@pytest.fixture
def secret(campaign):
    return issue(campaign)


def issue(campaign, earlier_until=NOW, now=NOW, key="task"):
    return callback_secrets.issue(campaign, key, earlier_until=earlier_until, by=None, now=now)


def call(client, secret, body, *, message="msg_1", at=NOW, address=ADDRESS, **headers):
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    signed = signature(secret, message, int(at.timestamp()), sent)
    given = {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signed,
    } | headers
    return client.post(address, sent, content_type="application/json", headers=given)


def told(answer):
    return answer.status_code, answer.json().get("code")


def test_a_signed_call_confirms_the_task_and_its_repetition_gets_the_first_answer(client, secret, ann):
    first = call(client, secret, {"uid": "ann"})
    assert (first.status_code, first.json()) == (200, {"task": "task", "state": "done", "completed": True})
    again = call(client, secret, {"uid": "ann"})
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    other = call(client, secret, {"uid": "ann"}, message="msg_2")
    assert other.json() == {"task": "task", "state": "done", "completed": False}
    assert (Completion.objects.count(), Submission.objects.count(), balances(ann.pk)["points"]) == (1, 1, 10)


def test_the_first_answer_stands_when_the_sender_signs_it_anew_later(client, secret, ann, at_noon):
    first = call(client, secret, {"uid": "ann"})
    at_noon.shift(timedelta(hours=3))
    assert call(client, secret, {"uid": "ann"}, at=NOW + timedelta(hours=3)).content == first.content


def test_one_id_with_two_bodies_is_refused(client, secret, ann):
    call(client, secret, {"uid": "ann"})
    assert told(call(client, secret, {"uid": "bob"})) == (422, "idempotency_key_reused")


def test_a_recorded_call_is_refused_once_it_is_old(client, secret, ann, at_noon):
    at_noon.shift(timedelta(minutes=5, seconds=1))
    assert told(call(client, secret, {"uid": "ann"})) == (400, "webhook_too_old")
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"webhook-signature": "v1,AAAA"}, "webhook_forged"), ({"webhook-id": "msg_9"}, "webhook_forged"),
     ({"webhook-signature": ""}, "webhook_unsigned")],
)  # fmt: skip
def test_a_forged_call_is_refused(client, secret, ann, changed, code):
    assert told(call(client, secret, {"uid": "ann"}, **changed)) == (401, code)
    assert not Submission.objects.exists()


def test_the_secret_of_another_task_or_of_none_forges(client, secret, ann, campaign):
    other = issue(campaign, key="check-in")
    assert told(call(client, other, {"uid": "ann"})) == (401, "webhook_forged")
    nowhere = "/api/v1/callbacks/autumn/no-task/"
    assert told(call(client, secret, {"uid": "ann"}, address=nowhere)) == (401, "webhook_forged")
    check_in = "/api/v1/callbacks/autumn/check-in/"
    assert told(call(client, other, {"uid": "ann"}, address=check_in)) == (404, "not_by_callback")


def test_foreign_members_and_participants_of_other_campaigns_are_refused(client, secret, ann):
    from campaigns import playing

    scenes.publish(slug="spring", tasks=[scenes.task("task", "callback", config=CONFIG)])
    bob = scenes.make_member("bob")
    playing.enrol(bob, "spring", now=NOW)
    assert told(call(client, secret, {"uid": "bob"})) == (409, "not_entered")
    assert told(call(client, secret, {"uid": "eve"}, message="msg_2")) == (404, "unknown_member")
    # What was refused is not kept as the answer: once bob is there, the same call counts.
    playing.enrol(bob, "autumn", now=NOW)
    assert call(client, secret, {"uid": "bob"}).json()["completed"] is True


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b'{"uid": 7}', b'{"uid": "a\\u0000"}', b'{"uid": "ann", "now": "2026-12-01"}',
     b'{"identity": {"provider": "wecom"}}'],
)  # fmt: skip
def test_a_body_that_names_nobody_is_refused(client, secret, ann, body):
    assert call(client, secret, body).status_code == 400


def test_a_large_body_is_refused_before_it_is_read(client, secret, ann):
    assert told(call(client, secret, b"x" * 20_000)) == (413, "body_too_large")


def test_the_end_and_a_pause_refuse(client, secret, ann, at_noon):
    at_noon.move_to(CLOSES)
    assert told(call(client, secret, {"uid": "ann"}, at=CLOSES)) == (409, "closed")


def test_after_a_change_both_secrets_are_taken_for_a_day_and_the_leaked_one_never(client, campaign, ann, at_noon):
    old = issue(campaign, now=OPENS)
    new = issue(campaign, earlier_until=NOW + callback_secrets.OVERLAP)
    assert call(client, old, {"uid": "ann"}).status_code == 200
    assert call(client, new, {"uid": "ann"}, message="msg_2").status_code == 200
    late = NOW + callback_secrets.OVERLAP
    at_noon.move_to(late)
    assert told(call(client, old, {"uid": "ann"}, message="msg_3", at=late)) == (401, "webhook_forged")
    newest = issue(campaign, earlier_until=late, now=late)
    assert told(call(client, new, {"uid": "ann"}, message="msg_4", at=late)) == (401, "webhook_forged")
    assert call(client, newest, {"uid": "ann"}, message="msg_5", at=late).status_code == 200


def test_the_secret_is_kept_sealed_and_its_issue_is_on_record(campaign, secret):
    kept = CallbackSecret.objects.get()
    assert secret.startswith("whsec_")
    assert secret.encode() not in bytes(kept.sealed)
    record = AuditRecord.objects.get(action="callback_secret.issued")
    assert secret not in str(record.changes)
    assert Campaign.objects.get().pk == kept.campaign_id
