"""Webhooks in the admin: what operators see of them, and what they can do about them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from operations import webhook_charts, webhook_health, webhook_kinds
from operations.api_keys import create_api_key
from operations.models import ApiKey, AuditRecord, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from operations.sealing import unseal
from operations.webhook_forms import by_group
from tests.operations.webhook_scenes import deliver, make_event, run_deletions, stored_endpoint

pytestmark = pytest.mark.django_db
ASKED = {"name": "CRM", "url": "https://93.184.216.34/hooks", "events": ["member.level_changed", "draw.made"]}
HOUR = timedelta(hours=1)


def page(name, *arguments):
    return reverse(f"admin:operations_webhook{name}", args=arguments)


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def operator(client, olga):
    client.force_login(olga)
    return client


@pytest.fixture
def endpoint():
    return stored_endpoint(events=["member.level_changed"])


@pytest.fixture
def support(client):
    user = User.objects.create_user("sam", is_staff=True)
    looking = ["view_webhookendpoint", "view_webhookdelivery"]
    user.user_permissions.set(Permission.objects.filter(codename__in=looking))
    client.force_login(user)
    return client


def delivered(endpoint, *, at, status=204, member=1):
    """Leave a delivery that was tried once, with this answer."""
    taken = 200 <= status < 300
    ended = {"state": "delivered" if taken else "given_up", "ended_at": at}
    delivery = deliver(endpoint, make_event(member, now=at), now=at, attempts=1, last_status=status, **ended)
    delivery.tries.create(number=1, at=at, milliseconds=40, status=status, answer="" if taken else "<b>no</b>")
    return delivery


def test_a_new_webhook_shows_its_secret_once_and_is_recorded_once(operator):
    answer = operator.post(page("endpoint_add"), ASKED)
    made = WebhookEndpoint.objects.get()
    secret = unseal(made.sealed_secret)
    assert "no-store" in answer["Cache-Control"]
    assert secret in answer.text
    assert (made.client, made.events, made.state) == ("", sorted(ASKED["events"]), "on")
    assert secret not in operator.get(page("endpoint_change", made.pk)).text
    assert list(AuditRecord.objects.values_list("action", "actor_name")) == [("webhook.created", "olga")]
    assert secret not in str(AuditRecord.objects.get().changes)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "http://93.184.216.34/"}, "must begin with https://"),
        ({"url": "https://10.0.0.1/"}, "private network"),
        ({"url": "https://localhost/"}, "private network"),
        ({"events": []}, "required"),
        ({"events": ["member.born"]}, "member.born"),
        ({"segments": ["nobody"]}, "nobody"),
        ({"name": " "}, "required"),
    ],
)
def test_what_cannot_be_used_is_told_beside_its_field(operator, wrong, words):
    answer = operator.post(page("endpoint_add"), ASKED | wrong)
    assert answer.status_code == 200
    assert words in answer.text
    assert not WebhookEndpoint.objects.exists()


def test_every_kind_can_be_chosen_in_words_with_what_it_carries(operator):
    shown = operator.get(page("endpoint_add")).text
    for kind in webhook_kinds.all_kinds():
        assert f'value="{kind.name}"' in shown
        assert next(iter(kind.example)) in shown
    assert {kind.name for _about, kinds in by_group(webhook_kinds.all_kinds()) for kind in kinds} == {
        kind.name for kind in webhook_kinds.all_kinds()
    }


def test_a_change_is_recorded_with_old_and_new(operator, endpoint):
    answer = operator.post(page("endpoint_change", endpoint.pk), ASKED | {"events": ["draw.made"]})
    assert answer.status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.events) == ("CRM", ["draw.made"])
    record = AuditRecord.objects.get()
    assert record.action == "webhook.changed"
    assert record.changes["events"] == [["member.level_changed"], ["draw.made"]]


def test_a_clients_webhook_is_told_of_no_more_than_its_keys_may_read(operator):
    key, _plain, _secret = create_api_key("crm", ["webhooks", "eligibility"])
    own = stored_endpoint(client=key.client, events=["member.level_changed"])
    refused = operator.post(page("endpoint_change", own.pk), ASKED)
    assert "may not be told of: draw.made" in refused.text
    own.refresh_from_db()
    assert own.events == ["member.level_changed"]


def test_a_webhook_of_a_client_without_a_key_is_not_switched_on(operator):
    key, _plain, _secret = create_api_key("crm", ["webhooks", "eligibility"])
    own = stored_endpoint(client=key.client, events=["member.level_changed"], state="off", off_reason="no_key")
    ApiKey.objects.update(revoked=True)
    told = operator.post(page("endpoint_act", own.pk, "on"), follow=True).text
    assert "no valid key any more" in told
    assert WebhookEndpoint.objects.get().state == "off"


def test_a_new_secret_is_shown_once_and_the_one_before_signs_for_a_day(operator, endpoint):
    before = endpoint.sealed_secret
    answer = operator.post(page("endpoint_act", endpoint.pk, "rotate"))
    endpoint.refresh_from_db()
    assert unseal(endpoint.sealed_secret) in answer.text
    assert endpoint.earlier_sealed == before
    assert "no-store" in answer["Cache-Control"]


def test_it_is_paused_and_resumed(operator, endpoint):
    operator.post(page("endpoint_act", endpoint.pk, "pause"))
    assert "It is paused." in operator.get(page("endpoint_change", endpoint.pk)).text
    operator.post(page("endpoint_act", endpoint.pk, "on"))
    endpoint.refresh_from_db()
    assert endpoint.state == "on"
    assert list(AuditRecord.objects.order_by("pk").values_list("action", flat=True)) == [
        "webhook.paused",
        "webhook.switched_on",
    ]


def test_one_that_is_off_says_why_and_what_to_do(operator, endpoint):
    WebhookEndpoint.objects.update(state="off", off_reason="failing", failing_since=timezone.now())
    shown = operator.get(page("endpoint_change", endpoint.pk)).text
    assert "It has taken nothing for three days." in shown
    assert "Set the receiver right" in shown
    assert "Switch on" in shown


def test_a_test_event_leads_to_its_delivery(operator, endpoint):
    answer = operator.post(page("endpoint_act", endpoint.pk, "test"))
    sent = WebhookDelivery.objects.get()
    assert answer["Location"] == page("delivery_change", sent.pk)
    assert "webhook.test" in operator.get(answer["Location"]).text
    WebhookEndpoint.objects.update(state="paused")
    told = operator.post(page("endpoint_act", endpoint.pk, "test"), follow=True).text
    assert "The webhook is not on." in told


def test_a_button_does_nothing_to_a_mere_look(operator, endpoint):
    assert operator.get(page("endpoint_act", endpoint.pk, "pause")).status_code == 405
    assert operator.post(page("endpoint_act", endpoint.pk, "explode")).status_code == 404
    assert operator.get(page("delivery_again", delivered(endpoint, at=timezone.now()).pk)).status_code == 405


def test_a_deleted_webhook_is_recorded(operator, endpoint):
    delivered(endpoint, at=timezone.now())
    operator.post(page("endpoint_delete", endpoint.pk), {"post": "yes"})
    assert "hooks.example" not in operator.get(page("endpoint_changelist")).text
    assert "member.level_changed</" not in operator.get(page("delivery_changelist")).text
    assert operator.get(page("endpoint_change", endpoint.pk)).status_code == 302
    run_deletions()
    assert not WebhookEndpoint.with_deleted.exists()
    assert not WebhookAttempt.objects.exists()
    assert [record.action for record in AuditRecord.objects.all()] == ["webhook.deleted"]


def test_selected_ones_are_deleted_as_one_is(operator, endpoint):
    delivered(endpoint, at=timezone.now())
    chosen = {"action": "delete_selected", "_selected_action": [endpoint.pk], "post": "yes"}
    operator.post(page("endpoint_changelist"), chosen)
    assert not WebhookEndpoint.objects.exists()
    assert [record.action for record in AuditRecord.objects.all()] == ["webhook.deleted"]


def test_what_a_client_may_not_be_told_any_more_is_not_sent_again(operator):
    key, _plain, _secret = create_api_key("crm", ["webhooks", "eligibility"])
    endpoint = stored_endpoint(client=key.client, events=["member.level_changed"])
    event = make_event(kind="award.granted", now=timezone.now() - HOUR)
    old = deliver(endpoint, event, now=event.occurred_at, state="given_up", ended_at=event.occurred_at)
    answer = operator.post(page("delivery_again", old.pk), follow=True)
    assert "may not be told of this event any more" in answer.text
    assert WebhookDelivery.objects.count() == 1


def test_what_was_given_up_is_counted_before_it_is_sent_again(operator, endpoint):
    now = timezone.now()
    for member in (1, 2):
        delivered(endpoint, at=now - HOUR, status=500, member=member)
    delivered(endpoint, at=now - HOUR, member=3)
    asked = {"since": (timezone.localtime(now) - 2 * HOUR).strftime("%Y-%m-%dT%H:%M"), "until": "", "what": "given_up"}
    assert "2 events would be sent again." in operator.post(page("endpoint_replay", endpoint.pk), asked).text
    assert not AuditRecord.objects.exists()
    told = operator.post(page("endpoint_replay", endpoint.pk), asked | {"sure": "1"}, follow=True).text
    assert "2 events are sent again." in told
    assert AuditRecord.objects.get().action == "webhook.replayed_many"


def test_a_time_that_ends_before_it_begins_is_refused(operator, endpoint):
    asked = {"since": "2026-11-02T00:00", "until": "2026-11-01T00:00", "what": "all"}
    assert "The end must come after the beginning." in operator.post(page("endpoint_replay", endpoint.pk), asked).text


def test_one_delivery_is_sent_again_and_tells_of_the_one_it_repeats(operator, endpoint):
    old = delivered(endpoint, at=timezone.now(), status=500)
    answer = operator.post(page("delivery_again", old.pk))
    new = WebhookDelivery.objects.latest("pk")
    assert (new.replays, new.event, new.state) == (old, old.event, "waiting")
    assert answer["Location"] == page("delivery_change", new.pk)
    again = operator.post(page("delivery_again", old.pk), follow=True)
    assert "still waits to be delivered" in again.text
    assert WebhookDelivery.objects.count() == 2


def test_selected_deliveries_are_sent_again(operator, endpoint):
    given = [delivered(endpoint, at=timezone.now(), status=500, member=each).pk for each in (1, 2)]
    deliver(endpoint, waits := make_event(3))
    given.append(waits.deliveries.get().pk)
    told = operator.post(
        page("delivery_changelist"), {"action": "send_again", "_selected_action": given}, follow=True
    ).text
    assert "2 events are sent again." in told
    assert "still waits" in told


def test_an_answer_is_shown_as_text(operator, endpoint):
    delivery = delivered(endpoint, at=timezone.now(), status=500)
    for address in (page("delivery_change", delivery.pk), page("delivery_progress", delivery.pk)):
        shown = operator.get(address).text
        assert "&lt;b&gt;no&lt;/b&gt;" in shown
        assert delivery.event.message_id in shown


def test_only_what_waits_for_its_first_try_is_asked_after_each_second(operator, endpoint):
    waits = deliver(endpoint, make_event(), now=timezone.now())
    assert "hx-get" in operator.get(page("delivery_progress", waits.pk)).text
    WebhookDelivery.objects.update(attempts=1)
    assert "hx-get" not in operator.get(page("delivery_progress", waits.pk)).text


def test_deliveries_are_found_by_uid_and_webhook_id_and_filtered(operator, endpoint, monkeypatch):
    monkeypatch.setattr("operations.webhook_lookups.member_id", {"ann": 1}.get)
    ann, bob = (delivered(endpoint, at=timezone.now(), member=each) for each in (1, 2))

    def found(**query):
        return {each.pk for each in operator.get(page("delivery_changelist"), query).context["cl"].result_list}

    assert found(q="ann") == {ann.pk}
    assert found(q="nobody") == set()
    assert found(q=bob.event.message_id) == {bob.pk}
    assert found(kind="draw.made") == set()
    assert found(state__exact="delivered", endpoint__id__exact=endpoint.pk) == {ann.pk, bob.pk}


def test_counts_are_those_of_the_endpoint_and_of_the_day(endpoint):
    now, other = timezone.now(), stored_endpoint("https://other.example/")
    delivered(endpoint, at=now - HOUR)
    delivered(endpoint, at=now - 25 * HOUR)
    delivered(endpoint, at=now - HOUR, status=500)
    replayed = delivered(endpoint, at=now - HOUR, status=500)
    deliver(endpoint, make_event(), replays=replayed)
    delivered(other, at=now)
    counted = webhook_health.with_counts(WebhookEndpoint.objects.filter(pk=endpoint.pk), now=now).get()
    assert (counted.waiting, counted.given_up, counted.delivered_lately) == (1, 1, 1)


def test_the_chart_counts_tries_by_the_hour_of_the_clock(endpoint):
    now = timezone.now().replace(minute=30, second=0, microsecond=0)
    whole = now.replace(minute=0)
    delivered(endpoint, at=now)
    delivered(endpoint, at=whole, status=500)
    delivered(endpoint, at=whole - timedelta(seconds=1))
    delivered(endpoint, at=whole - 47 * HOUR)
    delivered(endpoint, at=whole - 47 * HOUR - timedelta(seconds=1))
    hours = webhook_health.hours(endpoint, now=now)
    assert [(each.delivered, each.failed) for each in (hours[0], hours[-2], hours[-1])] == [(1, 0), (1, 0), (1, 1)]
    assert (len(hours), sum(each.delivered + each.failed for each in hours)) == (48, 4)
    chart = webhook_charts.chart(hours)
    assert (chart.most, [total for _kind, _name, total in chart.kinds]) == (2, [3, 1])
    assert "1 taken, 1 failed" in chart.telling[-1].words


def test_support_looks_and_changes_nothing(support, endpoint):
    old = delivered(endpoint, at=timezone.now(), status=500)
    for address in (page("endpoint_changelist"), page("delivery_changelist")):
        assert support.get(address).status_code == 200
    health = support.get(page("endpoint_change", endpoint.pk)).text
    assert "How it fares" in health
    for button in ("Send a test event", "New secret", "Send again …"):
        assert button not in health
    assert "Send again" not in support.get(page("delivery_change", old.pk)).text
    for what in ("test", "rotate", "pause", "on"):
        assert support.post(page("endpoint_act", endpoint.pk, what)).status_code == 403
    assert support.post(page("endpoint_replay", endpoint.pk), {}).status_code == 403
    assert support.post(page("delivery_again", old.pk)).status_code == 403
    assert WebhookDelivery.objects.count() == 1
    assert not AuditRecord.objects.exists()


def test_a_list_costs_no_query_per_row(operator, endpoint, django_assert_max_num_queries):
    for number in range(20):
        delivered(stored_endpoint(f"https://hooks.example/{number}"), at=timezone.now())
    with django_assert_max_num_queries(8):
        operator.get(page("endpoint_changelist"))
    with django_assert_max_num_queries(10):
        operator.get(page("delivery_changelist"))
