"""Webhooks by HTTP: a client's own endpoints, what was told through them, and telling it again."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from operations import api_keys, webhook_endpoints, webhook_rights
from operations.api_keys import create_api_key
from operations.models import ApiKey, AuditRecord, IdempotencyKey, WebhookDelivery, WebhookEndpoint
from operations.sealing import unseal
from operations.webhook_refusals import Off
from tests.operations.webhook_scenes import SECRET, deliver, make_event, run_deletions, stored_endpoint

pytestmark = pytest.mark.django_db
HERE = "/api/v1/webhooks/"
ASKED = {"name": "CRM", "url": "https://93.184.216.34/hooks", "events": ["member.level_changed"]}
SCOPES = ["webhooks", "eligibility"]


class Caller:
    """A client of the API that shows one key."""

    def __init__(self, *scopes):
        self.key, plain, _secret = create_api_key("crm", scopes)
        self.http = APIClient()
        self.http.credentials(HTTP_AUTHORIZATION=f"Api-Key {plain}")

    def get(self, address="", **query):
        return self.http.get(HERE + address, query)

    def post(self, address="", body=None, *, key="k1"):
        headers = {"Idempotency-Key": key} if key else {}
        return self.http.post(HERE + address, body, format="json", headers=headers)

    def patch(self, address, body):
        return self.http.patch(HERE + address, body, format="json")

    def delete(self, address):
        return self.http.delete(HERE + address)


@pytest.fixture
def crm():
    return Caller(*SCOPES)


@pytest.fixture
def endpoint(crm):
    return stored_endpoint(client=crm.key.prefix, events=["member.level_changed"])


def wrong_in(answer):
    return answer.status_code, answer.json()["code"], sorted(answer.json()["fields"])


def given_up(endpoint, member=1, *, at=None, kind="member.level_changed"):
    at = at or timezone.now() - timedelta(hours=1)
    return deliver(endpoint, make_event(member, kind=kind, now=at), now=at, state="given_up", ended_at=at)


def test_a_new_webhook_is_on_and_its_secret_is_shown_in_this_answer_only(crm):
    made = crm.post(body=ASKED)
    told = made.json()
    assert made.status_code == 201
    assert told["secret"].startswith("whsec_")
    assert (told["state"], told["events"], told["segments"], told["waiting"]) == ("on", ASKED["events"], [], 0)
    shown = crm.get(f"{told['id']}/").json()
    assert shown == {name: value for name, value in told.items() if name != "secret"} | {
        "created_at": shown["created_at"]
    }
    assert crm.get().json()["webhooks"] == [shown]
    record = AuditRecord.objects.get(action="webhook.created")
    assert record.actor_name == f"crm ({crm.key.prefix})"


def test_a_repeated_creation_makes_one_webhook_and_answers_with_the_same_secret(crm):
    first, again = crm.post(body=ASKED), crm.post(body=ASKED)
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert WebhookEndpoint.objects.count() == 1
    kept = IdempotencyKey.objects.get().answer
    assert first.json()["secret"] not in kept
    assert unseal(json.loads(kept)["secret"]) == first.json()["secret"]


@pytest.mark.parametrize("address", ["", "{id}/test/", "{id}/rotate-secret/", "{id}/replay/"])
def test_every_post_needs_an_idempotency_key(crm, endpoint, address):
    body = ASKED if not address else {"since": "2026-11-01T00:00:00Z"} if "replay" in address else {}
    answer = crm.post(address.format(id=endpoint.pk), body, key=None)
    assert wrong_in(answer) == (400, "idempotency_key_missing", [])


def test_kinds_are_listed_with_their_scope_and_an_example(crm):
    kinds = {kind["type"]: kind for kind in crm.get("kinds/").json()["kinds"]}
    assert kinds["award.granted"]["scope"] == "rewards"
    assert kinds["award.granted"]["example"]["uid"]
    assert kinds["draw.made"]["description"]


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_another_clients_webhook_is_not_there(crm, endpoint, method):
    stranger = Caller(*SCOPES)
    arguments = [{"name": "Mine"}] if method == "patch" else []
    assert getattr(stranger, method)(f"{endpoint.pk}/", *arguments).status_code == 404
    assert stranger.get().json() == {"webhooks": []}
    assert crm.get(f"{endpoint.pk}/").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["test/", "rotate-secret/", "replay/", "deliveries/{delivery}/replay/", "deliveries/{delivery}/", "deliveries/"],
)
def test_nor_is_anything_of_it(crm, endpoint, address):
    delivery, stranger = given_up(endpoint), Caller(*SCOPES)
    whole = f"{endpoint.pk}/{address}".format(delivery=delivery.pk)
    ask = stranger.get if address.startswith("deliveries/") and not address.endswith("replay/") else stranger.post
    assert ask(whole).status_code == 404
    assert WebhookDelivery.objects.count() == 1


def test_an_operators_webhook_is_not_there_for_clients(crm):
    own = stored_endpoint()
    assert crm.get(f"{own.pk}/").status_code == 404


def test_a_key_without_the_scope_of_webhooks_is_refused():
    assert Caller("eligibility").get().json()["code"] == "scope_missing"


def test_a_kind_needs_the_scope_of_what_it_tells(crm, endpoint):
    wanted = ["award.granted", "draw.made", "member.level_changed"]
    made = crm.post(body=ASKED | {"events": wanted})
    changed = crm.patch(f"{endpoint.pk}/", {"events": wanted})
    for refused in (made, changed):
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
        assert refused.json()["fields"] == {"events": ["award.granted", "draw.made"]}
    assert WebhookEndpoint.objects.get().events == ["member.level_changed"]


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"name": ""}, ["name"]),
        ({"name": "x" * 101}, ["name"]),
        ({"name": "a\x00b"}, ["name"]),
        ({"name": 7, "url": None, "events": "all"}, ["events", "name", "url"]),
        ({"events": []}, ["events"]),
        ({"events": ["member.born"]}, ["events"]),
        ({"segments": ["nobody-knows"]}, ["segments"]),
        ({"secret": "mine"}, ["secret"]),
    ],
)
def test_what_cannot_be_used_is_named_all_at_once(crm, wrong, fields):
    assert wrong_in(crm.post(body=ASKED | wrong)) == (400, "invalid", fields)
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://93.184.216.34/", "webhook_address_not_https"),
        ("https://127.0.0.1/", "webhook_address_not_public"),
        ("https://[::ffff:10.0.0.1]/", "webhook_address_not_public"),
        ("https://169.254.169.254/latest/meta-data/", "webhook_address_not_public"),
        ("https://user:password@93.184.216.34/", "webhook_address_has_credentials"),
        ("ftp://93.184.216.34/", "webhook_address_unreadable"),
    ],
)
def test_an_address_that_nothing_is_sent_to_is_refused(crm, endpoint, url, code):
    assert wrong_in(crm.post(body=ASKED | {"url": url})) == (400, code, ["url"])
    assert wrong_in(crm.patch(f"{endpoint.pk}/", {"url": url})) == (400, code, ["url"])


def test_a_client_has_at_most_twenty(crm):
    for number in range(webhook_endpoints.MOST_OF_A_CLIENT):
        stored_endpoint(f"https://hooks.example/{number}", client=crm.key.prefix)
    assert webhook_endpoints.MOST_OF_A_CLIENT == 20
    assert wrong_in(crm.post(body=ASKED)) == (409, "webhooks_too_many", [])


def test_what_is_named_is_changed_and_no_more(crm, endpoint):
    changed = crm.patch(f"{endpoint.pk}/", {"name": "ERP"})
    assert (changed.status_code, changed.json()["name"], changed.json()["url"]) == (200, "ERP", endpoint.url)
    assert AuditRecord.objects.get(action="webhook.changed").changes == {"name": ["Shop", "ERP"]}


def test_it_is_paused_and_let_go_on(crm, endpoint):
    assert crm.patch(f"{endpoint.pk}/", {"state": "paused"}).json()["state"] == "paused"
    assert wrong_in(crm.post(f"{endpoint.pk}/test/", {})) == (409, "webhook_not_on", [])
    assert crm.patch(f"{endpoint.pk}/", {"state": "on"}).json()["state"] == "on"
    assert wrong_in(crm.patch(f"{endpoint.pk}/", {"state": "off"})) == (400, "invalid", ["state"])


def test_a_deleted_webhook_is_gone_with_what_waited(crm, endpoint):
    deliver(endpoint, make_event())
    assert crm.delete(f"{endpoint.pk}/").status_code == 204
    assert crm.get(f"{endpoint.pk}/").status_code == 404
    assert crm.get().json() == {"webhooks": []}
    assert WebhookDelivery.objects.exists()
    run_deletions()
    assert not WebhookDelivery.objects.exists()


def weaker(crm):
    """A second key of the same client, which may not be told of awards."""
    stranger = Caller(*SCOPES)
    ApiKey.objects.filter(pk=stranger.key.pk).update(client=crm.key.client)
    api_keys.forget_trusted_keys()
    return stranger


@pytest.mark.parametrize(
    ("address", "body"),
    [("", {"url": "https://93.184.216.35/mine"}), ("", {"name": "Mine"}), ("", {"state": "on"}), ("", {"segments": []}),
     ("", {"url": "https://93.184.216.35/mine", "state": "paused"}), ("rotate-secret/", {}), ("test/", {})],
)  # fmt: skip
@pytest.mark.parametrize("events", [["award.granted"], ["member.level_changed"]])
def test_a_key_that_may_not_be_told_leads_nothing_elsewhere(address, body, events):
    crm = Caller("webhooks", "eligibility", "rewards")
    endpoint = stored_endpoint(client=crm.key.client, events=events)
    deliver(endpoint, make_event(kind="award.granted"))
    key = weaker(crm)
    answer = (key.post if address else key.patch)(f"{endpoint.pk}/{address}", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert answer.json()["fields"] == {"events": ["award.granted"]}
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.state, unseal(endpoint.sealed_secret)) == (
        "https://hooks.example/in", "on", SECRET,
    )  # fmt: skip


def test_any_key_of_the_client_may_pause_it():
    crm = Caller("webhooks", "eligibility", "rewards")
    endpoint = stored_endpoint(client=crm.key.client, events=["award.granted"])
    assert weaker(crm).patch(f"{endpoint.pk}/", {"state": "paused"}).json()["state"] == "paused"


def test_segments_that_it_has_may_stay_though_they_are_deleted(crm, endpoint):
    WebhookEndpoint.objects.update(segments=["gone"])
    shown = crm.get(f"{endpoint.pk}/").json()["segments"]
    assert crm.patch(f"{endpoint.pk}/", {"segments": shown}).json()["segments"] == ["gone"]
    assert wrong_in(crm.patch(f"{endpoint.pk}/", {"segments": [*shown, "other"]})) == (400, "invalid", ["segments"])


def test_a_new_secret_signs_beside_the_one_before_for_a_day(crm, endpoint):
    turned = crm.post(f"{endpoint.pk}/rotate-secret/", {}).json()
    again = crm.post(f"{endpoint.pk}/rotate-secret/", {}).json()
    assert again == turned
    endpoint.refresh_from_db()
    assert unseal(endpoint.sealed_secret) == turned["secret"]
    assert endpoint.earlier_until > timezone.now() + timedelta(hours=23)


def test_a_test_is_queued_and_looked_at(crm, endpoint):
    sent = crm.post(f"{endpoint.pk}/test/", {}).json()
    assert (sent["type"], sent["state"], sent["attempts"]) == ("webhook.test", "waiting", 0)
    looked_at = crm.get(f"{endpoint.pk}/deliveries/{sent['id']}/").json()
    assert looked_at["payload"]["type"] == "webhook.test"
    assert looked_at["tries"] == []
    assert crm.get(f"{endpoint.pk}/").json()["waiting"] == 1


def test_a_delivery_is_shown_with_every_try(crm, endpoint):
    delivery = given_up(endpoint)
    now = timezone.now()
    delivery.tries.create(number=1, at=now, error="timed_out")
    delivery.tries.create(number=2, at=now, milliseconds=12, status=500, answer="<h1>No</h1>")
    shown = crm.get(f"{endpoint.pk}/deliveries/{delivery.pk}/").json()
    assert [(each["number"], each["status"], each["error"], each["answer"]) for each in shown["tries"]] == [
        (1, None, "timed_out", ""),
        (2, 500, "", "<h1>No</h1>"),
    ]
    assert shown["payload"]["data"] == {"uid": "u1"}
    assert (shown["event"], shown["next_attempt_at"]) == (delivery.event.message_id, None)


def test_deliveries_are_listed_newest_first_page_by_page(crm, endpoint):
    made = [given_up(endpoint, number).pk for number in range(5)]
    seen, cursor = [], None
    for _page in range(3):
        answer = crm.get(f"{endpoint.pk}/deliveries/", limit=2, **({"cursor": cursor} if cursor else {})).json()
        seen += [each["id"] for each in answer["deliveries"]]
        cursor = answer["next"]
    assert (seen, cursor) == (made[::-1], None)


def test_deliveries_are_found_by_state_kind_member_and_time(crm, endpoint, monkeypatch):
    now = timezone.now()
    old = given_up(endpoint, 1, at=now - timedelta(days=2))
    waits = deliver(endpoint, make_event(2, kind="points.changed", now=now), now=now)
    monkeypatch.setattr("operations.webhook_lookups.member_id", {"ann": 1, "bob": 2}.get)

    def found(**query):
        return [each["id"] for each in crm.get(f"{endpoint.pk}/deliveries/", **query).json()["deliveries"]]

    assert found(state="waiting") == found(type="points.changed") == found(uid="bob") == [waits.pk]
    assert found(since=(now - timedelta(hours=1)).isoformat()) == [waits.pk]
    assert found(uid="ann", state="given_up") == [old.pk]
    assert found(uid="nobody") == found(type="a.b") == []


@pytest.mark.parametrize(
    ("query", "code"),
    [({"state": "lost"}, "invalid"), ({"since": "yesterday"}, "invalid"), ({"kind": "draw.made"}, "invalid"),
     ({"cursor": "x"}, "bad_cursor"), ({"cursor": "9" * 30}, "bad_cursor")],
)  # fmt: skip
def test_a_filter_that_cannot_be_used_is_named(crm, endpoint, query, code):
    answer = crm.get(f"{endpoint.pk}/deliveries/", **query)
    assert wrong_in(answer) == (400, code, sorted(query))


def test_one_delivery_is_told_again_once_with_the_same_id(crm, endpoint):
    delivery = given_up(endpoint)
    first, again = (crm.post(f"{endpoint.pk}/deliveries/{delivery.pk}/replay/", {}) for _twice in range(2))
    assert again.content == first.content
    told = first.json()
    assert (told["state"], told["event"], told["replays"]) == ("waiting", delivery.event.message_id, delivery.pk)
    assert endpoint.deliveries.count() == 2
    while_it_waits = crm.post(f"{endpoint.pk}/deliveries/{delivery.pk}/replay/", {}, key="k2")
    assert wrong_in(while_it_waits) == (409, "webhook_delivery_waiting", [])


def test_what_was_given_up_since_a_time_is_told_again(crm, endpoint):
    since = timezone.now() - timedelta(hours=2)
    given_up(endpoint, 1)
    given_up(endpoint, 2, at=since - timedelta(days=1))
    taken = given_up(endpoint, 3)
    WebhookDelivery.objects.filter(pk=taken.pk).update(state="delivered")
    assert crm.post(f"{endpoint.pk}/replay/", {"since": since.isoformat()}).json() == {"replayed": 1}
    both = crm.post(f"{endpoint.pk}/replay/", {"since": since.isoformat(), "state": "all"}, key="k2")
    assert both.json() == {"replayed": 2}
    record = AuditRecord.objects.filter(action="webhook.replayed_many").latest("pk")
    assert record.changes["which"] == [None, "all"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [({}, ["since"]), ({"since": "now"}, ["since"]), ({"since": "2026-11-01T00:00:00Z", "state": "waiting"}, ["state"]),
     ([], []), ({"since": "9999-12-31T23:59:59+00:00"}, ["since"])],
)  # fmt: skip
def test_a_time_that_cannot_be_used_is_named(crm, endpoint, body, fields):
    assert wrong_in(crm.post(f"{endpoint.pk}/replay/", body)) == (400, "invalid", fields)


def test_the_end_of_a_time_comes_after_its_beginning(crm, endpoint):
    body = {"since": "2026-11-02T00:00:00Z", "until": "2026-11-01T00:00:00Z"}
    assert wrong_in(crm.post(f"{endpoint.pk}/replay/", body)) == (400, "webhook_range_empty", ["until"])


def test_what_a_key_may_not_read_it_may_not_have_told_again(crm, endpoint):
    delivery = given_up(endpoint, kind="award.granted")
    for answer in (
        crm.get(f"{endpoint.pk}/deliveries/{delivery.pk}/"),
        crm.post(f"{endpoint.pk}/deliveries/{delivery.pk}/replay/", {}),
        crm.post(f"{endpoint.pk}/replay/", {"since": "2026-01-01T00:00:00Z"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


# What becomes of a client's webhooks when its keys lose what they need.


def ends(endpoint):
    webhook_rights.enforce(now=timezone.now())
    endpoint.refresh_from_db()
    return endpoint.state, endpoint.off_reason


def test_a_webhook_goes_off_when_the_last_key_of_its_client_is_revoked(crm, endpoint):
    assert ends(endpoint) == ("on", "")
    api_keys.revoke(crm.key, by=None, now=timezone.now())
    assert ends(endpoint) == ("off", Off.NO_KEY)
    assert AuditRecord.objects.get(action="webhook.switched_off").actor_name == ""


def test_a_webhook_goes_off_when_its_client_may_not_be_told_of_a_kind_any_more(crm, endpoint):
    waits = deliver(endpoint, make_event(kind="member.level_changed"))
    ApiKey.objects.filter(pk=crm.key.pk).update(scopes=["webhooks", "play"])
    assert ends(endpoint) == ("off", "scope_missing: member.level_changed")
    waits.refresh_from_db()
    assert (waits.state, waits.last_error) == ("given_up", "not_allowed")


@pytest.mark.parametrize("state", ["on", "paused", "off"])
def test_what_waits_of_a_kind_that_it_is_not_told_of_any_more_is_given_up_too(crm, endpoint, state):
    WebhookEndpoint.objects.update(state=state)
    refused, allowed = (deliver(endpoint, make_event(kind=kind)) for kind in ("award.granted", "member.level_changed"))
    assert ends(endpoint) == (state, "")
    refused.refresh_from_db()
    allowed.refresh_from_db()
    assert (refused.state, refused.last_error, allowed.state) == ("given_up", "not_allowed", "waiting")


def test_it_cannot_be_let_on_again_by_a_key_that_may_not_be_told(crm, endpoint):
    ApiKey.objects.filter(pk=crm.key.pk).update(scopes=["webhooks"])
    api_keys.forget_trusted_keys()
    ends(endpoint)
    refused = crm.patch(f"{endpoint.pk}/", {"state": "on"})
    assert (refused.status_code, refused.json()["fields"]) == (403, {"events": ["member.level_changed"]})


def test_a_webhook_of_a_client_that_may_not_manage_webhooks_goes_off(crm, endpoint):
    ApiKey.objects.filter(pk=crm.key.pk).update(scopes=["eligibility"])
    assert ends(endpoint) == ("off", Off.NO_WEBHOOKS)


def test_an_operators_webhook_needs_no_key():
    assert ends(stored_endpoint(events=["award.granted"])) == ("on", "")
