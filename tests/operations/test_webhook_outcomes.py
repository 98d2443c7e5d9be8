"""What is written down of tries: that nothing spoils what is beside it, and when an endpoint goes off."""

from datetime import timedelta

import pytest
from django.db import transaction

from operations import webhook_endpoints, webhook_events
from operations.models import WebhookAttempt
from operations.webhook_claims import take_due
from operations.webhook_client import Answer
from operations.webhook_outcomes import Tried, write
from operations.webhook_retries import TRIED_FOR
from tests.operations.conftest import NOON
from tests.operations.webhook_scenes import deliver, make_event, stored_endpoint

pytestmark = pytest.mark.django_db(transaction=True)

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def answered(endpoint, *answers, now=NOON):
    """Take what is due, the oldest first, and write down these answers; return the endpoint as it is then."""
    taken = take_due(endpoint.pk, limit=len(answers), now=now)
    tries = [Tried(claimed, each, now) for claimed, each in zip(taken, answers, strict=True)]
    write(endpoint.pk, tries, alone=True, now=now, chance=lambda: 0.0)
    endpoint.refresh_from_db()
    return endpoint


def try_out(endpoint, *, now):
    webhook_endpoints.test_event(endpoint, by=None, now=now)
    return answered(endpoint, Answer(500), now=now)


def failed(endpoint, member, *, now=NOON):
    """Tell it of a member, in vain."""
    deliver(endpoint, make_event(member, now=now), now=now)
    return answered(endpoint, Answer(500), now=now)


@pytest.mark.parametrize(("status", "state", "error"), [(200, "delivered", ""), (500, "waiting", "broken: DataError")])
def test_an_answer_that_cannot_be_written_spoils_no_other(status, state, error):
    endpoint = stored_endpoint()
    deliveries = [deliver(endpoint, make_event(member)) for member in range(3)]
    answered(endpoint, Answer(200), Answer(status, beginning="\x00"), Answer(200))
    for each in deliveries:
        each.refresh_from_db()
    assert [each.state for each in deliveries] == ["delivered", state, "delivered"]
    assert (deliveries[1].last_status, deliveries[1].last_error) == (status, error)
    assert WebhookAttempt.objects.count() == 3
    assert endpoint.last_delivered_at == NOON


def test_410_counts_beside_what_was_taken():
    endpoint = stored_endpoint()
    for member in range(2):
        deliver(endpoint, make_event(member))
    answered(endpoint, Answer(200), Answer(410))
    assert (endpoint.state, endpoint.off_reason) == ("off", "gone")


def test_a_test_that_fails_is_no_failing():
    endpoint = try_out(stored_endpoint(), now=NOON)
    assert (endpoint.failing_since, endpoint.resting_until) == (None, None)
    assert failed(endpoint, 1, now=NOON + 4 * DAY).failing_since == NOON + 4 * DAY
    assert endpoint.state == "on"


def test_a_test_does_not_switch_it_off():
    endpoint = failed(stored_endpoint(), 1)
    assert try_out(endpoint, now=NOON + SECOND).failing_since == NOON
    assert endpoint.resting_until > NOON + SECOND
    endpoint.deliveries.update(due_at=NOON + 9 * DAY)
    assert try_out(endpoint, now=NOON + TRIED_FOR).state == "on"


def test_a_test_that_is_gone_switches_it_off():
    endpoint = stored_endpoint()
    webhook_endpoints.test_event(endpoint, by=None, now=NOON)
    assert answered(endpoint, Answer(410)).off_reason == "gone"


def test_where_what_failed_is_gone_with_its_member_the_next_failure_is_the_first():
    endpoint = failed(stored_endpoint(), 1)
    with transaction.atomic():
        webhook_events.forget_about(1)
    again = NOON + 4 * DAY
    assert (failed(endpoint, 2, now=again).state, endpoint.failing_since) == ("on", again)
    answered(endpoint, Answer(500), now=again + TRIED_FOR)
    assert (endpoint.state, endpoint.off_reason) == ("off", "failing")


def test_one_of_many_that_have_failed_for_three_days_switches_it_off_whichever_is_tried_then():
    endpoint = failed(stored_endpoint(), 1)
    assert failed(endpoint, 2, now=NOON + 2 * SECOND).state == "on"
    endpoint.deliveries.update(due_at=NOON + 9 * DAY)
    assert failed(endpoint, 3, now=NOON + TRIED_FOR).off_reason == "failing"
