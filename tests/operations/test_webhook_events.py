"""Events for webhooks are written with their facts, for those who want them, and forgotten when their time is over."""

import re
from datetime import UTC, timedelta

import pytest
from django.db import connection, transaction
from django.utils.translation import override

from operations import books, jobs, webhook_events
from operations.models import Job, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent
from operations.webhook_refusals import error_words
from rewards import ledger
from tests.listening import heard, kinds_told, listen, told
from tests.rewards.build import NOW, members

pytestmark = pytest.mark.django_db
POINTS = "points.changed"


@pytest.fixture
def member():
    return members(1)[0]


def earn(member, amount=10, *, key="k", now=NOW):
    return ledger.post_entry(member.pk, "points", amount=amount, key=key, reason="test", now=now)


def tell(kind, *data):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT operations_webhook_tell(%s, ARRAY(SELECT ROW(NULL, one::jsonb, %s)::operations_webhook_fact"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS facts (one, number) ORDER BY number))",
            [kind, NOW, list(data)],
        )
        return cursor.fetchone()[0]


def test_where_nobody_listens_nothing_is_written(member):
    earn(member)
    assert not WebhookEvent.objects.exists()


def test_an_endpoint_is_told_of_the_kinds_it_names_and_of_no_other(member):
    shop = listen(POINTS)
    other = listen("draw.made", name="other")
    earn(member)
    assert heard(shop) == [POINTS]
    assert heard(other) == []


@pytest.mark.parametrize("state", ["paused", "off"])
def test_an_endpoint_that_is_not_on_is_told_nothing_new(member, state):
    listen(POINTS, state=state)
    earn(member)
    assert kinds_told() == []


def test_one_event_goes_to_each_endpoint_by_a_delivery_of_its_own(member):
    first, second = listen(POINTS), listen(name="second")
    earn(member)
    event = WebhookEvent.objects.get()
    assert heard(first) == heard(second) == [POINTS]
    assert set(event.deliveries.values_list("endpoint", flat=True)) == {first.pk, second.pk}


def test_a_delivery_waits_from_the_time_of_the_fact_in_the_line_of_its_member(member):
    endpoint = listen(POINTS)
    earn(member)
    delivery = WebhookDelivery.objects.select_related("event").get()
    assert (delivery.endpoint_id, delivery.member_id) == (endpoint.pk, member.pk)
    assert (delivery.due_at, delivery.created_at, delivery.event.occurred_at) == (NOW, NOW, NOW)
    assert (delivery.state, delivery.attempts, delivery.taken_until, delivery.replays_id) == ("waiting", 0, None, None)


def test_each_event_has_a_message_id_of_its_own(member):
    listen(POINTS)
    earn(member, key="a")
    earn(member, key="b")
    ids = set(WebhookEvent.objects.values_list("message_id", flat=True))
    assert len(ids) == 2
    assert all(re.fullmatch("msg_[0-9a-f]{32}", each) for each in ids)


def test_a_fact_that_is_undone_is_told_to_nobody(member):
    listen(POINTS)
    with transaction.atomic():
        earn(member)
        transaction.set_rollback(True)
    assert kinds_told() == []


def test_a_fact_that_is_repeated_is_told_once(member):
    listen(POINTS)
    earn(member)
    earn(member)
    assert kinds_told() == [POINTS]


def test_what_is_told_of_segments_is_narrowed_by_their_keys():
    lapsed = listen("segment.entered", "points.changed", segments=["lapsed"])
    everything = listen("segment.entered", name="everything")
    assert tell("segment.entered", '{"segment": "lapsed"}', '{"segment": "buyers"}') == 2
    assert heard(lapsed) == ["segment.entered"]
    assert len(heard(everything)) == 2
    assert WebhookDelivery.objects.get(endpoint=lapsed).event.data == {"segment": "lapsed"}


def test_narrowing_leaves_other_kinds_alone(member):
    endpoint = listen("points.changed", segments=["lapsed"])
    earn(member)
    assert heard(endpoint) == [POINTS]


def test_what_everybody_has_narrowed_away_is_not_written():
    listen("segment.entered", segments=["lapsed"])
    assert tell("segment.entered", '{"segment": "buyers"}') == 0
    assert kinds_told() == []


def test_events_are_numbered_in_the_order_in_which_they_are_told():
    listen("draw.made")
    tell("draw.made", *(f'{{"n": {number}}}' for number in range(200)))
    assert [data["n"] for _kind, data in told()] == list(range(200))
    deliveries = WebhookDelivery.objects.order_by("id").values_list("event_id", flat=True)
    assert list(deliveries) == sorted(deliveries)


def test_times_are_told_in_utc_whatever_the_session_speaks():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'Asia/Shanghai'")
        cursor.execute("SELECT operations_webhook_time(%s), operations_webhook_time(NULL)", [NOW])
        assert cursor.fetchone() == ("2026-11-21T12:00:00.000000Z", None)


def aged(member, *, days, state="delivered"):
    """An event that happened so many days ago, with a delivery in this state that was tried once."""
    at = NOW - timedelta(days=days)
    earn(member, key=f"{state}:{days}", now=at)
    event = WebhookEvent.objects.latest("id")
    event.deliveries.update(state=state, ended_at=None if state == "waiting" else at)
    WebhookAttempt.objects.create(delivery=event.deliveries.get(), number=1, at=at)
    return event


def test_what_was_told_is_forgotten_after_its_days_with_its_deliveries(member, settings):
    settings.WEBHOOK_KEEP_DAYS = 30
    listen(POINTS)
    aged(member, days=31)
    aged(member, days=32, state="given_up")
    kept = [aged(member, days=29), aged(member, days=60, state="waiting")]
    assert webhook_events.forget_old(now=NOW) == 2
    connection.check_constraints()
    assert set(WebhookEvent.objects.all()) == set(kept)
    assert (WebhookDelivery.objects.count(), WebhookAttempt.objects.count()) == (2, 2)
    assert webhook_events.forget_old(now=NOW) == 0


@pytest.mark.parametrize("state", ["paused", "off"])
def test_what_has_waited_for_too_long_at_an_endpoint_that_is_not_on_is_given_up_and_forgotten(member, settings, state):
    settings.WEBHOOK_KEEP_DAYS = 30
    endpoint = listen(POINTS)
    old, young = aged(member, days=31, state="waiting"), aged(member, days=29, state="waiting")
    assert webhook_events.give_up_old(now=NOW) == 0
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(state=state)
    WebhookDelivery.objects.filter(event=old).update(taken_until=NOW + timedelta(seconds=1))
    assert webhook_events.give_up_old(now=NOW) == 0
    WebhookDelivery.objects.update(taken_until=None)
    assert webhook_events.give_up_old(now=NOW) == 1
    given_up = WebhookDelivery.objects.get(event=old)
    assert (given_up.state, given_up.ended_at, given_up.last_error) == ("given_up", NOW, "too_old")
    with override("en"):
        assert error_words(given_up.last_error).startswith("It waited for longer")
    assert webhook_events.forget_old(now=NOW) == 1
    assert WebhookEvent.objects.get() == young
    assert young.deliveries.get().state == "waiting"


def test_what_waits_to_be_sent_again_keeps_its_event(member):
    listen(POINTS)
    event = aged(member, days=60)
    first = event.deliveries.get()
    again = WebhookDelivery.objects.create(
        endpoint=first.endpoint, event=event, member_id=member.pk, replays=first, due_at=NOW, created_at=NOW
    )
    assert webhook_events.forget_old(now=NOW) == 0
    WebhookDelivery.objects.filter(pk=again.pk).update(state="delivered", ended_at=NOW)
    assert webhook_events.forget_old(now=NOW) == 1
    connection.check_constraints()


@pytest.mark.parametrize("state", ["delivered", "waiting"])
def test_much_is_forgotten_in_slices_of_which_each_asks_for_the_next(member, monkeypatch, time_machine, state):
    time_machine.move_to(NOW.astimezone(UTC))
    monkeypatch.setattr(webhook_events, "FORGOTTEN_AT_ONCE", 2)
    listen(POINTS)
    for days in range(40, 45):
        aged(member, days=days, state=state)
    WebhookEndpoint.objects.update(state="off")
    with transaction.atomic():
        jobs.enqueue("operations.jobs.forget_webhook_events", key="first")
    left = []
    while job := Job.objects.filter(function="operations.jobs.forget_webhook_events", state="queued").first():
        jobs.run(job.pk)
        left.append(WebhookEvent.objects.count())
        time_machine.shift(1)
    assert left == [3, 1, 0]


def test_the_books_notice_a_delivery_in_another_members_line(member):
    listen(POINTS)
    earn(member)
    (name,) = [each for each in books.names() if "webhook" in each]
    assert books.count(name).violations == 0
    WebhookDelivery.objects.update(member_id=member.pk + 1)
    assert books.count(name).violations == 1
