"""Workers are killed while they send: every event arrives, repeats are the same, and each member's come in order."""

import json
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta
from threading import Thread

import psutil
import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ
from standardwebhooks import Webhook

from operations import jobs, webhook_due, webhook_sending
from operations.models import Job, WebhookAttempt, WebhookDelivery, WebhookEvent
from tests.operations.receivers import answer, receiving
from tests.operations.webhook_scenes import SECRET, deliver, make_event, stored_endpoint
from tests.workers import family_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

POINTS = (
    "once they are taken",
    "before one is sent",
    "once one was answered",
    "before the outcomes are written",
    "while the outcomes are written",
    "once the outcomes are written",
)


@pytest.fixture(autouse=True)
def _switch(settings, monkeypatch):
    settings.WEBHOOKS_TO_PRIVATE = True
    monkeypatch.setenv("WEBHOOKS_TO_PRIVATE", "1")


def queue(endpoint, *, members, each):
    """Queue events of these members, turn by turn; return their ids by member."""
    now = timezone.now()
    lines = {member: [] for member in range(1, members + 1)}
    for number in range(each):
        for member, line in lines.items():
            event = make_event(member, number=number, now=now)
            deliver(endpoint, event, now=now)
            line.append(event.message_id)
    return lines


def moody(chance, *, failing):
    """Return answers of which so many of a hundred are failures."""
    return lambda _came, handler: answer(handler, 500 if chance.random() * 100 < failing else 200)


def assert_all_came(receiver, lines):
    """Nothing is lost, a repeat is the same, and of each member the first arrivals are in order."""
    first, bodies = {}, {}
    for place, came in enumerate(receiver.came):
        first.setdefault(came.message_id, place)
        assert bodies.setdefault(came.message_id, came.body) == came.body
        Webhook(SECRET).verify(came.body, came.headers)
    assert set(first) == {message for line in lines.values() for message in line}
    for line in lines.values():
        assert sorted(line, key=first.__getitem__) == line
    events = {event.message_id: event for event in WebhookEvent.objects.all()}
    assert all(json.loads(body)["data"] == events[message].data for message, body in bodies.items())


def waiting():
    return WebhookDelivery.objects.filter(state="waiting").count()


@pytest.mark.parametrize("point", POINTS)
def test_whoever_is_killed_anywhere_leaves_nothing_behind(point, process_environment):
    chance = random.Random(POINTS.index(point))
    with receiving() as receiver:
        endpoint = stored_endpoint(receiver.url)
        lines = queue(endpoint, members=6, each=4)
        command = [sys.executable, "-m", "tests.operations.sending_process", point]
        killed = subprocess.run([*command, str(chance.randrange(1, 4))], env=process_environment, check=False)
        assert killed.returncode == -signal.SIGKILL
        before = waiting()
        time.sleep(0.35)
        webhook_sending.pump(endpoint.pk, now=timezone.now, seconds=20)
    assert (before > 0, waiting()) == (True, 0)
    assert_all_came(receiver, lines)
    if point in POINTS[2:5]:
        assert len(receiver.came) > 24


def test_several_pumps_at_once_with_failures_and_leases_that_run_out(monkeypatch):
    """The leases end while threads are still sending, as if each worker were late."""
    monkeypatch.setattr("operations.webhook_claims.LEASE", timedelta(seconds=0.02))
    monkeypatch.setattr("operations.webhook_retries.DELAYS", (timedelta(0),))
    monkeypatch.setattr("operations.webhook_retries.SHORTEST_REST", timedelta(0))
    chance = random.Random(20261122)

    def answers(came, handler):
        time.sleep(chance.random() * 0.04)
        moody(chance, failing=30)(came, handler)

    def send():
        try:
            while waiting():
                webhook_sending.pump(endpoint.pk, now=timezone.now, seconds=1)
        finally:
            connection.close()

    with receiving(answers) as receiver:
        endpoint = stored_endpoint(receiver.url)
        lines = queue(endpoint, members=8, each=5)
        pumps = [Thread(target=send) for _ in range(4)]
        for each in pumps:
            each.start()
        for each in pumps:
            each.join(60)
    assert waiting() == 0
    assert_all_came(receiver, lines)
    assert len(receiver.came) > 40


def test_real_workers_killed_at_random(worker_processes):
    chance = random.Random(8)

    def answers(came, handler):
        time.sleep(0.02)
        moody(chance, failing=10)(came, handler)

    with receiving(answers) as receiver:
        endpoint = stored_endpoint(receiver.url)
        lines = queue(endpoint, members=30, each=10)
        supervisor = worker_processes()
        kills, struck_at, deadline = 0, 0, time.monotonic() + 150
        while waiting():
            assert time.monotonic() < deadline, f"{waiting()} wait after {kills} kills"
            family, came = family_of(supervisor), len(receiver.came)
            if kills < 3 and family and came > struck_at + 40:
                # The head, and with it the whole cluster in the midst of what it sends.
                with suppress(psutil.NoSuchProcess):
                    family[0].kill()
                OrmQ.objects.all().delete()
                kills, struck_at = kills + 1, came
                # What the killed had taken is free at once, and its job is not waited for: the leases are over.
                time.sleep(0.2)
                past = timezone.now() - timedelta(hours=1)
                WebhookDelivery.objects.filter(taken_until__gt=past).update(taken_until=past)
                Job.objects.filter(function=webhook_due.JOB, state="running").update(started_at=past)
            WebhookDelivery.objects.filter(state="waiting", due_at__gt=timezone.now()).update(due_at=timezone.now())
            jobs.sweep(now=timezone.now())
            time.sleep(0.1)
    assert kills == 3
    assert_all_came(receiver, lines)
    assert WebhookAttempt.objects.filter(status=200).count() >= 300
